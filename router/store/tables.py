"""Describe all tables of the hub. A test fails if this description and the migrations differ.

`inbox` and `event` store what has happened, and `outbox` which events are not yet applied. `subject` has the
state of each place, referral, candidacy…; `delivery` and `lane` have what is to be delivered.

The tables that must never go back to an earlier moment are in a schema of their own. They contain the keys
(`holder_key`, `key_link`, `wrapping_key`, `hmac_key`), the partners' ids (`crosswalk`), and the last day on
which a message named each household or subject (`heard`).
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
    """Make a timestamp column that is not null and has no default."""
    return Column(name, DateTime(timezone=True), nullable=False)


partner = Table(
    "partner",
    metadata,
    Column("id", Text, primary_key=True),
    Column("entry", JSONB, nullable=False),
    _at("applied_at"),
)

succession = Table(
    "succession",
    metadata,
    Column("siao", Text, primary_key=True),
    Column("successeur", Text, nullable=False),
    _at(),  # moment of the merger
    _at("repris_at", nullable=True),  # moment at which no row named the merged SIAO any more
)

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
    _at("received_at"),
    Column("held", Boolean, nullable=False, server_default="false"),  # its events are deferred
    Column("key", LargeBinary),  # HMAC of the idempotency key of a refused message
    Column("keyless", Boolean, nullable=False, server_default="false"),  # the message has no idempotency key
    Column("warnings", JSONB, nullable=False, server_default="[]"),
    Column("nonce", LargeBinary),  # encrypted nonce of the receipt (its key: `nonce_holders`)
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
    _said("expires_at"),
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
    _at("time"),
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
    _at(),
    Column("etat", Text),  # state of its subject when the rules were applied
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
        "subject_to_accompany",
        text("(donnees -> 'operateurs_attendus')"),
        postgresql_using="gin",
        postgresql_where=text(
            "donnees ? 'operateurs_attendus'"
            " AND etat IN ('ACCEPTEE', 'ACCUSEE', 'ADMISE', 'ENTREE', 'EN_ATTENTE', 'PREADMISSION', 'PROPOSEE')"
        ),
    ),
    Index(
        "subject_to_label",
        text("(donnees -> 'lecteurs_attendus')"),
        postgresql_using="gin",
        postgresql_where=text("donnees ? 'lecteurs_attendus'"),
    ),
    Index("subject_acts", "id", postgresql_where=text("nature IN ('convention', 'derogation')")),
    Index(
        "subject_to_sign",
        text("(donnees -> 'attendus')"),
        text(
            "(ARRAY[donnees ->> 'emetteur', donnees ->> 'structure', donnees ->> 'territoire',"
            " left(donnees ->> 'territoire', 2), left(donnees ->> 'territoire', 3)])"
        ),
        postgresql_using="gin",
        postgresql_where=text("nature IN ('convention', 'derogation') AND etat = 'PROPOSEE'"),
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
        "subject_brought",
        text("(donnees ->> 'emetteur')"),
        "changed_at",
        postgresql_where=text("nature = 'demande'"),
    ),
    Index(
        "subject_to_take_over",
        text("(donnees ->> 'repreneur')"),
        "changed_at",
        postgresql_where=text("nature = 'demande' AND donnees ? 'transfert_le'"),
    ),
    Index(
        "subject_referred",
        text("(donnees ->> 'emetteur')"),
        "etat",
        "changed_at",
        postgresql_where=text("donnees ? 'destinataire'"),
    ),
    Index(
        "subject_figures",
        text("(donnees ->> 'gestionnaire')"),
        postgresql_where=text("nature = 'groupe_places'"),
    ),
    Index("subject_ready", "id", postgresql_where=text("nature = 'menage'")),
    Index(
        "subject_listed_of",
        text("(donnees ->> 'emetteur')"),
        postgresql_where=text(
            "nature = 'menage' AND etat IN ('ACTUALISE', 'A_CONFIRMER', 'DECLARE', 'PRESENTE')"
        ),
    ),
    Index(
        "subject_to_explain",
        text("(donnees ->> 'gestionnaire')"),
        "changed_at",
        postgresql_where=text(
            "nature = 'place' AND etat IN ('OCCUPEE', 'A_LIBERER')"
            " AND (donnees ? 'a_justifier_depuis' OR donnees ? 'a_expliquer_depuis')"
        ),
    ),
    Index(
        "subject_evaluating",
        text("(donnees ->> 'evaluateur')"),
        "changed_at",
        postgresql_where=text(
            "nature = 'demande' AND donnees ? 'evaluation_depuis'"
            " AND etat IN ('COMPLETE', 'EN_ATTENTE', 'EVALUEE', 'NON_POURVUE', 'ORIENTEE', 'RECUE')"
        ),
    ),
    Index(
        "subject_received_by",
        text("left(donnees ->> 'remise_le', 7)"),
        text("(donnees ->> 'destinataire')"),
        postgresql_where=text("donnees ? 'remise_le'"),
    ),
)

deadline = Table(
    "deadline",
    metadata,
    Column("subject", Uuid, ForeignKey("subject.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", Text, primary_key=True),
    _said("started_at"),  # identifies the deadline, together with its kind
    _said("due_at"),
    Column("stage", SmallInteger, nullable=False),  # number of its past stages
    _at("next_at", nullable=True),  # moment of the next stage
    Index("deadline_next", "next_at", postgresql_where=text("next_at IS NOT NULL")),
    Index("deadline_past", "due_at", postgresql_where=text("stage > 0 OR next_at IS NULL")),
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
    Column("subject_etat", Text),  # state of the subject after the event; decides what the recipient may read
    Column("reply", LargeBinary),  # recipient's response, cut and encrypted with the household's key
    Column("nonce", LargeBinary),  # nonce of the receipt (in a lot, a part of it), encrypted like `reply`
    Column("in_lot", Uuid),  # the lot in which it arrived
    Column("numero", BigInteger),  # number of the change in the list of its recipient
    Column("fiche", BigInteger),  # number of the household in that list
    Column("label", Text),  # label in that list, given by the household's own SIAO
    Index("delivery_event", "event_id"),
    Index("delivery_lane", "subject", "seq", postgresql_where=text("etat IN ('en_attente', 'en_vol')")),
    Index(
        "delivery_oldest", "partner", "created_at", postgresql_where=text("etat IN ('en_attente', 'en_vol')")
    ),
    Index("delivery_time", "created_at", postgresql_using="brin"),
    Index("delivery_lot", "in_lot", postgresql_where=text("in_lot IS NOT NULL")),
    Index("delivery_mailbox", "partner", "seq", postgresql_where=text("etat = 'deposee'")),
    Index("delivery_deposited", "partner", "created_at", "id", postgresql_where=text("etat = 'deposee'")),
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

list_reader = Table(
    "list_reader",
    metadata,
    Column("reader", Text, primary_key=True),
    Column("last", BigInteger, nullable=False),  # number of the last change
    Column("whole_from", BigInteger, nullable=False, server_default="0"),  # all later changes are kept
)

list_change = Table(
    "list_change",
    metadata,
    Column("reader", Text, primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("menage", Uuid, nullable=False),
    Column("event", Uuid, nullable=False),
    Column("fiche", BigInteger, nullable=False),
    Column("gone", Boolean, nullable=False),
    Column("superseded_by", BigInteger),  # next change of the household in this list
    _at("over_at", nullable=True),  # moment at which it was superseded or removed the household
    Column("label", Text),  # label given by the household's own SIAO
    Index("list_change_present", "menage", postgresql_where=text("superseded_by IS NULL")),
    Index("list_change_event", "event"),
    Index("list_change_over", "over_at", postgresql_where=text("over_at IS NOT NULL")),
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
    Column("bulk", Boolean, nullable=False, server_default="false"),  # small messages go first
    Column("rested", BigInteger),  # fencing token of the last release
    Column("held_by", Text),  # process of the last claim, with its token
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
    Index("audit_taken", "at", postgresql_where=text("action IN ('tache.prendre', 'tache.rendre')")),
    Index(
        "audit_settings",
        "id",
        postgresql_where=text(
            "action IN ('base.migrer', 'base.reprendre', 'cle.preparer', 'cle.retirer', 'cle.tourner', "
            "'compte.facteur', 'compte.inviter', 'compte.retirer', 'import.commencer', 'lecture.reprendre', "
            "'partenaire.changer', 'partenaires.appliquer', 'protection.nommer', 'protection.retirer', "
            "'territoires.fusionner')"
        ),
    ),
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
    "audit_head",  # copies for receipts; the authoritative heads are in a file outside
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", DateTime(timezone=True), primary_key=True),
    Column("since", BigInteger, nullable=False),
    Column("line", Text, nullable=False),
)

key_use = Table(
    "key_use",
    metadata,
    Column("key", Text, primary_key=True),  # hash of an API key, as in the registry
    _said("used_at"),
)

retired_key = Table(
    "retired_key",
    metadata,
    Column("key", Text, primary_key=True),  # hash of an API key, as in the registry
    Column("partner", Text, nullable=False),  # whose it was
    _said("retired_at"),
    _at("refused_since", nullable=True),  # first refusal after an hour without one
    _at("refused_at", nullable=True),  # last refusal
    Index("retired_key_partner", "partner", "refused_at"),
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
    Column("written", Text, primary_key=True),  # table and transaction by which PostgreSQL wrote this row
    Column("timeline", Integer),  # timeline on which it was written; NULL if unknown
    _at("seen_at"),
    Column(
        "synchronous", Boolean, nullable=False, server_default=text("false")
    ),  # whether a standby then had all commits
    _at("took_over_at", nullable=True),  # moment at which the losses of the last takeover were repaired
    Column(
        "has_journal", Boolean, nullable=False, server_default=text("false")
    ),  # the journal of erasures (a file) was begun
)

heartbeat = Table(
    "heartbeat",
    metadata,
    Column("process", Uuid, primary_key=True),
    Column("role", Text, primary_key=True),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("version", Text, nullable=False),
    Column("attend", Text),  # reason why the role cannot work; NULL while it works
    _at("started_at"),
    _at("beat_at"),
    Column("unknown_keys", Integer, nullable=False, server_default="0"),  # requests of the last hour
    Column("birth", Text),  # identity of the process on its machine; NULL if unknown
    _at("unknown_since", nullable=True),  # first of the requests with an unknown key
    _at("unknown_last", nullable=True),
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
    _at("asked_at", nullable=True),  # moment at which an operator requested an attempt
    Column("seen_at", DateTime(timezone=True)),  # when the last attempt ended
    Column("succeeded_at", DateTime(timezone=True)),  # moment of the last successful delivery
    Column("refused_types", JSONB, nullable=False, server_default=text("'{}'")),  # first refusal, by type
)

reading = Table(
    "reading",
    metadata,
    Column("partner", Text, primary_key=True),
    Column("seen_at", DateTime(timezone=True), nullable=False),
    Column("succeeded_at", DateTime(timezone=True)),
    Column("failing_since", DateTime(timezone=True)),  # first failure in a row; NULL after a success
    Column("failures", Integer, nullable=False),
    Column("cause", Text),
)

rhythm = Table(
    "rhythm",
    metadata,
    Column("partner", Text, primary_key=True),
    Column("learnt", JSONB),  # NULL if the messages show no regular days and hours
    _at("learnt_at", nullable=True),
    _at("silent_since", nullable=True),  # moment by which a message was due; NULL unless an alert was sent
)

doubt = Table(
    "doubt",
    metadata,
    Column("partner", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("dispositif", Text, primary_key=True),  # empty if the doubt is about vacancies
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
    Column("first", BigInteger, nullable=False),  # offset that cannot be read
    Column("following", BigInteger, nullable=False),  # first offset after the unreadable records
    Column("cause", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("since", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("go_on_at", BigInteger),  # offset at which to resume; NULL until an operator decides
)

backlog_sample = Table(
    "backlog_sample",
    metadata,
    Column("at", DateTime(timezone=True), primary_key=True, server_default=func.now()),
    Column("accepted", BigInteger, nullable=False),  # last sequence number of an event
    Column("owed", BigInteger, nullable=False),  # last sequence number of a delivery
    Column("piles", JSONB, nullable=False),  # numbers of waiting rows, by stage
)

balance_count = Table(
    "balance_count",
    metadata,
    Column("kept", Text, primary_key=True),  # always `dernier`: each count replaces the previous one
    _said("since"),  # beginning of the period that was counted
    _said("at"),  # end of the period, and moment of the count
    Column("lost", BigInteger, nullable=False),  # number of lost events and deliveries in the period
)

alarm = Table(
    "alarm",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("code", Text, nullable=False),
    Column("about", Text, nullable=False),  # a role, a partner, a cause or a safeguard
    Column("sentence", Text, nullable=False),
    _said("first_seen"),
    Column("started_at", DateTime(timezone=True)),  # NULL until the condition has held for long enough
    Column("gone_at", DateTime(timezone=True)),  # NULL while the condition holds
    Column("ended_at", DateTime(timezone=True)),
    Column("told", ARRAY(Text), nullable=False),  # notices that were sent, each with its channel
    Column("since", DateTime(timezone=True)),  # real beginning of the condition, if known
)

console_session = Table(
    "console_session",
    metadata,
    Column("secret", LargeBinary, primary_key=True),  # SHA-256 of the browser's secret
    Column("attend", JSONB),  # values that the identity provider must return during a login
    Column("personne", JSONB),  # the person who is logged in; NULL if nobody is
    _said("expires_at"),  # end of an unused session
    Column("proof", LargeBinary),  # refresh token, encrypted with the browser's secret
    Column("asked_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("ends_at", DateTime(timezone=True)),  # end of the session, even if it is used
    Column("proved_at", DateTime(timezone=True)),  # last time that the provider checked the person's identity
    Column("vouched_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)

household_card = Table(
    "household_card",
    metadata,
    Column("menage", Uuid, primary_key=True),
    Column("siao", Text, nullable=False),  # SIAO that is responsible for the household
    Column("sealed", LargeBinary, nullable=False),  # compared fields, encrypted with the household's key
    Column("seen", BigInteger, nullable=False),  # sequence number of the event that it was made from
    Index("household_card_seen", "seen"),
)

household_block = Table(
    "household_block",
    metadata,
    Column("block", LargeBinary, primary_key=True),  # HMAC
    Column("menage", Uuid, primary_key=True),
    Index("household_block_menage", "menage"),
)

housing_number = Table(
    "housing_number",
    metadata,
    Column("number", LargeBinary, primary_key=True),  # HMAC of a numéro unique, with its dwelling
    Column("subject", Uuid, primary_key=True),  # candidacy, or household of the list
    Column("menage", Uuid, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # number, encrypted with the key of its household
    Column("fused", Boolean, nullable=False, server_default="false"),  # `note` does not delete it
    Index("housing_number_subject", "subject"),
    Index("housing_number_menage", "menage"),
)

duplicate = Table(
    "duplicate",
    metadata,
    Column("menage", Uuid, primary_key=True),
    Column("autre", Uuid, primary_key=True),
    Column("etat", Text, nullable=False),  # propose | confirme | ecarte
    Column("indices", ARRAY(Text), nullable=False),  # classes of the evidence, never a value
    Column("siaos", ARRAY(Text), nullable=False),  # SIAO that may decide, two at most
    _at("created_at"),
    Column("decided_by", Text),
    _at("decided_at", nullable=True),
    Column(
        "separes", Boolean, nullable=False, server_default=text("false")
    ),  # two adults who separated: only a reunion makes them duplicates again
    Index("duplicate_autre", "autre"),
    Index("duplicate_undecided", "created_at", postgresql_where=text("etat = 'propose'")),
    *(
        index
        for number, name in ((1, "first"), (2, "second"))
        for index in (
            Index(
                f"duplicate_undecided_{name}",
                text(f"(siaos[{number}])"),
                "created_at",
                "menage",
                "autre",
                postgresql_where=text("etat = 'propose'"),
            ),
            Index(
                f"duplicate_decided_{name}",
                text(f"(siaos[{number}])"),
                "decided_at",
                postgresql_where=text("etat <> 'propose'"),
            ),
        )
    ),
)

account = Table(
    "account",
    metadata,
    Column("id", Uuid, primary_key=True),  # holder of the key that encrypts `sealed` and `factor`
    Column("partner", Text, nullable=False),  # partner whose desk the account opens
    Column("address", LargeBinary, nullable=False, unique=True),  # HMAC
    Column("sealed", LargeBinary, nullable=False),  # address and name
    Column("factor", LargeBinary),  # secret of the second factor; NULL until it is set up
    Column("last_step", BigInteger),  # time step of the last correct code, which is not accepted again
    Column(
        "failures", Integer, nullable=False, server_default=text("0")
    ),  # wrong codes since the last correct one
    _at("created_at"),
    _at("entered_at", nullable=True),
    _at("told_at", nullable=True),  # moment of the last reminder
    Column(
        "urgent", ARRAY(Text), nullable=False, server_default=text("'{}'")
    ),  # urgent tasks that a reminder has mentioned
)

login_link = Table(
    "login_link",
    metadata,
    Column("hash", LargeBinary, primary_key=True),  # SHA-256 of the secret in the mail
    Column("account", Uuid, ForeignKey("account.id", ondelete="CASCADE"), nullable=False),
    _at("created_at"),
    _said("expires_at"),
    Column("used_at", DateTime(timezone=True)),
    Index("login_link_account", "account", "created_at"),
)

person_request = Table(
    "person_request",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("menage", Uuid, nullable=False),
    Column("droit", Text, nullable=False),  # Droit in ops.person.rights
    Column("etat", Text, nullable=False),  # ouverte | accordee | refusee | levee
    _said("received_at"),
    _said("due_at"),
    _at("decided_at", nullable=True),
    Index("person_request_open", "due_at", postgresql_where=text("etat = 'ouverte'")),
)

limitation = Table(
    "limitation",
    metadata,
    Column("ident", Uuid, primary_key=True),  # a household, or one of its subjects
    Column("request", Uuid, primary_key=True),
    _at("since"),
)

protection_referent = Table(
    "protection_referent",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("personne", Text, nullable=False),  # name of the person, as in the audit
    Column("menage", Uuid),  # NULL for all protected households of `siao`
    Column("siao", Text),
    _at("named_at"),
    _said("ends_at"),
)

holder_key = Table(
    "holder_key",
    keys_metadata,
    Column("holder", Uuid, primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    _at("created_at"),
    Column("master", LargeBinary, nullable=False),  # id of the master key that encrypts the data key
)

wrapping_key = Table(
    "wrapping_key",
    keys_metadata,
    Column("id", LargeBinary, primary_key=True),  # id of a master key; the newest one encrypts new data keys
    _at(),
)

hmac_key = Table(
    "hmac_key",
    keys_metadata,
    Column(
        "mark", LargeBinary, primary_key=True
    ),  # mark of an HMAC key; the newest one makes new fingerprints
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
    _at(),  # day of its last mention in an accepted message, else of the first in a refused one
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
