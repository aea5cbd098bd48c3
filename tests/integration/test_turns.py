"""Small messages before bulk, partners in turn, and never an event before an earlier one of its subject."""

from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.base import Contrat
from contracts.v1.place import PlaceIndisponible
from router.domain.roles import Role
from router.privacy.keyring import Keyring
from router.settings import RelaySettings, Settings
from router.store import log, queues
from tests.integration import cost, pending
from tests.integration.large_files import decided, file_of, sent
from tests.integration.lasting import MOVING
from tests.integration.messages import vacancy
from tests.integration.registry import AUTRE_FINESS
from tests.integration.test_batches import applier, record, vacant
from tests.integration.test_relay import publishing
from tests.integration.waiting import until
from tests.integration.world import World

ROWS = 2000
BACKLOG = 4000
WINDOW = 100


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A window that a file of two thousand rows fills many times."""
    return settings.model_copy(update={"relay": RelaySettings(window=WINDOW)})


async def append(world: World, *records: log.Entry, bulk: bool = False) -> None:
    """Accepted, as rows of a large message or of a small one."""
    entries = [log.Entry(each.attributes, each.payload, bulk=bulk) for each in records]
    async with world.database.transaction() as connection:
        await log.append(connection, Keyring.of(world.settings).prover, entries)


def ids(records: Sequence[log.Entry]) -> list[UUID]:
    return [each.attributes.id for each in records]


def places(number: int, source: str = "centre") -> list[log.Entry]:
    """Vacancies of so many places."""
    return [record(vacant(uuid4()), source) for _ in range(number)]


async def test_a_place_freed_tonight_arrives_before_a_file_and_news_of_one_in_it_takes_along_the_row_that_speaks_of_it(
    prepared: World,
) -> None:
    """The file was accepted before them."""
    world = prepared
    await world.start(Role.GATEWAY, Role.SOURCES)
    await decided(world, await sent(world, file_of(ROWS)))
    assert (await world.send("centre-boite", vacancy("B-1", structure=AUTRE_FINESS)))[0] == 202
    closed = {"type": "place.indisponible", "place": f"A-{ROWS - 1}", "motif": "TRAVAUX"}
    assert (await world.send("centre", closed))[0] == 202
    await world.stop()
    await world.start(*MOVING)
    await until(lambda: told(world, AUTRE_FINESS), "la place de ce soir arrive")
    assert told(world, AUTRE_FINESS)[0] < WINDOW, "elle n'attend pas le fichier"
    assert (await world.send("centre-boite", vacancy("B-2", structure=AUTRE_FINESS)))[0] == 202
    before = len(await world.deliveries("siao-01"))
    await until(lambda: len(told(world, AUTRE_FINESS)) == 2, "une autre, pendant que le fichier passe")
    assert await world.backlog(), "le fichier passe encore"
    created = [str(each.id) for each in await world.deliveries("siao-01")]
    ahead = created.index(world.siao.keys[told(world, AUTRE_FINESS)[1]])
    assert ahead < before + 3 * WINDOW < ROWS, "deux fenêtres et un lot au plus passent devant elle"

    (unavailable,) = await until(lambda: world.siao.of_type("place.indisponible"), "elle arrive")
    place = named(unavailable)
    of_it = [m["type"] for m in world.siao.messages if named(m) == place]
    assert of_it == ["place.vacante", "place.indisponible"]
    assert world.siao.messages.index(unavailable) < ROWS // 2, "et n'attend pas le reste du fichier"


def told(world: World, structure: str) -> list[int]:
    """At which places of its journal the SIAO has news of a structure."""
    return [
        n for n, message in enumerate(world.siao.messages) if message["place"].get("structure") == structure
    ]


def named(message: dict[str, object]) -> object:
    place = message["place"]
    return place["identifiantExterne"] if isinstance(place, dict) else place


async def test_two_files_of_two_partners_advance_alternately(prepared: World) -> None:
    await pending.many(prepared, "centre", 3 * WINDOW, bulk=True)
    await pending.many(prepared, "bailleur", 3 * WINDOW, bulk=True)
    async with publishing(prepared) as broker:
        await until(lambda: len(broker.events) >= WINDOW, "la fenêtre est pleine")
        first = await pending.sources(prepared, broker.events[:WINDOW])
    assert Counter(first) == {"centre": WINDOW // 2, "bailleur": WINDOW // 2}
    assert Counter(first[: WINDOW // 2]) == {"centre": WINDOW // 4, "bailleur": WINDOW // 4}


async def test_a_flood_of_small_messages_leaves_the_next_turn_to_who_has_one(prepared: World) -> None:
    await pending.many(prepared, "centre", 3 * WINDOW, bulk=False)
    async with publishing(prepared) as broker:
        await until(lambda: len(broker.events) >= WINDOW, "la fenêtre est pleine")
        (late,) = places(1, "siao-01")
        await append(prepared, late)
        async with prepared.database.transaction() as connection:
            await log.take_pending(connection, broker.events[:10])
        await until(lambda: len(broker.events) == WINDOW + 10, "ce qui est appliqué fait de la place")
        assert broker.events[WINDOW] == late.attributes.id


async def test_no_more_is_on_the_bus_of_each_kind_than_its_window(prepared: World) -> None:
    await pending.many(prepared, "centre", 2 * WINDOW, bulk=True)
    async with publishing(prepared) as broker:
        await until(lambda: len(broker.events) >= WINDOW, "la fenêtre est pleine")
        news = places(3, "siao-01")
        await append(prepared, *news)
        await until(lambda: set(ids(news)) <= set(broker.events), "une nouvelle a sa place")
        assert len(broker.events) == WINDOW + len(news)


async def test_a_full_window_is_looked_at_again_soon_though_nobody_calls(
    prepared: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks, look = 0, queues.look

    async def counted(*args: Any) -> Any:
        nonlocal looks
        looks += 1
        return await look(*args)

    monkeypatch.setattr(queues, "look", counted)
    await pending.many(prepared, "centre", WINDOW + 10, bulk=True)
    async with publishing(prepared, beaten=False) as broker:
        await until(lambda: len(broker.events) == WINDOW, "la fenêtre est pleine")
        full = looks
        await until(lambda: looks > full + 3, "il est regardé, et rien n'a changé")
        async with prepared.database.transaction() as connection:
            await log.take_pending(connection, broker.events[:10])
        await until(lambda: len(broker.events) == WINDOW + 10, "le reste suit")


@pytest.mark.parametrize("restarts", [False, True])
async def test_an_event_never_goes_before_an_earlier_one_of_its_subject_whatever_their_queues(
    prepared: World, restarts: bool
) -> None:
    news, file = places(3, "siao-01"), places(2 * WINDOW)
    stay = [record(closed(each), "siao-01") for each in (file[-1], file[-2])]
    again = [record(vacant(each.attributes.subject)) for each in news]
    await append(prepared, *news)
    await append(prepared, *file, bulk=True)
    await append(prepared, *stay)
    await append(prepared, *again, bulk=True)
    async with publishing(prepared) as broker:
        await until(lambda: len(broker.events) >= WINDOW // 2, "le relais est au travail")
        published = list(broker.events)
        if not restarts:
            await applied_as_published(prepared, broker.events)
            published = broker.events
    if restarts:
        async with publishing(prepared) as broker:
            await applied_as_published(prepared, broker.events)
            published += broker.events
    turn = {event: published.index(event) for event in published}
    for first, second in [*zip(file[:-3:-1], stay, strict=True), *zip(news, again, strict=True)]:
        assert turn[first.attributes.id] < turn[second.attributes.id]
    assert max(turn[event] for event in ids(stay)) < 10, "elles n'attendent que leur sujet"


def closed(vacancy: log.Entry) -> Contrat:
    return PlaceIndisponible(place=vacancy.attributes.subject, motif="TRAVAUX")


async def applied_as_published(world: World, published: list[UUID]) -> None:
    """Take what is published until nothing waits any more."""
    taken = 0

    async def all_of_it() -> bool:
        nonlocal taken
        fresh = published[taken:]
        async with world.database.transaction() as connection:
            await log.take_pending(connection, fresh)
        taken += len(fresh)
        return not await world.backlog()

    await until(all_of_it, "tout est publié et appliqué")


async def test_a_long_row_of_events_of_one_subject_goes_piece_by_piece_and_keeps_no_other_waiting(
    prepared: World,
) -> None:
    place = uuid4()
    file = [record(vacant(place)) for _ in range(3 * WINDOW)]
    (behind,), (other,) = [record(vacant(place), "siao-01")], places(1, "bailleur")
    await append(prepared, *file, bulk=True)
    await append(prepared, behind)
    async with publishing(prepared) as broker:
        await until(lambda: len(broker.events) >= 2 * WINDOW, "deux fenêtres sont pleines")
        await append(prepared, other)
        async with prepared.database.transaction() as connection:
            await log.take_pending(connection, broker.events[: WINDOW + 1])
        await until(lambda: other.attributes.id in broker.events, "l'autre passe")
        assert behind.attributes.id not in broker.events
        await applied_as_published(prepared, broker.events)
        assert [e for e in broker.events if e != other.attributes.id] == ids([*file, behind])


ROUNDS_UNTIL_A_PLAN_IS_KEPT = 8


async def test_a_round_of_the_relay_reads_no_more_of_a_long_backlog_than_of_a_short_one(
    prepared: World,
) -> None:
    await nothing_was_pending_for_long(prepared)
    rows = {False: 50, True: 10}
    async with prepared.database.statement() as connection:
        for _ in range(ROUNDS_UNTIL_A_PLAN_IS_KEPT):
            await queues.look(connection, 0, 1, {}, rows)
            await queues.read(connection, {}, [], 10_000)
    for partner in range(20):
        await pending.many(prepared, f"p-{partner}", 1500, bulk=partner > 0)
    async with prepared.database.transaction() as connection:
        await cost.reading_whole_tables_seems_free(connection)
        await queues.plan_anew(connection)
        async with cost.rows_read(connection) as read:
            heads, _ = await queues.look(connection, 0, 1, {}, rows)
            entries = await queues.read(connection, {row.subject: row.seq for row in heads}, [], 10_000)
        assert not await queues.backlog_exceeds(connection, 20 * 1500)
    assert len(entries) == len(heads) == 50 + 19 * 10
    assert read["outbox"] < 4 * len(heads)
    assert read["event"] < 2 * len(heads)


async def test_a_relay_that_falls_behind_does_not_read_the_whole_backlog_in_each_round(
    prepared: World,
) -> None:
    await nothing_was_pending_for_long(prepared)
    async with publishing(prepared) as broker:
        first = places(ROUNDS_UNTIL_A_PLAN_IS_KEPT)
        for news in first:
            await append(prepared, news)
            await until(lambda news=news: news.attributes.id in broker.events, "publié")  # type: ignore[misc]
        await pending.many(prepared, "p-0", BACKLOG, bulk=True)
        await applied_as_published(prepared, broker.events)
    await prepared.database.close()

    async def counted() -> bool:
        return await cost.rows_read_in_all(prepared, "event") >= BACKLOG

    await until(counted, "les connexions closes ont dit ce qu'elles ont lu")
    assert await cost.rows_read_in_all(prepared, "event") < 10 * BACKLOG


async def nothing_was_pending_for_long(world: World) -> None:
    """Let PostgreSQL learn that the outbox is empty, and learn nothing after."""
    for table in ("outbox", "event"):
        await cost.left_alone(world, table)
        await cost.know_the_sizes(world, table)


async def test_what_follows_from_a_row_of_a_file_gives_way_too(prepared: World) -> None:
    news, row = places(1, "centre")[0], places(1, "centre")[0]
    await append(prepared, row, bulk=True)
    await append(prepared, news)
    await applier(prepared.database).apply([row, news], prepared.registry())
    assert await pending.lanes_of_bulk(prepared) == {row.attributes.subject}
