"""Add the tables for requests of persons about their data (GDPR), and for households with restricted use of
data."""

from alembic import op

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables `person_request` and `limitation`: the requests of persons about their data, and the
    data whose use is restricted."""
    op.execute("""
        CREATE TABLE person_request (
            id uuid PRIMARY KEY,
            menage uuid NOT NULL,
            droit text NOT NULL,
            etat text NOT NULL,
            received_at timestamptz NOT NULL,
            due_at timestamptz NOT NULL,
            decided_at timestamptz
        )
    """)
    op.execute("CREATE INDEX person_request_open ON person_request (due_at) WHERE etat = 'ouverte'")
    op.execute("""
        CREATE TABLE limitation (
            ident uuid,
            request uuid,
            since timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (ident, request)
        )
    """)
