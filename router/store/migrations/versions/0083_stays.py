"""Add an index of the requests for aide sociale (the State pays for a stay) and of the designations under
DAHO (enforceable right to shelter), by the referral that they cite."""

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
