"""What is seen of the hub: heartbeats, how each partner's way out does, samples of what waits; indexes by which every
question about that is answered; what a partner answered to a delivery."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_WAITING = "etat IN ('en_attente', 'en_vol')"


def _at(name: str, *, nullable: bool = False) -> sa.Column[datetime]:
    default = None if nullable else sa.func.now()
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable, server_default=default)


def upgrade() -> None:
    """Only adds, but for `delivery_late`: the same rows are found partner by partner."""
    _tables()
    op.add_column("delivery", sa.Column("reply", sa.LargeBinary(), nullable=True))
    op.create_index(
        "delivery_oldest", "delivery", ["partner", "created_at"], postgresql_where=sa.text(_WAITING)
    )
    op.drop_index("delivery_late", "delivery")
    op.create_index("delivery_time", "delivery", ["created_at"], postgresql_using="brin")
    op.create_index("inbox_partner", "inbox", ["partner", "received_at"])
    op.create_index(
        "inbox_refusals", "inbox", ["partner", "received_at"], postgresql_where=sa.text("etat = 'refuse'")
    )
    op.create_index(
        "quarantine_open", "quarantine", ["created_at", "id"], postgresql_where=sa.text("etat = 'ouverte'")
    )
    op.create_index("audit_people", "audit", ["id"], postgresql_where=sa.text("action NOT LIKE 'message.%'"))
    op.create_index(
        "audit_about", "audit", ["object"], postgresql_where=sa.text("action NOT LIKE 'message.%'")
    )
    op.create_index(
        "subject_owed",
        "subject",
        ["etat", sa.text("(donnees ->> 'destinataire')"), "changed_at"],
        postgresql_where=sa.text("donnees ? 'destinataire'"),
    )


def _tables() -> None:
    op.create_table(
        "heartbeat",
        sa.Column("process", sa.Uuid(), primary_key=True),
        sa.Column("role", sa.Text(), primary_key=True),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("attend", sa.Text(), nullable=True),
        _at("started_at"),
        _at("beat_at"),
    )
    op.create_table(
        "contact",
        sa.Column("partner", sa.Text(), primary_key=True),
        sa.Column("etat", sa.Text(), nullable=True),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False, server_default="0"),
        _at("since", nullable=True),
        _at("next_try_at", nullable=True),
        _at("polled_at", nullable=True),
    )
    op.create_table(
        "backlog_sample",
        sa.Column("at", sa.DateTime(timezone=True), primary_key=True, server_default=sa.func.now()),
        sa.Column("accepted", sa.BigInteger(), nullable=False),
        sa.Column("owed", sa.BigInteger(), nullable=False),
        sa.Column("piles", JSONB(), nullable=False),
    )
