"""What removes the audit that has had its time is a function of the owner: the hub itself may remove nothing of it."""

from alembic import context, op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_EXPIRED = """
    CREATE FUNCTION audit_expired(age interval, links int) RETURNS SETOF bigint
    LANGUAGE sql SECURITY DEFINER SET search_path = "{schema}", pg_temp AS $$
        WITH old AS (
            SELECT number, ids FROM audit_link WHERE at < now() - age ORDER BY number LIMIT links
        ), unlinked AS (
            DELETE FROM audit_link USING old WHERE audit_link.number = old.number
        )
        DELETE FROM audit USING old WHERE audit.id = ANY(old.ids) RETURNING audit.id
    $$
"""


def upgrade() -> None:
    """Only adds. The trigger `audit_kept` still refuses what is younger than a year, whatever age is asked for."""
    schema = context.config.attributes["schema"]
    op.execute(_EXPIRED.format(schema=schema))
    op.execute("REVOKE ALL ON FUNCTION audit_expired FROM PUBLIC")
