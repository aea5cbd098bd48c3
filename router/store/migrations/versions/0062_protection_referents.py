"""Add the table of referents: people appointed to find protected households. Nobody else may search for these
households."""

from alembic import op

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table of referents, `protection_referent`."""
    op.execute("""
        CREATE TABLE protection_referent (
            id uuid PRIMARY KEY,
            personne text NOT NULL,
            menage uuid,
            siao text,
            named_at timestamptz NOT NULL DEFAULT now(),
            ends_at timestamptz NOT NULL
        )
    """)
