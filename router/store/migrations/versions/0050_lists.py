"""Add the tables of the lists of households ready for housing."""

from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables `list_reader` and `list_change`. These tables get only households that are declared
    ready for housing from now on."""
    op.execute("ALTER TABLE delivery ADD COLUMN numero bigint, ADD COLUMN fiche bigint")
    op.execute("""
        CREATE TABLE list_reader (
            reader text PRIMARY KEY, last bigint NOT NULL, whole_from bigint NOT NULL DEFAULT '0'::bigint
        )
    """)
    op.execute("""
        CREATE TABLE list_change (
            reader text NOT NULL,
            number bigint NOT NULL,
            menage uuid NOT NULL,
            event uuid NOT NULL,
            fiche bigint NOT NULL,
            gone boolean NOT NULL,
            superseded_by bigint,
            over_at timestamptz,
            PRIMARY KEY (reader, number)
        )
    """)
    op.execute("CREATE INDEX list_change_present ON list_change (menage) WHERE superseded_by IS NULL")
    op.execute("CREATE INDEX list_change_event ON list_change (event)")
    op.execute("CREATE INDEX list_change_over ON list_change (over_at) WHERE over_at IS NOT NULL")
    op.execute("CREATE INDEX subject_ready ON subject (id) WHERE nature = 'menage'")
