"""Nobody shuts the door on the others: what one partner sends too much of is its own affair."""

import gzip
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from connectors.byte_budget import Share
from connectors.token_bucket import TokenBucket
from contracts.partner import Limites
from router.domain.roles import Role
from router.intake import bulk
from router.intake.bulk import Bulk
from tests.conformance.droppers import SftpDropper
from tests.hostile.connections import Line
from tests.integration import accidents, lasting
from tests.integration.dropped import both_picked_up, file_of
from tests.integration.large_files import decoder, sent
from tests.integration.large_files import file_of as large_file_of
from tests.integration.messages import vacancy
from tests.integration.registry import AUTRE_FINESS, key_of
from tests.integration.waiting import until
from tests.integration.world import Reply, World

pytestmark = lasting.MARK
door, dropper, neighbour, prepared = lasting.door, lasting.dropper, lasting.neighbour, lasting.prepared

CENTRE = {"Authorization": f"Bearer {key_of('centre')}"}
FORTY_MIB = 40 * 1024 * 1024


def few(**limites: Any) -> dict[str, Any]:
    """Limits that a test can reach."""
    return {"limites": Limites(**limites)}


def asks_to_come_back(reply: Reply) -> bool:
    """A 429 that says in French what to do, and when."""
    assert reply.status == 429, reply.body
    assert reply.media_type == "application/problem+json"
    assert reply.body["type"] == "urn:siao:probleme:limite-atteinte"
    assert "même clé" in reply.body["detail"]
    return int(reply.headers["Retry-After"]) > 0


def no_time_passes(*_: object) -> None:
    """However long a busy machine takes for a few requests, no new one is allowed meanwhile."""


async def neighbour_is_heard(world: World) -> bool:
    body = vacancy(f"V-{uuid4()}", structure=AUTRE_FINESS)
    return (await world.send("centre-boite", body))[0] == 202


async def test_a_partner_above_its_rate_is_asked_to_come_back_trials_included_and_nobody_else_is(
    prepared: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TokenBucket, "_refill", no_time_passes)
    await prepared.start(Role.GATEWAY)
    await prepared.apply(prepared.registry(centre=few(rafale_requetes=3)))
    for n, (query, status) in enumerate((("", 202), ("?essai=true", 200), ("", 202))):
        assert (await prepared.send("centre", vacancy(f"A-{n}"), query=query))[0] == status
    for query in ("", "?essai=true"):
        assert asks_to_come_back(await prepared.post(vacancy("A-4"), query, **CENTRE))
    assert (await prepared.get("centre", f"/v1/messages/{uuid4()}"))[0] == 429, (
        "suivre un message compte aussi"
    )
    assert await neighbour_is_heard(prepared)


async def test_two_packed_bodies_held_open_take_their_senders_share_and_not_the_others(
    door: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = gzip.compress(bytes(FORTY_MIB - 1))
    assert len(packed) < 50_000
    unpacked: Counter[Share] = Counter()
    grow = Share.grow

    def counted(share: Share, size: int) -> bool:
        unpacked[share] += size
        return grow(share, size)

    async def status_of(partner: str) -> int:
        """What is said to a large body of this partner, in which nothing stands."""
        reply = await door.post(b" " * 900_000, Authorization=f"Bearer {key_of(partner)}")
        return 429 if reply.status == 429 and asks_to_come_back(reply) else reply.status

    async def centre_is_told(status: int) -> bool:
        return await status_of("centre") == status

    monkeypatch.setattr(Share, "grow", counted)
    async with held_open(door, packed), held_open(door, packed):
        await until(lambda: FORTY_MIB - 1 in unpacked.values(), "l'un des deux est là en entier")
        assert await centre_is_told(429), "la part du centre est prise"
        assert await status_of("centre-boite") == 400
        assert await neighbour_is_heard(door)
    await until(partial(centre_is_told, 400), "la part est rendue")


@asynccontextmanager
async def held_open(world: World, packed: bytes) -> AsyncIterator[None]:
    """A body of the centre of which the last byte does not come."""
    line = await Line.to(world.base)
    head = f"POST /v1/messages HTTP/1.1\r\nHost: hub\r\nAuthorization: {CENTRE['Authorization']}\r\n"
    length = f"Content-Encoding: gzip\r\nContent-Length: {len(packed) + 1}\r\n\r\n"
    await line.say((head + length).encode(), packed)
    try:
        yield
    finally:
        line.hang_up()


async def test_a_partner_whose_events_wait_in_too_great_a_number_is_asked_to_come_back_and_nobody_else_is(
    prepared: World,
) -> None:
    world = prepared
    await world.start(Role.GATEWAY)
    await world.apply(world.registry(centre=few(evenements_en_attente=5)))

    async def refused() -> bool:
        reply = await world.post(vacancy(f"A-{uuid4()}"), **CENTRE)
        return reply.status == 429 and asks_to_come_back(reply)

    await until(refused, "le centre attend")
    assert await neighbour_is_heard(world)
    assert (await world.send("centre", vacancy("B-1"), query="?essai=true"))[0] == 200
    await world.stop()
    await world.start()

    async def heard() -> bool:
        return (await world.send("centre", vacancy("B-1"), "cle-b"))[0] == 202

    await until(heard, "appliqué ce qui attendait, il est entendu")


class Looking(Bulk):
    """Looks at the backlog after each thousand rows: the hub does every other second."""

    async def _keep(self, large: Any, chunk: Any, done: int) -> bool:
        kept = await super()._keep(large, chunk, done)
        await self._backlog.look()
        return kept


async def test_large_files_fill_half_of_their_senders_share_and_leave_the_door_open_to_it_and_to_the_others(
    prepared: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "SLICE_CHUNKS", 1)
    world = prepared
    await world.start(Role.GATEWAY)
    assert world.hub is not None
    await world.apply(world.registry(centre=few(evenements_en_attente=1500)))
    for n in range(2):
        await sent(world, large_file_of(2001), f"fichier-{n}")
    decoding = decoder(world, Looking)
    while await decoding._next():
        pass
    assert 750 < len(await world.backlog()) <= 1500
    assert (await world.send("centre", vacancy("B-1")))[0] == 202
    assert await neighbour_is_heard(world)
    await accidents.applied_elsewhere(world)
    await world.hub.backlog.look()
    assert await decoding._next(), "la suite vient quand il y a de la place"


async def test_a_folder_waits_for_what_its_own_partner_has_waiting_and_the_next_one_does_not(
    prepared: World, dropper: SftpDropper, neighbour: SftpDropper
) -> None:
    world = prepared
    for n in range(3):
        await dropper.drop(f"{n}.json", file_of(f"A-{n}"))
    with capture_logs() as logged:
        await both_picked_up(world, dropper, neighbour, **few(evenements_en_attente=2))
        assert world.hub is not None
        hub = world.hub

        async def waits() -> bool:
            await hub.backlog.look()
            outages = [line for line in logged if line["event"] == "outage.started"]
            waiting = any(line["of"] == "entree" and line["partner"] == "centre" for line in outages)
            return waiting and dropper.remaining() == []

        await until(waits, "le centre a ce qu'il peut avoir en attente")
    await dropper.drop("4.json", file_of("A-4"))
    await neighbour.drop("0.json", file_of("V-0", structure=AUTRE_FINESS))
    await until(lambda: neighbour.remaining() == [], "le voisin est relevé")
    assert dropper.remaining() == ["4.json"]
    await accidents.applied_elsewhere(world)
    await until(lambda: dropper.remaining() == [], "le centre l'est à son tour")
