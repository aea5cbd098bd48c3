"""What a demand ties together is found by it, and an answer of no household is kept no more."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

_EMPTIED = """
    UPDATE delivery d SET reply = NULL FROM event e
    WHERE e.id = d.event_id AND d.reply IS NOT NULL AND (
        position(convert_to('"scelle":[]', 'UTF8') IN e.payload) > 0
        OR NOT EXISTS (SELECT FROM subject s WHERE s.id = d.subject AND s.menage IS NOT NULL))
"""


def upgrade() -> None:
    """Adds an index, and empties answers that the version before sealed under a key that no household has: of an event
    with nothing sealed under the hub's own, of a place under the place's. They cannot be sealed again here, where no
    key is known, and would be readable for as long as the log, whoever is forgotten. One that a dispatcher of that
    version writes after this opens no more, or shows its shape alone, and goes with the log."""
    demand = sa.text("(donnees ->> 'demande')")
    op.create_index("subject_demand", "subject", [demand], postgresql_where=sa.text("donnees ? 'demande'"))
    op.execute(_EMPTIED)
