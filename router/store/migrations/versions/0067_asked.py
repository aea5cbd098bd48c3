"""Add indexes by which a partner finds evaluations to make, and households that it declared ready for housing."""

from alembic import op

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add two indexes on `subject`. One finds the demands to evaluate, by the partner that has to evaluate
    them (`evaluateur`). The other finds the households ready for housing, by SIAO."""
    op.execute(
        "CREATE INDEX subject_to_evaluate ON subject ((donnees ->> 'evaluateur'), changed_at) "
        "WHERE nature = 'demande' AND donnees ? 'evaluation_depuis'"
    )
    op.execute("CREATE INDEX subject_ready_of ON subject ((donnees ->> 'emetteur')) WHERE nature = 'menage'")
