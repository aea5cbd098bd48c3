"""Add the index by which a demand is found by a later id of its household."""

from alembic import op

revision = "0079"
down_revision = "0078"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create an index of the demands whose household was described again under another id, by that id. Demands
    described so by the previous version are not in it."""
    op.execute(
        "CREATE INDEX subject_described_as ON subject USING gin ((donnees -> 'autres_menages')) "
        "WHERE donnees ? 'autres_menages'"
    )
