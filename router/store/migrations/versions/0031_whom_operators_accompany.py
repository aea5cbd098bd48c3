"""Referrals whose household an operator is asked to accompany: each operator sees its own."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only adds."""
    op.create_index(
        "subject_accompanied",
        "subject",
        ["changed_at"],
        postgresql_where=sa.text("donnees ? 'operateurs_attendus'"),
    )
