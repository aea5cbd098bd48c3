"""Deadlines that run; since when each open subject is in its state.

Those of what is open already are counted from now on: nobody was reminded of them before.
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only adds, but for an index by which reservations were found. A worker notes what runs when it starts."""
    op.create_table(
        "deadline",
        sa.Column("subject", sa.Uuid(), sa.ForeignKey("subject.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("kind", sa.Text(), primary_key=True),
        sa.Column("started_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("stage", sa.SmallInteger(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.create_index("deadline_next", "deadline", ["next_at"], postgresql_where=sa.text("next_at IS NOT NULL"))
    op.drop_index("subject_due", "subject")
    op.execute(
        """UPDATE subject SET donnees = donnees || jsonb_build_object('etat_depuis', changed_at, 'delais_depuis', now())
           WHERE nature IN ('orientation', 'candidature', 'place') AND etat NOT IN ('DISPONIBLE', 'OCCUPEE')
             AND NOT donnees ? 'etat_depuis'"""
    )
