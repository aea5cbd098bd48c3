"""Add accounts for people of partners that have no identity provider. They log in by a link in a mail and a
code of their second factor."""

from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables `account` and `login_link`: people who log in without an identity provider, and the
    links by which they log in."""
    op.execute("""
        CREATE TABLE account (
            id uuid PRIMARY KEY,
            partner text NOT NULL,
            address bytea NOT NULL UNIQUE,
            sealed bytea NOT NULL,
            factor bytea,
            last_step bigint,
            failures integer NOT NULL DEFAULT 0,
            created_at timestamptz NOT NULL DEFAULT now(),
            entered_at timestamptz,
            told_at timestamptz,
            urgent text[] NOT NULL DEFAULT '{}'
        )
    """)
    op.execute("""
        CREATE TABLE login_link (
            hash bytea PRIMARY KEY,
            account uuid NOT NULL REFERENCES account ON DELETE CASCADE,
            created_at timestamptz NOT NULL DEFAULT now(),
            expires_at timestamptz NOT NULL,
            used_at timestamptz
        )
    """)
    op.execute("CREATE INDEX login_link_account ON login_link (account, created_at)")
