"""Add the table that leads from a numéro unique to its candidacy or its household ready for housing. It
contains keyed hashes of these numbers."""

from alembic import op

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table that leads from the keyed hash of a numéro unique to its candidacy or household,
    `housing_number`."""
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
