"""Add the index that finds, by its referral, a request for aide sociale (the State pays for a stay) or a
designation under DAHO (enforceable right to shelter)."""

from alembic import op

revision = "0083"
down_revision = "0082"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create an index of the requests for aide sociale and of the designations under DAHO, by the referral that
    they cite."""
    op.execute(
        "CREATE INDEX subject_stay ON subject ((donnees ->> 'orientation')) WHERE nature IN ('aide_sociale', 'daho')"
    )
