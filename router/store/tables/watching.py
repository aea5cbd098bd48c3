"""Describe the tables of the state of processes, partners and sources, and of what is measured."""

from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, Integer, Table, Text, Uuid, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from router.store.tables.columns import at, metadata, said

lease = Table(
    "lease",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Uuid, nullable=False),
    Column("token", BigInteger, nullable=False),
    said("until"),
)

origin = Table(
    "origin",
    metadata,
    Column("written", Text, primary_key=True),  # table and transaction by which PostgreSQL wrote this row
    Column("timeline", Integer),  # timeline on which it was written; NULL if unknown
    at("seen_at"),
    Column(
        "synchronous", Boolean, nullable=False, server_default=text("false")
    ),  # whether a standby then had all commits
    at("took_over_at", nullable=True),  # moment at which the losses of the last takeover were repaired
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
    at("started_at"),
    at("beat_at"),
    Column("unknown_keys", Integer, nullable=False, server_default="0"),  # requests of the last hour
    Column("birth", Text),  # identity of the process on its machine; NULL if unknown
    at("unknown_since", nullable=True),  # first of the requests with an unknown key
    at("unknown_last", nullable=True),
    Column("unknown_address", Text),  # from which the last of these requests came
)

contact = Table(
    "contact",
    metadata,
    Column("partner", Text, primary_key=True),
    Column("etat", Text),  # joignable | injoignable | acces_refuse | refuse; NULL before the first attempt
    Column("cause", Text),
    Column("failures", Integer, nullable=False, server_default="0"),
    at("since", nullable=True),
    at("next_try_at", nullable=True),
    at("polled_at", nullable=True),
    at("asked_at", nullable=True),  # moment at which an operator requested an attempt
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
    at("learnt_at", nullable=True),
    at("silent_since", nullable=True),  # moment by which a message was due; NULL unless an alert was sent
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
    said("since"),  # beginning of the period that was counted
    said("at"),  # end of the period, and moment of the count
    Column("lost", BigInteger, nullable=False),  # number of lost events and deliveries in the period
)

alarm = Table(
    "alarm",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("code", Text, nullable=False),
    Column("about", Text, nullable=False),  # a role, a partner, a cause or a safeguard
    Column("sentence", Text, nullable=False),
    said("first_seen"),
    Column("started_at", DateTime(timezone=True)),  # NULL until the condition has held for long enough
    Column("gone_at", DateTime(timezone=True)),  # NULL while the condition holds
    Column("ended_at", DateTime(timezone=True)),
    Column("told", ARRAY(Text), nullable=False),  # notices that were sent, each with its channel
    Column("since", DateTime(timezone=True)),  # real beginning of the condition, if known
)
