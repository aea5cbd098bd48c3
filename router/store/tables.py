"""Every table. Migrations are generated from here; a test fails when the two differ.

`inbox` and `event` keep what happened, `outbox` what is still to be applied, `subject` where each place,
referral and candidacy stands, `delivery` and `lane` what partners are still owed. What must never go back to an
earlier moment lives in a schema of its own, found through the search path: the keys (`holder_key`, `key_link`,
`wrapping_key`), whom somebody spoke of last and when (`heard`), and what partners call things (`crosswalk`).
"""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

metadata = MetaData()
keys_metadata = MetaData()


def _at(name: str = "at", nullable: bool = False) -> Column[datetime]:
    default = None if nullable else func.now()
    return Column(name, DateTime(timezone=True), nullable=nullable, server_default=default)


def _said(name: str) -> Column[datetime]:
    """A moment that every row has to say: by default it would be over as soon as the row is written."""
    return Column(name, DateTime(timezone=True), nullable=False)


partner = Table(
    "partner",
    metadata,
    Column("id", Text, primary_key=True),
    Column("entry", JSONB, nullable=False),
    _at("applied_at"),
)

inbox = Table(
    "inbox",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("partner", Text, nullable=False),
    Column("dialect", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("filename", LargeBinary),  # sealed likewise: a sender may have made it of anything
    Column("etat", Text, nullable=False),
    Column(
        "raw", LargeBinary
    ),  # sealed under the message's own key; empty once a large one is read to its end; of a
    # table that is taken in part, its refused rows as a file
    Column("rows_done", Integer, nullable=False, server_default="0"),
    Column("accepted", Integer, nullable=False, server_default="0"),
    Column("rejected", Integer, nullable=False, server_default="0"),
    Column("rejections", JSONB, nullable=False, server_default="[]"),
    _at("received_at"),
    Column("held", Boolean, nullable=False, server_default="false"),  # its events are deferred
    Column("key", LargeBinary),  # HMAC; of a refused message, which does not hold it
    Column("keyless", Boolean, nullable=False, server_default="false"),  # known by its bytes alone
    Column("warnings", JSONB, nullable=False, server_default="[]"),
    Column(
        "nonce", LargeBinary
    ),  # of the receipt: sealed under the message's own key where it is about somebody
    Index("inbox_refused", "partner", "key", postgresql_where=text("key IS NOT NULL")),
    Index("inbox_time", "received_at", postgresql_using="brin"),
    Index("inbox_in_progress", "received_at", postgresql_where=text("etat = 'en_cours' OR held")),
    Index("inbox_under_way", "partner", postgresql_where=text("etat = 'en_cours' OR held")),
    Index("inbox_partner", "partner", "received_at"),
    Index("inbox_refusals", "partner", "received_at", postgresql_where=text("etat = 'refuse'")),
)

idempotency_key = Table(
    "idempotency_key",
    metadata,
    Column("partner", Text, primary_key=True),
    Column("key", LargeBinary, primary_key=True),  # HMAC
    Column("body_hmac", LargeBinary, nullable=False),
    Column("message_id", Uuid, nullable=False),
    _said("expires_at"),
    Column("row", Integer),  # of a claim on the id of one event; none of one on a whole message
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
    _at("time"),
    Column("correlation", Uuid, nullable=False),
    Column("causation", Uuid),
    Column("trace", Text),
    Column("message_row", Integer),
    Column("payload", LargeBinary, nullable=False),  # {clair, scelle}
    Column("mac", LargeBinary),  # its proof on the bus; the version before wrote none
    Index("event_correlation", "correlation"),
    Index("event_time", "time", postgresql_using="brin"),
    Index("event_subject", "subject", "seq"),
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
    ),  # a byte of the subject; -1: parked behind one in quarantine
    Column("partner", Text),
    Column("subject", Uuid),
    Column("bulk", Boolean, nullable=False, server_default="false"),  # gives way to small messages
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
    _at(),
    Column("etat", Text),  # of its subject, when it was judged
)

subject = Table(
    "subject",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("nature", Text, nullable=False),
    Column("etat", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("donnees", JSONB, nullable=False),  # C0 and C1 only
    Column("menage", Uuid),
    _at("due_at", nullable=True),
    _at("changed_at"),
    Index("subject_menage", "menage", postgresql_where=text("menage IS NOT NULL")),
    Index("subject_demand", text("(donnees ->> 'demande')"), postgresql_where=text("donnees ? 'demande'")),
    Index(
        "subject_owed",
        "etat",
        text("(donnees ->> 'destinataire')"),
        "changed_at",
        postgresql_where=text("donnees ? 'destinataire'"),
    ),
    Index(
        "subject_accompanied",
        "changed_at",
        postgresql_where=text("donnees ? 'operateurs_attendus'"),
    ),
    Index(
        "subject_places",
        "etat",
        text("(donnees ->> 'gestionnaire')"),
        "changed_at",
        postgresql_where=text(
            "nature = 'place'"
            " AND etat IN ('DISPONIBLE', 'RESERVEE', 'A_LIBERER', 'INDISPONIBLE', 'OCCUPEE', 'DECLAREE')"
        ),
    ),
    Index(
        "subject_figures",
        text("(donnees ->> 'gestionnaire')"),
        postgresql_where=text("nature = 'groupe_places'"),
    ),
    Index(
        "subject_received",
        text("left(donnees ->> 'remise_le', 7)"),
        postgresql_where=text("donnees ? 'remise_le'"),
    ),
)

deadline = Table(
    "deadline",
    metadata,
    Column("subject", Uuid, ForeignKey("subject.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", Text, primary_key=True),
    _said("started_at"),  # with its kind, which one it is
    _said("due_at"),
    Column("stage", SmallInteger, nullable=False),  # how many of its stages are over
    _at("next_at", nullable=True),  # when the next one is
    Index("deadline_next", "next_at", postgresql_where=text("next_at IS NOT NULL")),
)

delivery = Table(
    "delivery",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("seq", BigInteger, Identity(), nullable=False),
    Column("partner", Text, nullable=False),
    Column("subject", Uuid, nullable=False),
    Column("event_id", Uuid, nullable=False),
    Column("etat", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("error", Text),
    _at("created_at"),
    _at("settled_at", nullable=True),
    Column("subject_etat", Text),  # where its subject stood: what its recipient may read of it stays the same
    Column("reply", LargeBinary),  # what its recipient answered: cut, and sealed under its household's key
    Index("delivery_event", "event_id"),
    Index("delivery_lane", "subject", "seq", postgresql_where=text("etat IN ('en_attente', 'en_vol')")),
    Index(
        "delivery_oldest", "partner", "created_at", postgresql_where=text("etat IN ('en_attente', 'en_vol')")
    ),
    Index("delivery_time", "created_at", postgresql_using="brin"),
    Index("delivery_mailbox", "partner", "seq", postgresql_where=text("etat = 'deposee'")),
    Index("delivery_task", "created_at", postgresql_where=text("etat IN ('refusee', 'incertaine')")),
    Index(
        "delivery_task_of",
        "partner",
        "created_at",
        postgresql_where=text("etat IN ('refusee', 'incertaine')"),
    ),
    Index(
        "delivery_ended",
        "partner",
        "created_at",
        postgresql_where=text("etat NOT IN ('en_attente', 'en_vol')"),
    ),
)

lane = Table(
    "lane",
    metadata,
    Column("partner", Text, primary_key=True),
    Column("subject", Uuid, primary_key=True),
    Column("pending", Integer, nullable=False),
    _at("due_at"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("token", BigInteger, nullable=False, server_default="0"),
    Column("bulk", Boolean, nullable=False, server_default="false"),  # gives way to small messages
    Column("rested", BigInteger),  # the token under which it was last released
    Column("held_by", Text),  # the process that claimed it last, and under which token
    Index("lane_turns", "partner", "bulk", "due_at", postgresql_where=text("pending > 0")),
    Index("lane_empty", "due_at", postgresql_where=text("pending = 0")),
)

lot_line = Table(
    "lot_line",
    metadata,
    Column("delivery", Uuid, primary_key=True),
    Column("partner", Text, nullable=False),
    Column("lot", Uuid, nullable=False),
    Column("size", Integer, nullable=False),  # lines of the lot when it was made
    Index("lot_line_partner", "partner"),
)

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
    _at("created_at"),
    _at("settled_at", nullable=True),
    Column("job_id", Uuid),  # the job that replayed it last
    Column("replayed_as", Uuid),  # the new message that it became
    Index(
        "quarantine_open_group",
        "cause",
        "fingerprint",
        text("COALESCE(partner, '')"),
        "created_at",
        postgresql_include=["partner"],
        postgresql_where=text("etat = 'ouverte'"),
    ),
    Index("quarantine_open", "created_at", "id", postgresql_where=text("etat = 'ouverte'")),
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
    _at("created_at"),
    _at("settled_at", nullable=True),
    Index("orphan_open", "created_at", postgresql_where=text("etat = 'ouverte'")),
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
    _at("after_at", nullable=True),
    Column("after_id", Uuid),
    _at("cree_le"),
    _at("fini_le", nullable=True),
    Index("replay_job_open", "cree_le", postgresql_where=text("etat IN ('en_attente', 'en_cours')")),
)

audit = Table(
    "audit",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    _at(),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("object", Text, nullable=False),
    Column("detail", JSONB, nullable=False, server_default="{}"),
    Index("audit_time", "at", postgresql_using="brin"),
    Index("audit_people", "id", postgresql_where=text("action NOT LIKE 'message.%'")),
    Index("audit_about", "object", postgresql_where=text("action NOT LIKE 'message.%'")),
    Index("audit_actor", "actor", "id", postgresql_where=text("action NOT LIKE 'message.%'")),
)

audit_queue = Table(
    "audit_queue", metadata, Column("audit_id", BigInteger, primary_key=True, autoincrement=False)
)

audit_link = Table(
    "audit_link",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("previous", LargeBinary, nullable=False),
    Column("ids", ARRAY(BigInteger), nullable=False),
    Column("digests", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    _at(),
    Index("audit_link_time", "at"),
)

audit_head = Table(
    "audit_head",  # what receipts show: the heads that count are outside
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", DateTime(timezone=True), primary_key=True),
    Column("since", BigInteger, nullable=False),
    Column("line", Text, nullable=False),
)

key_use = Table(
    "key_use",
    metadata,
    Column("key", Text, primary_key=True),  # of an API key the hash, as in the registry
    _said("used_at"),
)

lease = Table(
    "lease",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Uuid, nullable=False),
    Column("token", BigInteger, nullable=False),
    _said("until"),
)

origin = Table(
    "origin",
    metadata,
    Column("written", Text, primary_key=True),  # table and transaction, as PostgreSQL knows them of this row
    Column(
        "timeline", Integer
    ),  # on which PostgreSQL wrote it; null where nobody knows: the tables went back
    _at("seen_at"),
    Column(
        "synchronous", Boolean, nullable=False, server_default=text("false")
    ),  # a standby had all of it then
    _at("took_over_at", nullable=True),  # the last standby that did, and was made good
    Column("has_journal", Boolean, nullable=False, server_default=text("false")),  # outside the database
)

heartbeat = Table(
    "heartbeat",
    metadata,
    Column("process", Uuid, primary_key=True),
    Column("role", Text, primary_key=True),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("version", Text, nullable=False),
    Column("attend", Text),  # what the role waits for; NULL while it works
    _at("started_at"),
    _at("beat_at"),
    Column("unknown_keys", Integer, nullable=False, server_default="0"),  # requests of the last hour
    Column("birth", Text),  # which process of its machine it is; NULL where its system does not tell
)

contact = Table(
    "contact",
    metadata,
    Column("partner", Text, primary_key=True),
    Column("etat", Text),  # joignable | injoignable | acces_refuse | refuse; NULL before the first attempt
    Column("cause", Text),
    Column("failures", Integer, nullable=False, server_default="0"),
    _at("since", nullable=True),
    _at("next_try_at", nullable=True),
    _at("polled_at", nullable=True),
    _at("asked_at", nullable=True),  # when somebody asked to try it at once
)

rhythm = Table(
    "rhythm",
    metadata,
    Column("partner", Text, primary_key=True),
    Column("learnt", JSONB),  # NULL where there is none to rely on
    _at("learnt_at", nullable=True),
    _at("silent_since", nullable=True),  # by when it should have spoken, where it was told to be silent
)

doubt = Table(
    "doubt",
    metadata,
    Column("partner", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("dispositif", Text, primary_key=True),  # empty of vacancies
    Column("since", DateTime(timezone=True), nullable=False),
    Column("day", Date, nullable=False),
    Column("said", Integer, nullable=False),
    Column("known", Integer),
)

source_halt = Table(
    "source_halt",
    metadata,
    Column("partner", Text, primary_key=True),
    Column("topic", Text, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("first", BigInteger, nullable=False),  # offset that is not passed
    Column("following", BigInteger, nullable=False),  # the first one behind it
    Column("cause", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("since", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("go_on_at", BigInteger),  # NULL until somebody says from where
)

backlog_sample = Table(
    "backlog_sample",
    metadata,
    Column("at", DateTime(timezone=True), primary_key=True, server_default=func.now()),
    Column("accepted", BigInteger, nullable=False),  # numbers given so far to events
    Column("owed", BigInteger, nullable=False),  # and to deliveries
    Column("piles", JSONB, nullable=False),  # rows that wait, by stage
)

alarm = Table(
    "alarm",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("code", Text, nullable=False),
    Column("about", Text, nullable=False),  # a role, a partner, a cause or a net
    Column("sentence", Text, nullable=False),
    _said("first_seen"),
    Column("started_at", DateTime(timezone=True)),  # NULL while it has not held for long enough
    Column("gone_at", DateTime(timezone=True)),  # NULL while it holds
    Column("ended_at", DateTime(timezone=True)),
    Column("told", ARRAY(Text), nullable=False),  # which notice went out on which channel
)

console_session = Table(
    "console_session",
    metadata,
    Column("secret", LargeBinary, primary_key=True),  # SHA-256 of what the browser holds
    Column("attend", JSONB),  # of a login that is under way: what the identity provider has to prove
    Column("personne", JSONB),  # who is logged in; NULL while nobody is
    _said("expires_at"),  # where nobody uses it until then
    Column("proof", LargeBinary),  # what the provider is asked again by, sealed under what the browser holds
    Column("asked_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("ends_at", DateTime(timezone=True)),  # however much it is used
    Column("proved_at", DateTime(timezone=True)),  # when they last proved to the provider who they are
    Column("vouched_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)

holder_key = Table(
    "holder_key",
    keys_metadata,
    Column("holder", Uuid, primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    _at("created_at"),
    Column("master", LargeBinary),  # id of the master key that wraps it; the version before wrote none
)

wrapping_key = Table(
    "wrapping_key",
    keys_metadata,
    Column("id", LargeBinary, primary_key=True),  # of a master key; the newest wraps
    _at(),
)

key_link = Table(
    "key_link",
    keys_metadata,
    Column("titulaire", Uuid, primary_key=True),
    Column("holder", Uuid, primary_key=True),
)

heard = Table(
    "heard",
    keys_metadata,
    Column("holder", Uuid, primary_key=True),  # a household, referral or candidacy
    _at(),  # the day on which an accepted message named it last, else a refused one for the first time
    Index("heard_at", "at"),
)

crosswalk = Table(
    "crosswalk",
    keys_metadata,
    Column("partner", Text, primary_key=True),
    Column("nature", Text, primary_key=True),
    Column("value_hmac", LargeBinary, primary_key=True),
    Column("id", Uuid, nullable=False),
    Column("value_sealed", LargeBinary, nullable=False),
    Index("crosswalk_id", "id", "partner"),
)
