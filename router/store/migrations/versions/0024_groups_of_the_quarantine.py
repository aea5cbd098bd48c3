"""An index by which what is in quarantine is grouped without reading all of it. And no version writes an event without
its subject any more: nobody needs to name it."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """`quarantine_group` goes: the same rows are found group by group."""
    op.create_index(
        "quarantine_open_group",
        "quarantine",
        ["cause", "fingerprint", sa.text("COALESCE(partner, '')"), "created_at"],
        postgresql_include=["partner"],
        postgresql_where=sa.text("etat = 'ouverte'"),
    )
    op.drop_index("quarantine_group", "quarantine")
    op.execute("DROP TRIGGER outbox_named ON outbox")
    op.execute("DROP FUNCTION outbox_named()")
