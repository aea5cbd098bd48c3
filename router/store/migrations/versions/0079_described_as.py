"""Add the index that finds a demand by another id of its household, under which the household was described
again later."""

from alembic import op

revision = "0079"
down_revision = "0078"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create an index of demands by the other ids of their households: a household that was described again
    under another id has such ids. If a process of the previous version recorded the new description, the
    demand is not in the index."""
    op.execute(
        "CREATE INDEX subject_described_as ON subject USING gin ((donnees -> 'autres_menages')) "
        "WHERE donnees ? 'autres_menages'"
    )
