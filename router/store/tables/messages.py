"""Describe the tables of received messages, their idempotency keys, their events and outcomes."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from router.store.tables.columns import at, metadata, said

inbox = Table(
    "inbox",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("partner", Text, nullable=False),
    Column("dialect", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("filename", LargeBinary),  # encrypted like `raw`, because it may contain personal data
    Column("etat", Text, nullable=False),
    Column("raw", LargeBinary),  # encrypted with the message's own key; empty once a large message is decoded
    # for a partly accepted table: a file of the rejected rows
    Column("rows_done", Integer, nullable=False, server_default="0"),
    Column("accepted", Integer, nullable=False, server_default="0"),
    Column("rejected", Integer, nullable=False, server_default="0"),
    Column("rejections", JSONB, nullable=False, server_default="[]"),
    at("received_at"),
    Column("held", Boolean, nullable=False, server_default="false"),  # its events are deferred
    Column("key", LargeBinary),  # HMAC of the idempotency key of a refused message
    Column("keyless", Boolean, nullable=False, server_default="false"),  # the message has no idempotency key
    Column("warnings", JSONB, nullable=False, server_default="[]"),
    Column("nonce", LargeBinary),  # encrypted nonce of the receipt (its key: `nonce_holders`)
    # accepted rows that repeat an earlier event, and have none of their own
    Column("repeated", Integer, nullable=False, server_default="0"),
    Index("inbox_refused", "partner", "key", postgresql_where=text("key IS NOT NULL")),
    Index("inbox_time", "received_at", postgresql_using="brin"),
    Index("inbox_in_progress", "received_at", postgresql_where=text("etat = 'en_cours' OR held")),
    Index("inbox_under_way", "partner", postgresql_where=text("etat = 'en_cours' OR held")),
    Index("inbox_partner", "partner", "received_at"),
    Index(
        "inbox_with_refusals",
        "partner",
        "received_at",
        postgresql_include=["etat", "rejected"],
        postgresql_where=text("etat IN ('refuse', 'partiel')"),
    ),
)

idempotency_key = Table(
    "idempotency_key",
    metadata,
    Column("partner", Text, primary_key=True),
    Column("key", LargeBinary, primary_key=True),  # HMAC
    Column("body_hmac", LargeBinary, nullable=False),
    Column("message_id", Uuid, nullable=False),
    said("expires_at"),
    Column("row", Integer),  # row of the event that a claim is about; NULL for a whole message
    Index("idempotency_key_expiry", "expires_at"),
)

event = Table(
    "event",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("seq", BigInteger, Identity(), nullable=False),
    Column("type", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("subject", Uuid, nullable=False),
    Column("territoire", Text, nullable=False),
    at("time"),
    Column("correlation", Uuid, nullable=False),
    Column("causation", Uuid),
    Column("trace", Text),
    Column("message_row", Integer),
    Column("payload", LargeBinary, nullable=False),  # {clair, scelle}
    Column("mac", LargeBinary),  # proof on the bus
    Index("event_correlation", "correlation"),
    Index("event_time", "time", postgresql_using="brin"),
    Index("event_subject", "subject", "seq"),
    Index("event_seq", "seq", postgresql_using="brin"),
    Index(
        "event_direct_admission",
        "time",
        postgresql_where=text("type = 'fr.siao.orientation.admission.directe.v1'"),
    ),
)

outbox = Table(
    "outbox",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column(
        "shard", SmallInteger, nullable=False
    ),  # last byte of the subject; -1 if parked behind an event in quarantine
    Column("partner", Text),
    Column("subject", Uuid),
    Column("bulk", Boolean, nullable=False, server_default="false"),  # small messages go first
    Index(
        "outbox_turns",
        "bulk",
        "partner",
        "seq",
        postgresql_include=["shard"],
        postgresql_where=text("shard >= 0"),
    ),
    Index("outbox_subject", "subject", "seq", postgresql_where=text("shard >= 0")),
    Index("outbox_parked", "event_id", postgresql_where=text("shard = -1")),
)

outcome = Table(
    "outcome",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("kind", Text, primary_key=True),  # sans_effet | anomalie | repris_du_bus
    Column("reason", Text, nullable=False),
    at(),
    Column("etat", Text),  # state of its subject when the rules were applied
)
