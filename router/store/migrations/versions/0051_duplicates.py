"""Add the tables by which households that may be duplicates are found. What two such households share is
stored as fingerprints."""

from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables by which households that may be duplicates are found: `household_card`,
    `household_block` and `duplicate`, with their indexes. Add an index of events by sequence number."""
    op.execute("""
        CREATE TABLE household_card (
            menage uuid PRIMARY KEY,
            siao text NOT NULL,
            sealed bytea NOT NULL,
            seen bigint NOT NULL
        )
    """)
    op.execute("CREATE INDEX household_card_seen ON household_card (seen)")
    op.execute("CREATE TABLE household_block (block bytea, menage uuid, PRIMARY KEY (block, menage))")
    op.execute("CREATE INDEX household_block_menage ON household_block (menage)")
    op.execute("""
        CREATE TABLE duplicate (
            menage uuid,
            autre uuid,
            etat text NOT NULL,
            indices text[] NOT NULL,
            siaos text[] NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            decided_by text,
            decided_at timestamptz,
            PRIMARY KEY (menage, autre)
        )
    """)
    op.execute("CREATE INDEX duplicate_autre ON duplicate (autre)")
    op.execute("CREATE INDEX duplicate_undecided ON duplicate (created_at) WHERE etat = 'propose'")
    op.execute("CREATE INDEX event_seq ON event USING brin (seq)")
