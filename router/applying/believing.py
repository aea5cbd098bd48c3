"""Verify records read from Kafka before their events are applied.

A record is trusted if it is in the right topic and partition and carries the hub's proof. A record in the right
place that carries no proof is trusted only if the log has exactly the same event. Any other event is forged: it
has no effect, goes to quarantine and raises an alarm. A record that is no event only goes to quarantine.
"""

import math
import time
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, TypeAlias
from uuid import NAMESPACE_OID, UUID

import structlog
from aiokafka import ConsumerRecord

from contracts import uuids
from contracts.envelope import HUB, MAC, PREDECESSOR, from_headers
from contracts.errors import InvalidContract
from contracts.topics import TOPICS, Topic
from router.domain.messages import topic_of
from router.domain.proof import Prover
from router.process.partitions import partition_of
from router.settings import KafkaSettings
from router.store import audit, log, quarantine
from router.store.database import Connection, Database
from router.triage import FORGED, cause_of

logger = structlog.get_logger()
CHANGED = "autre contenu que celui du journal"
UNKNOWN = "événement que le hub n'a pas écrit"
MISPLACED = "ailleurs que là où le hub l'écrit"
ALARM_SECONDS = 600.0
"""Shortest time between two alarms of one process about the same topic."""
KEPT_AT_MOST = 200
"""Largest number of open quarantine rows about records that are no events of the hub. A flood of such records
cannot fill the table."""
KEPT_BYTES = 64 * 1024
"""Largest number of bytes that quarantine stores of a record that is no event of the hub. The rest is cut off."""
Record: TypeAlias = ConsumerRecord[bytes, bytes]
Written: TypeAlias = Mapping[UUID, tuple[log.Entry, bool]]
"""Events as the log has them, by id. Each comes with True if it is the next pending event of its subject."""


class Believer:
    """Verifier of the records that come from Kafka. It finds out which records are events of the hub, and
    raises an alarm about forged records."""

    def __init__(self, database: Database, prover: Prover, kafka: KafkaSettings) -> None:
        self._database = database
        self._prover = prover
        self._prefix = kafka.prefix
        self._untold: Counter[str] = Counter()
        self._alarm_at: dict[str, float] = {}

    async def believed(
        self, records: Sequence[Record], partitions: Mapping[str, int]
    ) -> tuple[list[log.Entry], list[quarantine.FailedEvent]]:
        """Return two lists: the events to apply, in order; and the quarantine rows of the records that do not
        have the form of an event. The caller stores these rows. This method itself puts forged records into
        quarantine. `partitions` has the number of partitions of each topic: a record outside the partition of
        its subject counts as forged. Raises BusUnavailable or Misconfigured if the database cannot be used."""
        found, broken = read(records)
        doubtful = [each for each in found if not self._is_proven(*each, partitions)]
        if not doubtful:
            return [entry for entry, _ in found], broken
        async with self._database.transaction() as connection:
            written = await log.as_written(connection, [entry.attributes.id for entry, _ in doubtful])
            faults = [(*each, why) for each in doubtful if (why := self._fault(*each, partitions, written))]
            await keep_records(connection, [_quarantined(*each) for each in faults])
            alarms = self._alarms(Counter(record.topic for _, record, _ in faults))
            for topic, number in alarms.items():
                await audit.record(connection, HUB, "bus.falsifie", topic, {"enregistrements": number})
        self._told(alarms)
        forged = {id(entry) for entry, *_ in faults}
        genuine = (each for entry, _ in found for each in _true(entry, id(entry) in forged, written))
        return list(genuine), broken

    def _is_proven(self, entry: log.Entry, record: Record, partitions: Mapping[str, int]) -> bool:
        proven = self._prover.proves(entry.mac, entry.attributes, entry.payload)
        return proven and is_in_place(entry, record, self._prefix, partitions)

    def _fault(
        self, entry: log.Entry, record: Record, partitions: Mapping[str, int], written: Written
    ) -> str | None:
        if not is_in_place(entry, record, self._prefix, partitions):
            return MISPLACED
        known, _ = written.get(entry.attributes.id, (None, False))
        if known is None:
            return UNKNOWN
        same = (entry.attributes, entry.payload) == (known.attributes, known.payload)
        return None if same else CHANGED

    def _alarms(self, forged: Mapping[str, int]) -> Mapping[str, int]:
        self._untold.update(forged)
        now = time.monotonic()
        return {topic: self._untold[topic] for topic in forged if now >= self._alarm_at.get(topic, -math.inf)}

    def _told(self, alarms: Mapping[str, int]) -> None:
        for topic, number in alarms.items():
            logger.error("bus.forged", topic=topic, records=number)
            self._alarm_at[topic] = time.monotonic() + ALARM_SECONDS
            del self._untold[topic]


async def keep_records(connection: Connection, failed: Sequence[quarantine.FailedEvent]) -> None:
    """Put records that are no events of the hub into quarantine. Quarantine has at most `KEPT_AT_MOST` open
    rows about such records. Records beyond this limit are not stored; their number is logged."""
    if failed:
        room = KEPT_AT_MOST - await quarantine.open_records(connection, KEPT_AT_MOST)
        kept = [replace(each, raw=each.raw and each.raw[:KEPT_BYTES]) for each in failed[:room]]
        await quarantine.keep_events(connection, kept)
        if len(kept) < len(failed):
            logger.warning("bus.not_kept", records=len(failed) - len(kept))


def read(
    records: Sequence[Record],
) -> tuple[list[tuple[log.Entry, Record]], list[quarantine.FailedEvent]]:
    """Return two lists: the events, each with the record from which it was read; and the quarantine rows of the
    records that do not have the form of an event."""
    readable: list[tuple[log.Entry, Record]] = []
    broken: list[quarantine.FailedEvent] = []
    for record in records:
        try:
            readable.append((_entry(record), record))
        except InvalidContract as exc:
            cause, fingerprint, detail = cause_of(exc)
            kept = {**detail, **_where(record)}
            broken.append(
                quarantine.FailedEvent(_ident_of(record), cause, fingerprint, kept, raw=record.value)
            )
    return readable, broken


def _entry(record: Record) -> log.Entry:
    if record.value is None:
        raise InvalidContract("enregistrement sans contenu")
    headers = dict(record.headers)
    mac, predecessor = _mac(headers), _predecessor(headers)
    return log.Entry(from_headers(record.headers), record.value, mac=mac, predecessor=predecessor)


def is_in_place(entry: log.Entry, record: Record, prefix: str, partitions: Mapping[str, int]) -> bool:
    """Tell whether a record is where the relay writes the event `entry`: in the event's topic and partition,
    with the subject's id as key. An event of an unknown type may be in any of the hub's topics. `prefix` is how
    the names of the hub's topics begin. `partitions` has the number of partitions of each topic."""
    try:
        topics: Collection[Topic] = (topic_of(entry.attributes.type),)
    except InvalidContract:
        topics = TOPICS.values()
    key = str(entry.attributes.subject).encode()
    if record.key != key or record.topic not in {topic.name(prefix) for topic in topics}:
        return False
    return bool(record.partition == partition_of(key, partitions[record.topic]))


def _true(entry: log.Entry, forged: bool, written: Written) -> Iterable[log.Entry]:
    if not forged:
        return [entry]
    known, in_turn = written.get(entry.attributes.id, (None, False))
    return [known] if known and in_turn else []


def _quarantined(forged: log.Entry, record: Record, why: str) -> quarantine.FailedEvent:
    """Return the quarantine row of a forged record. The row names no subject: otherwise a forger could block
    any subject."""
    kept = {"message": why, **_where(record)}
    return quarantine.FailedEvent(_ident_of(record), FORGED, why, kept, raw=forged.payload)


def _where(raw: Record) -> Mapping[str, Any]:
    return {"topic": raw.topic, "partition": raw.partition, "offset": raw.offset}


def _ident_of(raw: Record) -> UUID:
    return uuids.named(NAMESPACE_OID, f"{raw.topic}\n{raw.partition}\n{raw.offset}\n{raw.timestamp}")


def _predecessor(headers: Mapping[str, bytes | None]) -> UUID | None:
    with suppress(ValueError):
        if value := headers.get(PREDECESSOR):
            return uuids.read(value.decode())
    return None


def _mac(headers: Mapping[str, bytes | None]) -> bytes | None:
    with suppress(ValueError):
        if value := headers.get(MAC):
            return bytes.fromhex(value.decode())
    return None
