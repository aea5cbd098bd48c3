"""Add the table of the HMAC keys in use, so that a key can be replaced while the hub runs."""

from alembic import context, op

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table `hmac_key`, which lists the marks (short names) of the HMAC keys in use, in the schema
    that holds the data keys."""
    schema = context.config.attributes["keys_schema"]
    op.execute(f"""
        CREATE TABLE "{schema}".hmac_key (
            mark bytea PRIMARY KEY,
            at timestamptz NOT NULL DEFAULT now()
        )
    """)
