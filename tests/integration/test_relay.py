"""One relay: what it remembers of what it has published, and what it does with what the bus cannot carry."""

import asyncio
import math
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiokafka.cluster import ClusterMetadata
from aiokafka.errors import KafkaError
from aiokafka.producer.message_accumulator import MessageBatch
from structlog.testing import capture_logs

from contracts.envelope import PREDECESSOR, from_headers
from router.domain.turns import SMALL_ROWS
from router.process.leases import Lease
from router.process.wakeup import WakeUp
from router.relay.relays import Relays
from router.relay.shard import MAX_PAYLOAD_BYTES
from router.store import log, origin
from router.store.arrivals import Arrival
from tests.integration import beside, lasting
from tests.integration.large_files import file_of
from tests.integration.messages import vacancy
from tests.integration.statements import heard
from tests.integration.test_batches import PROVER, append, applier, delivered, record, vacant
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
door, prepared, world = lasting.door, lasting.prepared, lasting.world

LONG_ENOUGH_SECONDS = 3600.0
"""How long a relay's lease lasts: one that a busy machine let lapse would publish anew what is not applied."""


class Broker:
    """What was published, in order; it fails as often as it is told to."""

    relays: Relays
    """Those that publish to it."""

    def __init__(self) -> None:
        self.events: list[UUID] = []
        self.follows: dict[UUID, UUID] = {}
        self.failures = 0

    async def send(self, *_: object, headers: Any, **__: object) -> "asyncio.Future[None]":
        if self.failures:
            self.failures -= 1
            raise KafkaError
        self.events.append(from_headers(headers).id)
        self.follows.update((self.events[-1], UUID(v.decode())) for name, v in headers if name == PREDECESSOR)
        kept: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        kept.set_result(None)
        return kept


@asynccontextmanager
async def publishing(
    world: World, window: int | None = None, *, beaten: bool = True
) -> AsyncIterator[Broker]:
    """A relay at work, while nobody applies what it publishes; `beaten`: a heartbeat wakes it up."""
    patient = world.settings.relay.model_copy(
        update={"overdue_s": 3600.0, "window": window or world.settings.relay.window}
    )
    broker, holder, wake = Broker(), uuid4(), WakeUp()

    class OfThisBroker(Relays):
        @asynccontextmanager
        async def _producer(self) -> AsyncIterator[Any]:
            yield broker

    relays = OfThisBroker(
        world.database,
        world.settings.kafka,
        patient,
        [wake],
        lambda name: Lease(world.database, name, holder, LONG_ENOUGH_SECONDS),
        lambda waits_for: None,
    )
    broker.relays = relays
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(beside.work(relays.run()))
        if beaten:
            await stack.enter_async_context(beside.work(beside.beats(wake)))
        yield broker


async def accepted(world: World, place: str) -> UUID:
    """The event of a vacancy that the door has taken in."""
    _, answer = await world.send("centre", vacancy(place))
    (event,) = [event.id for event in await world.events() if str(event.correlation) == answer["id"]]
    return event


async def test_an_event_whose_token_is_given_back_is_published_again_at_once(door: World) -> None:
    event = await accepted(door, "A-1")
    async with publishing(door) as broker:
        await until(lambda: broker.events == [event], "l'événement est publié")
        async with door.database.transaction() as connection:
            await log.take_pending(connection, [event])
            await log.make_pending(connection, event)
        await until(lambda: broker.events == [event, event], "il est publié de nouveau")


async def test_after_a_failure_of_the_bus_all_that_is_not_applied_is_published_again_in_order(
    door: World,
) -> None:
    async with publishing(door) as broker:
        first = await accepted(door, "A-1")
        await until(lambda: broker.events == [first], "le premier est publié")
        broker.failures = 1
        second = await accepted(door, "A-2")
        await until(lambda: second in broker.events, "le second est publié")
        assert broker.events == [first, first, second]


async def test_what_the_bus_cannot_carry_is_set_aside_once_all_that_came_before_it_is_applied(
    prepared: World,
) -> None:
    place = uuid4()
    before, after = (record(vacant(place, n)) for n in (1, 3))
    large = log.Entry(record(vacant(place, 2)).attributes, b" " * (MAX_PAYLOAD_BYTES + 1))
    elsewhere = record(vacant(uuid4()))
    await append(prepared, before, large, after, elsewhere)
    async with publishing(prepared) as broker:
        published = [before.attributes.id, elsewhere.attributes.id]
        await until(lambda: broker.events == published, "ce qui suit dans le sujet attend")
        await applier(prepared.database).apply([before, elsewhere], prepared.registry())
        await until(lambda: broker.events == [*published, after.attributes.id], "la suite est publiée")
    await applier(prepared.database).apply([after], prepared.registry())
    assert await delivered(prepared, "siao-01") == published
    (quarantined,) = await prepared.quarantined()
    assert quarantined.event_id == large.attributes.id


async def test_a_bus_without_a_leader_for_longer_than_the_producer_waits_is_published_to_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.known_place("A-1")
    leader = ClusterMetadata.leader_for_partition
    with capture_logs() as logged:
        monkeypatch.setattr(MessageBatch, "expired", lambda _: True)
        monkeypatch.setattr(ClusterMetadata, "leader_for_partition", lambda *_: -1)
        assert (await world.send("centre", vacancy("A-2")))[0] == 202
        await until(
            lambda: any(line["event"] == "outage.started" for line in logged), "le producteur renonce"
        )
        monkeypatch.setattr(ClusterMetadata, "leader_for_partition", leader)
    await until(lambda: len(world.siao.of_type("place.vacante")) == 2, "tout est publié ensuite")


async def test_what_is_published_behind_an_event_that_is_not_applied_says_which_it_follows(
    prepared: World,
) -> None:
    place = uuid4()
    first, second, third, elsewhere = (record(vacant(each)) for each in [place] * 3 + [uuid4()])
    await append(prepared, first, elsewhere, second)
    async with publishing(prepared) as broker:
        await until(lambda: len(broker.events) == 3, "tout est publié")
        assert broker.follows == {second.attributes.id: first.attributes.id}
        await applier(prepared.database).apply([first, elsewhere, second], prepared.registry())
        await append(prepared, third)
        await until(lambda: len(broker.events) == 4, "la suite est publiée")
    assert third.attributes.id not in broker.follows, "ce qui est appliqué ne se suit plus"


async def test_when_an_event_is_overdue_all_of_its_flow_goes_out_again_behind_it(prepared: World) -> None:
    place = uuid4()
    first, second, elsewhere = (record(vacant(each)) for each in (place, place, uuid4()))
    async with publishing(prepared) as broker:
        await append(prepared, first, elsewhere, second)
        shard = broker.relays._relays[0]
        await until(lambda: len(shard._published) == 3, "tout est publié, et noté")
        shard._published = {
            seq: each._replace(at=-math.inf) if each.event == first.attributes.id else each
            for seq, each in shard._published.items()
        }
        await until(lambda: len(broker.events) > 4, "son sujet est publié de nouveau")
        assert broker.events[3:] == [first.attributes.id, second.attributes.id]


async def takes_what_is_handed_over(broker: Broker) -> None:
    """Until the relay is at work, and knows that nothing waits."""
    await until(lambda: broker.relays.at_work, "le relais a son bail")
    await until(lambda: not broker.relays._relays[0]._left_behind, "il sait ce qui attend")


async def committed(world: World, *records: log.Entry, before: int | None = None) -> list[Arrival]:
    """Events that the door has just committed, as it hands them over: the first behind one of this number."""
    entries = log.proven(PROVER, [log.Entry(*each[:2], row) for row, each in enumerate(records)])
    async with world.database.transaction() as connection:
        seqs = await log.append_proven(connection, entries)
    numbered = [e._replace(seq=seqs[e.attributes.id]) for e in entries]
    return list(zip(numbered, [before, *[None] * (len(entries) - 1)], strict=True))


async def test_what_the_door_hands_over_is_published_once_and_nobody_has_to_read_it(prepared: World) -> None:
    async with publishing(prepared, beaten=False) as broker:
        await takes_what_is_handed_over(broker)
        with heard() as said:
            event = record(vacant(uuid4()))
            broker.relays.hand_over(await committed(prepared, event))
            await until(lambda: broker.events == [event.attributes.id], "il est publié")
        assert not [line for line in said.transactions if "queue" in line], "personne ne l'a relu"
        broker.relays._wakes[0].set()
        other = record(vacant(uuid4()))
        await committed(prepared, other)  # what another door says is read, and nothing else again
        broker.relays._wakes[0].set()
        await until(lambda: other.attributes.id in broker.events, "l'autre est publié")
        assert broker.events == [event.attributes.id, other.attributes.id]


class Listener:
    """Relays that publish nothing and remember what they are handed."""

    at_work = True

    def __init__(self) -> None:
        self.handed: list[Arrival] = []

    def hand_over(self, committed: Sequence[Arrival]) -> None:
        self.handed += committed


async def test_the_door_hands_over_small_messages_and_leaves_large_ones_to_their_turn(
    door: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert door.hub is not None
    relays = Listener()
    monkeypatch.setattr(door.hub.intake.keeper, "_relays", relays)
    await door.accepted("centre", file_of(SMALL_ROWS + 1))
    assert (relays.handed, len(await door.events("centre"))) == ([], SMALL_ROWS + 1)
    await door.accepted("centre", vacancy("seule"))
    assert len(relays.handed) == 1


async def test_what_is_handed_over_behind_an_event_that_nobody_has_published_yet_goes_after_it(
    prepared: World,
) -> None:
    place = uuid4()
    first, second = record(vacant(place, 1)), record(vacant(place, 2))
    async with publishing(prepared, beaten=False) as broker:
        await takes_what_is_handed_over(broker)
        ((elsewhere, _),) = await committed(
            prepared, first
        )  # at another door, whose wake-up is still to come
        broker.relays.hand_over(await committed(prepared, second, before=elsewhere.seq))
        await until(lambda: len(broker.events) == 2, "les deux sont publiés")
        assert broker.events == [first.attributes.id, second.attributes.id]
        assert broker.follows == {second.attributes.id: first.attributes.id}


async def test_a_flood_that_is_handed_over_fills_one_window_and_the_rest_waits_for_its_turn(
    prepared: World,
) -> None:
    async with publishing(prepared, window=4, beaten=False) as broker:
        await takes_what_is_handed_over(broker)
        flood = [record(vacant(uuid4())) for _ in range(20)]
        broker.relays.hand_over(await committed(prepared, *flood))
        await until(lambda: len(broker.events) == 4, "une fenêtre est publiée")
        await applier(prepared.database).apply(flood[:4], prepared.registry())
        broker.relays._wakes[0].set()
        await until(lambda: len(broker.events) == 8, "la suivante, une fois celle-ci appliquée")
        assert broker.events == [each.attributes.id for each in flood[:8]]


@pytest.mark.parametrize("handed", [True, False], ids=["handed over", "read"])
async def test_what_a_standby_numbers_again_is_published_once_it_has_taken_over(
    prepared: World, handed: bool
) -> None:
    lost, anew = record(vacant(uuid4())), record(vacant(uuid4()))
    async with publishing(prepared, beaten=False) as broker:
        await takes_what_is_handed_over(broker)
        ((before, _),) = await committed(prepared, lost)
        broker.relays.hand_over([(before, None)])
        await until(lambda: broker.events == [lost.attributes.id], "il est publié")
        async with prepared.database.transaction() as connection:
            await connection.execute("DELETE FROM outbox")
            await connection.execute("DELETE FROM event")
            sequence = "pg_get_serial_sequence('event', 'seq')"
            await connection.execute(f"SELECT setval({sequence}, {before.seq}, false)")
            primary = (await origin.met(connection)).server
        assert primary is not None
        await prepared.database.written_by(primary._replace(system=0))
        ((after, _),) = await committed(prepared, anew)
        assert after.seq == before.seq
        if handed:
            broker.relays.hand_over([(after, None)])
        else:
            broker.relays._wakes[0].set()
        await until(lambda: broker.events[1:] == [anew.attributes.id], "le nouveau est publié aussi")
