"""The console: who is logged in, and the places that somebody may be sent to, by manager."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_PLACES = "nature = 'place' AND etat IN ('DISPONIBLE', 'RESERVEE', 'A_LIBERER', 'INDISPONIBLE')"


def upgrade() -> None:
    """Only adds."""
    op.create_table(
        "console_session",
        sa.Column("secret", sa.LargeBinary(), primary_key=True),
        sa.Column("attend", JSONB(), nullable=True),
        sa.Column("personne", JSONB(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index(
        "subject_places",
        "subject",
        ["etat", sa.text("(donnees ->> 'gestionnaire')"), "changed_at"],
        postgresql_where=sa.text(_PLACES),
    )
