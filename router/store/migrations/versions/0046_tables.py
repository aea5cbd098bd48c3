"""Create all tables of version 0.2.0, the first version of the hub that was installed."""

from pathlib import Path

from alembic import context, op

revision = "0046"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create all tables, and store PostgreSQL's present timeline (a number that grows when a standby takes
    over). The tables of keys are in a schema of their own."""
    attributes = context.config.attributes
    statements = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    for name, schema in (("TABLES", attributes["schema"]), ("KEYS", attributes["keys_schema"])):
        statements = statements.replace(name, f'"{schema}"')
    driver = op.get_bind().connection.dbapi_connection
    assert driver is not None, "a connection at work has a driver's"
    driver.run_async(lambda connection: connection.execute(statements))
