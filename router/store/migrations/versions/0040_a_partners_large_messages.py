"""Whether a partner has a large message under way is found by its name alone."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only adds. By its partner a message is found through `inbox_partner`, too. Where PostgreSQL has no statistics
    yet, it took that index at the door, and read all that a partner had ever sent once for each message."""
    op.create_index(
        "inbox_under_way",
        "inbox",
        ["partner"],
        postgresql_where=sa.text("etat = 'en_cours' OR held"),
    )
