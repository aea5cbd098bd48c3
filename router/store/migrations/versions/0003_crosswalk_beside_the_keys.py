"""The crosswalk joins the keys, in the schema that never goes back to an earlier moment."""

import sqlalchemy as sa
from alembic import context, op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Statements of every version find it through the search path, in either schema."""
    keys = context.config.attributes["keys_schema"]
    if sa.inspect(op.get_bind()).has_table("crosswalk", schema=keys):
        # A backup from before this version was restored beside keys that were moved since: theirs says all of it.
        op.drop_table("crosswalk", schema=context.config.attributes["schema"])
    else:
        op.execute(f'ALTER TABLE crosswalk SET SCHEMA "{keys}"')
