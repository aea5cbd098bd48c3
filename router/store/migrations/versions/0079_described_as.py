"""Add the index that finds a demand by the other ids of its household. A household that was described again under
another id has such ids."""

from alembic import op

revision = "0079"
down_revision = "0078"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create an index of demands by the other ids of their household. A household that was described again
    under another id has such ids. The index lacks a demand if a process of the previous version recorded the
    new description."""
    op.execute(
        "CREATE INDEX subject_described_as ON subject USING gin ((donnees -> 'autres_menages')) "
        "WHERE donnees ? 'autres_menages'"
    )
