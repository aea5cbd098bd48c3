"""Recover lost data after PostgreSQL went back to an earlier moment. The erasures made since that moment are
repeated. Kafka, which keeps events for 30 days, is read again from shortly before that moment, and the lost
events are accepted again. Meanwhile the workers wait."""

import heapq
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeAlias

from aiokafka import ConsumerRecord, TopicPartition

from ops.forgetting.erasing import apply_again
from ops.forgetting.journal import Journal
from ops.outside.lines import consuming
from router.applying.applier import Applier
from router.applying.believing import Believer, keep_records
from router.leased.lists import requests_after
from router.privacy import protected
from router.privacy.keyring import Keyring
from router.process.topics_admin import ensure_topics, partitions_of
from router.settings import Settings
from router.store import deliveries, inbox, key_replica, lists, origin
from router.store.audit import record
from router.store.database import KEYS, Database
from router.store.hub_events import say
from router.store.log import Entry
from router.store.registry import read as read_registry

Bytes: TypeAlias = "ConsumerRecord[bytes, bytes]"
MARGIN = timedelta(minutes=5)
"""How long before the restored moment the reading of Kafka begins: Kafka's clock may differ from
PostgreSQL's."""
POLL_MILLISECONDS = 1000


class Recovered(NamedTuple):
    """What a recovery did. `records` is the number of Kafka records read again."""

    erased: int
    """The number of keys destroyed again. They had come back with the restored database."""
    keys: int
    """The number of entries copied back from the key replica: keys, and partners' own ids."""
    records: int


async def recover(
    settings: Settings, database: Database, since: datetime, actor: str, *, lossless: bool = False
) -> Recovered:
    """Repair the database after it went back to the moment `since`: repeat the erasures, and read lost events
    again from Kafka. If the call fails, it may be repeated. `lossless` is True after a switch to a PostgreSQL
    standby that had received all commits. If `lossless` is False, deliveries still to be sent count as
    perhaps sent already. Raises Misconfigured if the journal of erasures is missing."""
    async with database.statement() as connection:
        knows = await origin.went_back(connection)
    keys = await _keys_back(settings, database)
    erased = await apply_again(database, Journal.of(settings), actor)
    if not lossless:
        async with database.transaction() as connection:
            await lists.leap(connection)
    records = await _read_again(settings, database, since - MARGIN)
    if not lossless:
        await _doubt(database, until_whole=knows)
        await _whole_lists(settings, database, since)
    async with database.transaction() as connection:
        detail = {
            "depuis": since.isoformat(),
            "cles": erased,
            "cles_reprises": keys,
            "enregistrements": records,
        }
        await origin.renew(connection)
        await record(connection, actor, "base.reprendre", "bus", detail)
    return Recovered(erased, keys, records)


async def _keys_back(settings: Settings, database: Database) -> int:
    """Copy lost keys and partners' own ids from the key replica, and return how many. This must happen before
    anything is decrypted."""
    replica = settings.database.of_the_key_replica
    if replica is None:
        return 0
    async with database.transaction() as connection:
        found = await key_replica.bring_back(connection, replica)
        await database.notify(connection, KEYS)
    return found


async def _doubt(database: Database, *, until_whole: bool) -> None:
    """Mark all deliveries that wait now as perhaps sent. They may have left before the database went back,
    and none may take effect twice.

    With `until_whole`, stop once another recovery has made the database whole, because the deliveries that
    wait after that are new. `until_whole` must be False for a database that does not know that it went back,
    such as one restored by a copy of the disk. It counts as whole from the start, and nothing would be
    marked.
    """
    async with database.statement() as connection:
        until = await deliveries.moment(connection)
    more = True
    while more:
        async with database.transaction() as connection:
            more = not until_whole or await origin.went_back(connection)
            more = more and await deliveries.doubt(connection, until)


async def _whole_lists(settings: Settings, database: Database, since: datetime) -> None:
    async with database.transaction() as connection:
        requests = requests_after(f"reprise {since.isoformat()}", await read_registry(connection))
        await say(database, connection, Keyring.of(settings).prover, requests)


async def _read_again(settings: Settings, database: Database, since: datetime) -> int:
    kafka = settings.kafka
    await ensure_topics(kafka)
    async with consuming(kafka) as consumer:
        partitions = await partitions_of(kafka)
        consumer.assign(partitions)
        found = await consumer.offsets_for_times(dict.fromkeys(partitions, int(since.timestamp() * 1000)))
        ends = await consumer.end_offsets(partitions)
        starts = {p: at.offset for p, at in found.items() if at is not None}
        if not starts:
            return 0
        for partition, offset in starts.items():
            consumer.seek(partition, offset)
        records = _in_order(consumer, {p: ends[p] for p in starts})
        await _apply(settings, database, records, Counter(p.topic for p in partitions))
        return sum(ends[p] - offset for p, offset in starts.items())


async def _apply(
    settings: Settings, database: Database, records: AsyncIterator[Bytes], partitions: Mapping[str, int]
) -> None:
    keyring = Keyring.of(settings)
    believer = Believer(database, keyring.prover, settings.kafka)
    applier = Applier(
        database, keyring.prover, timedelta(hours=settings.reservation_h), keyring.get, recovers=True
    )
    async with database.transaction() as connection:
        registry = await protected.opened(connection, keyring, await read_registry(connection))

    async def take_in(batch: Sequence[Bytes]) -> None:
        events, broken = await believer.believed(batch, partitions)
        async with database.transaction() as connection:
            await keep_records(connection, broken)
        await _make_pending(database, events)
        await applier.apply(events, registry)

    batch: list[Bytes] = []
    async for each in records:
        batch.append(each)
        if len(batch) == settings.worker.batch:
            await take_in(batch)
            batch = []
    await take_in(batch)


async def _make_pending(database: Database, events: Sequence[Entry]) -> None:
    messages = {event.attributes.correlationid for event in events}
    async with database.transaction() as connection:
        await inbox.make_pending(connection, messages)


async def _in_order(consumer: Any, ends: Mapping[TopicPartition, int]) -> AsyncIterator[Bytes]:
    readers = [_partition(consumer, partition, end) for partition, end in ends.items()]
    heads: list[tuple[int, int, Bytes]] = []
    for number, reader in enumerate(readers):
        if (first := await anext(reader, None)) is not None:
            heapq.heappush(heads, (first.timestamp, number, first))
    while heads:
        _, number, oldest = heads[0]
        yield oldest
        following = await anext(readers[number], None)
        if following is None:
            heapq.heappop(heads)
        else:
            heapq.heapreplace(heads, (following.timestamp, number, following))


async def _partition(consumer: Any, partition: TopicPartition, end: int) -> AsyncIterator[Bytes]:
    while await consumer.position(partition) < end:
        found = await consumer.getmany(partition, timeout_ms=POLL_MILLISECONDS)
        for each in found.get(partition, ()):
            if each.offset < end:
                yield each
