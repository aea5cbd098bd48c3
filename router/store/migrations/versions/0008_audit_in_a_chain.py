"""The audit is bound into a hash chain: a queue of what is to be bound, the links, and rows that nobody may change.

The queue is filled by a trigger, so that nothing that writes an audit row has to know of it, the version before
included.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_QUEUE = """
    CREATE FUNCTION audit_queued() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
    BEGIN
        INSERT INTO audit_queue (audit_id) SELECT id FROM fresh;
        PERFORM pg_notify(TG_TABLE_SCHEMA || '_audit', '');
        RETURN NULL;
    END $$
"""
_QUEUES = """
    CREATE TRIGGER audit_queued AFTER INSERT ON audit REFERENCING NEW TABLE AS fresh
        FOR EACH STATEMENT EXECUTE FUNCTION audit_queued()
"""
_KEPT = """
    CREATE FUNCTION audit_kept() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' AND OLD.at < now() - interval '365 days' THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'audit: a row is never changed, and goes after a year' USING ERRCODE = 'insufficient_privilege';
    END $$
"""
_KEEPS_ALL = (
    "CREATE TRIGGER audit_kept_whole BEFORE TRUNCATE ON {} FOR EACH STATEMENT EXECUTE FUNCTION audit_kept()"
)
_KEEPS = "CREATE TRIGGER audit_kept BEFORE UPDATE OR DELETE ON {} FOR EACH ROW EXECUTE FUNCTION audit_kept()"


def upgrade() -> None:
    """Only adds. What is there already is the first to be bound."""
    op.create_table(
        "audit_queue", sa.Column("audit_id", sa.BigInteger(), primary_key=True, autoincrement=False)
    )
    op.create_table(
        "audit_link",
        sa.Column("number", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("ids", ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("digests", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
    )
    for statement in (_QUEUE, _QUEUES, _KEPT):
        op.execute(statement)
    for table in ("audit", "audit_link"):
        op.execute(_KEEPS.format(table))
        op.execute(_KEEPS_ALL.format(table))
    op.execute("INSERT INTO audit_queue (audit_id) SELECT id FROM audit")
