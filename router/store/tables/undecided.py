"""Describe the tables of what waits for a person's decision: quarantine, orphans, replay jobs."""

from sqlalchemy import Boolean, Column, Float, Index, Integer, LargeBinary, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from router.store.tables.columns import at, metadata

quarantine = Table(
    "quarantine",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("etat", Text, nullable=False),  # ouverte | rejouee | appliquee | resolue | classee
    Column("cause", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("partner", Text),
    Column("message_id", Uuid),
    Column("event_id", Uuid),
    Column("subject", Uuid),
    Column("raw", LargeBinary),
    Column("detail", JSONB, nullable=False),
    at("created_at"),
    at("settled_at", nullable=True),  # of an open row: moment at which it came back
    Column("job_id", Uuid),  # the job that replayed it last
    Column("replayed_as", Uuid),  # the new message that it became
    Index(
        "quarantine_of_sender",
        "cause",
        text("COALESCE(partner, '')"),
        "created_at",
        "fingerprint",
        postgresql_include=["partner"],
        postgresql_where=text("etat = 'ouverte'"),
    ),
    Index("quarantine_open", "created_at", "id", postgresql_where=text("etat = 'ouverte'")),
    Index("quarantine_open_of", "partner", "created_at", "id", postgresql_where=text("etat = 'ouverte'")),
    Index("quarantine_job", "job_id", postgresql_where=text("job_id IS NOT NULL")),
    Index(
        "quarantine_on_its_way",
        "replayed_as",
        postgresql_where=text("etat = 'rejouee' AND replayed_as IS NOT NULL"),
    ),
    Index("quarantine_applied", "event_id", postgresql_where=text("etat = 'appliquee'")),
    Index("quarantine_message", "message_id", postgresql_where=text("message_id IS NOT NULL")),
    Index("quarantine_event", "event_id", postgresql_where=text("event_id IS NOT NULL")),
    Index(
        "quarantine_blocked",
        "subject",
        postgresql_where=text("etat IN ('ouverte', 'rejouee') AND subject IS NOT NULL"),
    ),
)

orphan = Table(
    "orphan",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("partner", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("etat", Text, nullable=False, server_default="ouverte"),  # ouverte | rattachee | classee
    Column("attached_to", Uuid),
    at("created_at"),
    at("settled_at", nullable=True),
    Index("orphan_open", "created_at", postgresql_where=text("etat = 'ouverte'")),
    Index("orphan_open_of", "partner", "created_at", postgresql_where=text("etat = 'ouverte'")),
)

replay_job = Table(
    "replay_job",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("etat", Text, nullable=False),  # en_attente | en_cours | en_pause | annule | termine
    Column("filtre", JSONB, nullable=False),
    Column("essai", Boolean, nullable=False),
    Column("par_seconde", Float, nullable=False),
    Column("demande_par", Text, nullable=False),
    Column("motif", Text, nullable=False),
    Column("faites", Integer, nullable=False, server_default="0"),
    Column("resultats", JSONB, nullable=False, server_default="{}"),
    at("after_at", nullable=True),
    Column("after_id", Uuid),
    at("cree_le"),
    at("fini_le", nullable=True),
    Index("replay_job_open", "cree_le", postgresql_where=text("etat IN ('en_attente', 'en_cours')")),
)
