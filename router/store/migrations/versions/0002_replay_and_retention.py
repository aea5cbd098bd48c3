"""Replay jobs on the server, and what retention finds old rows by. Only adds: the processes of 0001 go on working."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.create_table(
        "replay_job",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("etat", sa.Text(), nullable=False),
        sa.Column("filtre", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("essai", sa.Boolean(), nullable=False),
        sa.Column("par_seconde", sa.Float(), nullable=False),
        sa.Column("demande_par", sa.Text(), nullable=False),
        sa.Column("motif", sa.Text(), nullable=False),
        sa.Column("faites", sa.Integer(), server_default="0", nullable=False),
        sa.Column("resultats", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("after_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("after_id", sa.Uuid(), nullable=True),
        sa.Column("cree_le", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("fini_le", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "replay_job_open",
        "replay_job",
        ["cree_le"],
        unique=False,
        postgresql_where=sa.text("etat IN ('en_attente', 'en_cours')"),
    )
    op.add_column("quarantine", sa.Column("job_id", sa.Uuid(), nullable=True))
    op.add_column("quarantine", sa.Column("replayed_as", sa.Uuid(), nullable=True))
    op.create_index(
        "quarantine_job", "quarantine", ["job_id"], postgresql_where=sa.text("job_id IS NOT NULL")
    )
    op.create_index(
        "quarantine_on_its_way",
        "quarantine",
        ["replayed_as"],
        postgresql_where=sa.text("etat = 'rejouee' AND replayed_as IS NOT NULL"),
    )
    op.create_index("event_time", "event", ["time"], postgresql_using="brin")
    op.create_index("inbox_time", "inbox", ["received_at"], postgresql_using="brin")
    op.create_index("audit_time", "audit", ["at"], postgresql_using="brin")
