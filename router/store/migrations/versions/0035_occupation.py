"""Figures of occupation are held beside the places that are known, and direct admissions are counted."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only adds: places that are lived in join the others in `subject_places`."""
    manager = sa.text("(donnees ->> 'gestionnaire')")
    op.create_index(
        "subject_figures", "subject", [manager], postgresql_where=sa.text("nature = 'groupe_places'")
    )
    op.drop_index("subject_places", "subject")
    op.create_index(
        "subject_places",
        "subject",
        ["etat", manager, "changed_at"],
        postgresql_where=sa.text(
            "nature = 'place'"
            " AND etat IN ('DISPONIBLE', 'RESERVEE', 'A_LIBERER', 'INDISPONIBLE', 'OCCUPEE', 'DECLAREE')"
        ),
    )
    op.create_index(
        "event_direct_admission",
        "event",
        ["time"],
        postgresql_where=sa.text("type = 'fr.siao.orientation.admission.directe.v1'"),
    )
