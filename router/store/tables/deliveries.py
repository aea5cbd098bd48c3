"""Describe the tables of deliveries, lanes, lots, mailboxes, and lists of households ready for housing."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    text,
)

from router.store.tables.columns import at, metadata

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
    at("created_at"),
    at("settled_at", nullable=True),
    Column("subject_etat", Text),  # state of the subject after the event; decides what the recipient may read
    Column("reply", LargeBinary),  # recipient's response, cut and encrypted with the household's key
    Column("nonce", LargeBinary),  # nonce of the receipt (in a lot, a part of it), encrypted like `reply`
    Column("in_lot", Uuid),  # the lot in which it arrived
    Column("numero", BigInteger),  # number of the change in the list of its recipient
    Column("fiche", BigInteger),  # number of the household in that list
    Column("label", Text),  # label in that list, given by the household's own SIAO
    Column("deposit", BigInteger, nullable=False, server_default="0"),  # number of its deposit in a mailbox
    Index("delivery_event", "event_id"),
    Index("delivery_lane", "subject", "seq", postgresql_where=text("etat IN ('en_attente', 'en_vol')")),
    Index(
        "delivery_oldest", "partner", "created_at", postgresql_where=text("etat IN ('en_attente', 'en_vol')")
    ),
    Index("delivery_time", "created_at", postgresql_using="brin"),
    Index("delivery_lot", "in_lot", postgresql_where=text("in_lot IS NOT NULL")),
    Index("delivery_in_mailbox", "partner", "deposit", "seq", postgresql_where=text("etat = 'deposee'")),
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

mailbox = Table(
    "mailbox",
    metadata,
    Column("partner", Text, primary_key=True),
    Column("deposits", BigInteger, nullable=False),  # number of the last deposit
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
    at("over_at", nullable=True),  # moment at which it was superseded or removed the household
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
    at("due_at"),
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
