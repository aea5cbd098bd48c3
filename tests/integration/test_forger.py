"""Who writes to the topics and has not the key achieves nothing but an alarm; what is true takes effect once."""

from datetime import UTC, datetime, timedelta, timezone
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from connectors.kafka.bounds import BATCH_MAX_BYTES
from contracts.envelope import HUB, PREDECESSOR, from_headers
from contracts.topics import OFFRE
from contracts.v1.orientation import OrientationRefusee
from contracts.v1.place import PlaceFermee, PlaceLiberee
from ops.recovery.reading import recover
from router.applying import believing
from router.domain.roles import Role
from router.store import log
from router.triage import FORGED
from tests.conformance.kafka_partner import Topic
from tests.integration import accidents, lasting
from tests.integration.forger import Forger, event_of, record_of
from tests.integration.messages import referral, vacancy
from tests.integration.stopwatch import Stopwatch
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
prepared, world = lasting.prepared, lasting.world

HOUR = timedelta(hours=1)
DAYS = count()


@pytest_asyncio.fixture(loop_scope="module")
async def forger(world: World, monkeypatch: pytest.MonkeyPatch) -> Forger:
    """The last alarm was long ago, in whichever test."""
    watch = Stopwatch()
    watch.freeze(hours=24.0 * next(DAYS))
    monkeypatch.setattr(believing, "time", watch)
    return Forger(world)


async def nothing_but_an_alarm(world: World, before: dict[str, list[Any]], forged: int = 1) -> None:
    """All is as it was, but for the forged records that are kept, of no event and no subject, and one line of the
    audit a topic."""
    after = await world.state()
    kept = [row for row in after.pop("quarantine") if row not in before["quarantine"]]
    assert after == {name: rows for name, rows in before.items() if name != "quarantine"}
    assert [(cause, event, subject) for _, _, cause, event, subject in kept] == [
        (FORGED, None, None)
    ] * forged
    topics = [line.object for line in await world.audited("bus.falsifie")]
    assert topics
    assert len(topics) == len(set(topics)), "une alarme par topic, non par enregistrement"


async def is_applied(world: World) -> bool:
    return not await world.backlog()


async def is_published(world: World, event: UUID) -> bool:
    return event in {event_of(record) for record in await world.bus.records()}


async def as_written(world: World, event: UUID) -> log.Entry:
    """What the log says of an event."""
    async with world.database.transaction() as connection:
        entry, _ = (await log.as_written(connection, [event]))[event]
        return entry


async def test_a_true_record_has_one_effect_however_often_and_late_it_is_written_and_an_invented_one_none(
    world: World, forger: Forger
) -> None:
    """No shelter that did not speak refuses a referral, and the hub alone moves a place."""
    ours = UUID(await world.referred())
    await world.settled()
    (place,) = await world.subjects("place")
    records, before = await world.bus.records(), await world.state()
    for record in records:
        await world.bus.publish_again(record)
    await forger.is_read()
    assert await world.state() == before

    proposed = from_headers((await record_of(world, "proposee.v1")).headers)
    refusal = OrientationRefusee(orientation=ours, auteur="STRUCTURE", motif="ANIMAL")
    await forger.invents(refusal, proposed, id=uuid4(), source="centre")
    vacant = from_headers((await record_of(world, "vacante.v1")).headers)
    await forger.invents(PlaceLiberee(place=place.id, version=2), vacant, id=uuid4(), source=HUB)
    await forger.invents(PlaceFermee(place=place.id), vacant, id=uuid4())
    await forger.is_read()
    await nothing_but_an_alarm(world, before, forged=3)
    assert not world.siao.of_type("orientation.refusee")


@pytest.mark.parametrize("first", ["forged", "true"])
async def test_a_pending_referral_goes_to_whom_it_was_addressed_whatever_the_bus_says_of_it(
    world: World, forger: Forger, first: str
) -> None:
    place, elsewhere = await world.known_place("A-101"), await world.known_place("A-102")
    await world.settled()
    await world.stop()
    await world.start(Role.GATEWAY)
    await world.accepted("siao-01", referral(place, 1))
    (pending,) = await world.events(kind="orientation.proposee")
    await world.stop()
    if first == "true":
        await world.start(Role.RELAY)
        await until(lambda: is_published(world, pending.id), "l'orientation est sur le bus")
        await world.stop()
    written = pending.payload.replace(place.encode(), elsewhere.encode())
    assert written != pending.payload
    await forger.writes((await as_written(world, pending.id)).attributes, written)

    await world.start()
    await until(lambda: world.shelter.messages, "l'orientation arrive au centre")
    await forger.is_read()
    assert [message["place"] for message in world.shelter.messages] == ["A-101"], "une fois, la vraie"
    etats = {str(each.id): each.etat for each in await world.subjects("place")}
    assert etats == {place: "RESERVEE", elsewhere: "DISPONIBLE"}
    (kept,) = await world.quarantined()
    assert (kept.cause, kept.fingerprint) == (FORGED, believing.CHANGED)


async def test_a_bomb_on_the_bus_is_not_unfolded_and_what_follows_it_is_applied(
    world: World, forger: Forger
) -> None:
    topic = Topic(world.settings.kafka.bootstrap, world.bus.topic("offre"))
    for partition in range(OFFRE.partitions):
        await topic.write_batch("zstd", bytes(2 * BATCH_MAX_BYTES), partition=partition)
    await world.send("centre", [vacancy("A-1"), vacancy("A-2")])
    await forger.is_read()
    assert [place.etat for place in await world.subjects("place")] == ["DISPONIBLE"] * 2
    kept = [tuple(row) for row in await world.sql("SELECT cause, octet_length(raw) FROM quarantine")]
    assert kept == [("InvalidContract", 0)] * OFFRE.partitions, (
        "un par lot, qui dit où il est, sans ce qu'il tient"
    )


async def test_an_event_that_the_bus_changes_is_applied_from_the_log(prepared: World) -> None:
    world, forger = prepared, Forger(prepared)
    await world.start(Role.GATEWAY)
    await world.accepted("centre", [vacancy("A-1"), vacancy("A-2")])
    await world.stop()
    await world.start(Role.WORKER)
    for event in await world.events():
        await forger.writes((await as_written(world, event.id)).attributes, event.payload[:-9])
    await until(lambda: is_applied(world), "tout est appliqué, sans relais")
    assert [place.etat for place in await world.subjects("place")] == ["DISPONIBLE"] * 2


async def test_an_event_of_which_the_log_has_had_its_time_is_not_taken_in_again(
    world: World, forger: Forger, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.known_place()
    await world.settled()
    (record,) = await world.bus.records()
    await accidents.log_is_lost(world)
    monkeypatch.setattr("router.store.log.KEPT", timedelta(0))
    before = await world.state()
    await world.bus.publish_again(record)
    await forger.is_read()
    assert await world.state() == before


OTHERS: list[tuple[str, Any]] = [
    ("id", uuid4()),
    ("type", PlaceFermee.TYPE),
    ("source", HUB),
    ("subject", uuid4()),
    ("time", datetime(2026, 1, 1, tzinfo=UTC)),
    ("time", datetime(2026, 1, 1)),  # noqa: DTZ001  that it says no offset is the point
    ("time", datetime.min.replace(tzinfo=timezone(14 * HOUR))),
    ("territoire", "69"),
    ("territoire", "0\x001"),
    ("correlationid", uuid4()),
    ("causationid", uuid4()),
]
CUT = [b"", b"{", b'{"clair":{},"scelle":[]}']


async def test_a_record_of_which_an_attribute_the_ciphertext_the_end_or_the_partition_is_another_has_no_effect(
    world: World, forger: Forger
) -> None:
    await world.referred(1, "A-1")
    await world.referred(2, "A-2")
    await world.settled()
    record, before = await record_of(world, "vacante.v1"), await world.state()
    for attribute, value in OTHERS:
        await forger.changes(record, **{attribute: value})
    for payload in CUT:
        await forger.changes(record, payload)
    one, two = [r for r in await world.bus.records() if b"proposee" in dict(r.headers)["ce_type"]]
    await forger.changes(one, two.value)
    await forger.changes(two, one.value)
    ours = [(name, value) for name, value in record.headers if name != PREDECESSOR]
    elsewhere = (record.partition + 1) % OFFRE.partitions
    await world.bus.publish("offre", record.value, ours, record.key, elsewhere)
    await forger.is_read()
    await nothing_but_an_alarm(world, before, forged=len(OTHERS) + len(CUT) + 3)
    assert [kept.fingerprint for kept in await world.quarantined()].count(believing.MISPLACED) == 1


async def test_a_flood_of_forged_records_floods_neither_quarantine_nor_audit_and_stops_nobody(
    world: World, forger: Forger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(believing, "KEPT_AT_MOST", 5)
    await world.known_place("A-1")
    await world.settled()
    (record,) = await world.bus.records()
    with capture_logs() as logged:
        for _ in range(30):
            await forger.changes(record, id=uuid4())
        await world.known_place("A-2")
        await forger.is_read()
    assert len(await world.quarantined()) == 5
    assert len(await world.audited("bus.falsifie")) == 1
    assert len([line for line in logged if line["event"] == "bus.forged"]) == 1


async def test_a_record_without_proof_is_applied_where_the_log_says_the_same(prepared: World) -> None:
    world = prepared
    await world.start(Role.GATEWAY)
    await world.accepted("centre", [vacancy("A-1"), vacancy("A-2")])
    await accidents.proofs_are_missing(world)
    await world.stop()
    await world.start()
    await until(lambda: len(world.siao.messages) == 2, "les vacances arrivent au SIAO")
    assert await world.quarantined() == []
    assert await world.audited("bus.falsifie") == []


async def test_what_was_forged_is_not_taken_in_where_the_database_went_back(
    prepared: World,
) -> None:
    world, forger = prepared, Forger(prepared)
    await world.start()
    await world.known_place()
    await world.settled()
    (record,) = await world.bus.records()
    await world.stop()
    await accidents.log_is_lost(world)
    like = from_headers(record.headers)
    await forger.writes(like._replace(id=uuid4()), record.value)
    await recover(world.settings, world.database, datetime.now(UTC) - HOUR, "test")
    await world.start()
    await until(lambda: len(world.siao.messages) == 2, "ce qui est vrai est repris")
    await forger.is_read()
    assert [event.id for event in await world.events()] == [event_of(record)]
