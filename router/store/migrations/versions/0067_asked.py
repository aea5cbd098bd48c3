"""Indexes by which a partner's tasks are found: evaluations that it is asked for, and households on its own
list."""

from alembic import op

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add two indexes on `subject`: by asked partner for the few awaited evaluations, and by sender for
    households."""
    op.execute(
        "CREATE INDEX subject_to_evaluate ON subject ((donnees ->> 'evaluateur'), changed_at) "
        "WHERE nature = 'demande' AND donnees ? 'evaluation_depuis'"
    )
    op.execute("CREATE INDEX subject_ready_of ON subject ((donnees ->> 'emetteur')) WHERE nature = 'menage'")
