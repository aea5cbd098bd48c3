"""Publish the pending events of one shard, in order and under a lease. A shard is one relay's part of the
subjects."""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from typing import Any
from uuid import UUID

from aiokafka import AIOKafkaProducer
from aiokafka.errors import MessageSizeTooLargeError

from contracts.envelope import MAC, PREDECESSOR, to_headers
from contracts.errors import InvalidContract
from contracts.topics import Topic
from router.domain.messages import topic_of
from router.domain.turns import (
    Flow,
    Published,
    Queue,
    Unpublished,
    by_subject,
    next_in_turn,
    rows_of_a_queue,
)
from router.process.leases import Lease
from router.process.quarantining import failure, pass_over, tell_quarantined
from router.process.wakeup import LONGEST_SECONDS, PACE_SECONDS, WakeUp
from router.settings import KafkaSettings, RelaySettings
from router.store import log, quarantine, queues
from router.store.arrivals import Arrival
from router.store.database import AWAY, Connection, Database
from router.telemetry import traces
from router.telemetry.metrics import PUBLISHED

MAX_PAYLOAD_BYTES = 1_000_000
"""Largest payload of a record. Kafka's default limit of one MiB includes the key and the headers."""
PAGE = 250
"""Number of unpublished events that one round reads, once of small messages and once of bulk. With a large window,
it reads a quarter of the window instead."""
REFILL_SECONDS = 0.05
"""Seconds until the next round if the window is full."""
LOOK_SECONDS = 1.0
"""Seconds after which the relay looks which published events were applied."""
HANDED_BYTES = 8 * 1024 * 1024
"""Most bytes of handed-over events that wait to be published. Further events are read from the database later.
"""


class Relay:
    """Publisher of the events of one shard, while this process holds the shard's lease. The window limits how
    many events may be on the bus, published and not yet applied."""

    def __init__(
        self,
        database: Database,
        producer: AIOKafkaProducer,
        kafka: KafkaSettings,
        settings: RelaySettings,
        wake: WakeUp,
        lease: Lease,
        shard: int,
    ) -> None:
        self._database = database
        self._producer = producer
        self._kafka = kafka
        self._settings = settings
        self._wake = wake
        self._lease = lease
        self._shard = shard
        self._published: dict[int, Published] = {}
        self._page = max(PAGE, settings.window // 4)
        self._rows = rows_of_a_queue((), self._page)
        self._last: dict[Flow, tuple[int, UUID]] = {}
        """Event that was published last in each flow (a topic and a subject): its sequence number and id."""
        self._handed: list[Arrival] = []
        self._handed_bytes = 0
        self._is_handed = WakeUp(crowd_s=1.5 * PACE_SECONDS)
        self._left_behind = True
        """True if events may be pending in the outbox without having been published."""
        self._falls_behind = False
        """True if more events were pending than the last round took."""
        self._looks_soon = False
        self._tables = database.replaced
        self._one_at_a_time = asyncio.Lock()

    async def run(self) -> None:
        """Publish pending events until cancelled. While the database cannot be reached, wait. Raises KafkaError
        if Kafka fails; a new relay is then needed."""
        await self._lease.work(self._wake, LONGEST_SECONDS, self._work)

    @property
    def is_at_work(self) -> bool:
        """Return whether this process publishes the events of this shard now."""
        return self._lease.holds()

    def take(self, entry: log.Entry, before: int | None) -> None:
        """Take over an event that was just committed to the database, to publish it after the earlier events of its
        subject. `before` is the sequence number of the last earlier event that is still pending, or None if there is
        none. An event that cannot be published now stays in the outbox for the next round."""
        number, size = len(self._published) + len(self._handed), len(entry.payload)
        if self._left_behind or number >= self._settings.window or self._handed_bytes + size > HANDED_BYTES:
            self._left_behind = True
            self._wake.set()
            return
        self._handed.append((entry, before))
        self._handed_bytes += size
        self._is_handed.set()

    async def publish_handed(self) -> None:
        """Publish the events that `take` was given, right after their commit. Go on until cancelled. Raises
        KafkaError if Kafka fails; a new relay is then needed."""
        while True:
            await self._is_handed.wait(LONGEST_SECONDS)
            async with self._one_at_a_time:
                self._forget_replaced_tables()
                handed, self._handed, self._handed_bytes = self._handed, [], 0
                entries = self._in_turn(handed)
                charged = {entry.attributes.subject: _queue(entry) for entry in entries}
                try:
                    await self._publish(entries, charged)
                except AWAY:  # the event could not be quarantined: the next round tries again
                    self._wake.set()
            if entries:
                self._look_soon()

    def _look_soon(self) -> None:
        if len(self._published) >= self._settings.window // 2:
            self._wake.set()
        elif not self._looks_soon:
            self._looks_soon = True
            self._wake.within(LOOK_SECONDS)

    def _in_turn(self, handed: Sequence[Arrival]) -> list[log.Entry]:
        """Return, in order, the events of `handed` that may be published now. In `handed`, each event comes with the
        sequence number of the last earlier event of its subject that is still pending, if any. If this earlier event
        is neither published nor returned, the later one has to wait for the relay's next round."""
        fitting: dict[int, log.Entry] = {}
        for entry, before in handed:
            if entry.seq in self._published:  # a round has already published it
                continue
            if before is None:
                self._last.pop(_flow(entry), None)
            elif before not in self._published and before not in fitting:
                self._left_behind = True
                self._wake.set()
                continue
            fitting[entry.seq] = entry
        return list(fitting.values())

    async def _work(self) -> None:
        async with self._one_at_a_time:
            if self._lease.is_fresh:
                self._forget_published()
            await self._publish_due()

    async def _publish_due(self) -> None:
        window = self._settings.window
        async with (
            self._database.transaction() if self._falls_behind else self._database.statement() as connection
        ):
            if self._falls_behind:
                await queues.plan_anew(connection)
            self._forget_replaced_tables()
            waiting = await self._look(connection)
            out = Counter(published.charged for published in self._published.values())
            picked = next_in_turn(waiting, out, window)
            last_of, room = by_subject(picked), 2 * window - len(self._published)
            up_to = {subject: last.seq for subject, last in last_of.items()}
            entries = await queues.read(connection, up_to, self._published, room) if up_to else []
        self._come_back(waiting, picked)
        await self._publish(entries, {subject: last.queue for subject, last in last_of.items()})

    def _forget_replaced_tables(self) -> None:
        """Forget which events this relay has published, if the database's tables were replaced since the last
        call. A standby or a backup replaces them: they may then have gone back, and a sequence number may belong
        to another event."""
        if self._tables != self._database.replaced:
            self._tables = self._database.replaced
            self._forget_published()

    def _forget_published(self) -> None:
        self._published.clear()
        self._last.clear()
        self._left_behind = True

    async def _publish(self, entries: Sequence[log.Entry], charged: Mapping[UUID, Queue]) -> None:
        """Publish events if this process holds the lease; otherwise do nothing. `charged` has one queue for each
        subject: in the window, all events of the subject count as events of this queue."""
        if not entries or not self._lease.holds():
            return
        began_ns = traces.now_ns()
        sent = await self._send(entries, charged)
        self._published |= sent
        PUBLISHED.inc(len(sent))
        published = (entry.attributes for entry in entries if entry.seq in sent)
        traces.record_events("publish", "PRODUCER", began_ns, published)

    async def _look(self, connection: Connection) -> list[Unpublished]:
        """Return the first pending events of each queue, without the events that this relay has published.
        Forget published events that are no longer pending. If a published event has been pending for too long,
        forget that the events of its flow were published, so that they are published again."""
        self._looks_soon = False
        waiting, pending = await queues.look(
            connection, self._shard, self._settings.shards, self._published, self._rows
        )
        was = {seq: published for seq, published in self._published.items() if seq in pending}
        overdue = time.monotonic() - self._settings.overdue_s
        lost = {published.flow for published in was.values() if published.at <= overdue}
        self._published = {seq: published for seq, published in was.items() if published.flow not in lost}
        if lost:
            self._wake.set()
        if len(self._last) > self._settings.window:
            self._last = {flow: last for flow, last in self._last.items() if last[0] in self._published}
        return waiting

    def _come_back(self, waiting: Sequence[Unpublished], picked: Sequence[Unpublished]) -> None:
        saw, took = Counter(each.queue for each in waiting), Counter(each.queue for each in picked)
        unread = any(number == took[queue] >= self._rows[queue.bulk] for queue, number in saw.items())
        self._falls_behind = unread or took != saw
        if unread:
            self._wake.set()
        elif self._falls_behind:
            self._wake.within(REFILL_SECONDS)
        else:
            self._left_behind = False
        self._rows = rows_of_a_queue(waiting, self._page)

    async def _send(
        self, entries: Sequence[log.Entry], charged: Mapping[UUID, Queue]
    ) -> dict[int, Published]:
        sent: dict[int, log.Entry] = {}
        futures: list[asyncio.Future[Any]] = []
        stopped: set[UUID] = set()
        for entry in entries:
            if entry.attributes.subject in stopped:
                continue
            try:
                futures.append(await self._send_one(entry, sent.keys()))
                sent[entry.seq] = entry
            except (InvalidContract, MessageSizeTooLargeError) as exc:
                stopped.add(entry.attributes.subject)
                cause = exc if isinstance(exc, InvalidContract) else _too_large()
                await self._set_aside(entry, cause)
        await asyncio.gather(*futures)
        at = time.monotonic()
        return {
            seq: Published(e.attributes.id, _queue(e), charged[e.attributes.subject], _flow(e), at)
            for seq, e in sent.items()
        }

    async def _send_one(self, entry: log.Entry, sent: Set[int]) -> asyncio.Future[Any]:
        topic, attributes = _topic_for(entry), entry.attributes
        flow, headers = _flow(entry), to_headers(attributes)
        before, predecessor = self._last.get(flow, (entry.seq, attributes.id))
        if before < entry.seq and (before in self._published or before in sent):
            headers.append((PREDECESSOR, str(predecessor).encode()))
        if entry.mac is not None:
            headers.append((MAC, entry.mac.hex().encode()))
        future: asyncio.Future[Any] = await self._producer.send(
            topic.name(self._kafka.prefix),
            entry.payload,
            key=str(attributes.subject).encode(),
            headers=headers,
        )
        self._last[flow] = entry.seq, attributes.id
        return future

    async def _set_aside(self, entry: log.Entry, exc: InvalidContract) -> None:
        """Quarantine an event that Kafka cannot carry. While an earlier event of its subject is pending, do
        nothing: the relay takes the event up again later."""
        attributes = entry.attributes
        async with self._database.transaction() as connection:
            if await queues.preceded(connection, [(attributes.id, attributes.subject, entry.seq)]):
                return
            if not await log.take_pending(connection, [attributes.id]):
                return
            if await quarantine.to_close(connection, [attributes.id]):
                return await pass_over(connection, attributes)
            failed = failure(attributes, exc)
            await quarantine.keep_events(connection, [failed])
        tell_quarantined([failed])


def _queue(entry: log.Entry) -> Queue:
    return Queue(entry.bulk, entry.attributes.source)


def _flow(entry: log.Entry) -> Flow:
    return topic_of(entry.attributes.type).groupe, entry.attributes.subject


def _topic_for(entry: log.Entry) -> Topic:
    if len(entry.payload) > MAX_PAYLOAD_BYTES:
        raise _too_large()
    return topic_of(entry.attributes.type)


def _too_large() -> InvalidContract:
    return InvalidContract(f"événement trop volumineux pour le bus ({MAX_PAYLOAD_BYTES // 1000} ko au plus)")
