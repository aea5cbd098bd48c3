"""Add the table that leads from a numéro unique to its candidacy, or to its household ready for housing. It
has the fingerprints of the numéros uniques."""

from alembic import op

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table `housing_number`, which leads from the fingerprint of a numéro unique to its candidacy
    or household."""
    op.execute("""
        CREATE TABLE housing_number (
            number bytea,
            subject uuid,
            menage uuid NOT NULL,
            sealed bytea NOT NULL,
            fused boolean NOT NULL DEFAULT false,
            PRIMARY KEY (number, subject)
        )
    """)
    op.execute("CREATE INDEX housing_number_subject ON housing_number (subject)")
    op.execute("CREATE INDEX housing_number_menage ON housing_number (menage)")
