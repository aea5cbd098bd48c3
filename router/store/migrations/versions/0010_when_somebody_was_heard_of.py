"""When a household, referral or candidacy was heard of last: who is in no referral is forgotten in time, too."""

import sqlalchemy as sa
from alembic import context, op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_KNOWN = """
    INSERT INTO heard (holder, at)
    SELECT id, COALESCE(max(at), now()) FROM (
        SELECT id, CAST(NULL AS timestamptz) AS at FROM crosswalk
        WHERE nature IN ('menage', 'orientation', 'candidature')
        UNION ALL SELECT menage, changed_at FROM subject WHERE menage IS NOT NULL
        UNION ALL SELECT id, changed_at FROM subject WHERE menage IS NOT NULL
    ) AS known WHERE EXISTS (SELECT FROM partner) GROUP BY id ON CONFLICT DO NOTHING
"""
"""Not on a replica of the keys, which has no partners: it gets these rows from the other side."""


def upgrade() -> None:
    """Only adds. Who is in no referral was heard of now, for nobody knows when."""
    keys = context.config.attributes["keys_schema"]
    if not sa.inspect(op.get_bind()).has_table("heard", schema=keys):
        op.create_table(
            "heard",
            sa.Column("holder", sa.Uuid(), primary_key=True),
            sa.Column("at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
            schema=keys,
        )
        op.create_index("heard_at", "heard", ["at"], schema=keys)
    op.execute(_KNOWN)
