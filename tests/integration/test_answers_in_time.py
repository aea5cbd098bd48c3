"""An answer counts from its 202: it wins over every deadline that passes while it waits to be applied."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from contracts.v1.echeance import Echeance
from router.domain.roles import Role
from router.process import heartbeat
from tests.integration import clock, lasting
from tests.integration.large_files import BOITE, CHUNK, decoder, file_of, in_hundreds, sent
from tests.integration.quarantined import replayed
from tests.integration.reservations import place_of, ran_out, released, released_in_time
from tests.integration.stages import stages
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
world = lasting.world

LONG = timedelta(days=25)
"""More than a referral holds a place, and than an answer to it may take."""
Accepted = Callable[[World, str], Awaitable[None]]


@pytest.fixture(autouse=True)
def soon_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every process hears five times a second what is due."""
    monkeypatch.setattr(heartbeat, "BEAT_SECONDS", 0.2)


def acceptance(referral: str) -> dict[str, Any]:
    return {"type": "orientation.acceptee", "orientation": referral, "accueilLe": "2036-12-01"}


async def waits_for_a_worker(world: World, referral: str) -> None:
    assert (await world.send("centre", acceptance(referral)))[0] == 202


async def waits_behind_a_large_file(world: World, referral: str) -> None:
    await sent(world, file_of(CHUNK + 1))
    await waits_for_a_worker(world, referral)
    assert [message.etat for message in await world.messages("centre") if message.held] == ["accepte"]


async def waits_to_be_released(world: World, referral: str) -> None:
    """The large file before it is read; what came behind is not released yet."""
    await waits_behind_a_large_file(world, referral)
    assert await decoder(world)._next()


async def is_the_last_row_of_a_large_file(world: World, referral: str) -> None:
    await sent(world, [*file_of(CHUNK + 1), acceptance(referral)])


async def its_time_passes(world: World) -> None:
    """All reservations and all deadlines of answers pass, and whoever sees to them is at work."""
    await clock.pass_time(world, LONG)
    await clock.subjects_are_older(world, LONG)
    await clock.reservations_run_out(world, LONG)
    seen = await ran_out(world, "centre-boite", 1)

    async def at_work() -> bool:
        return seen <= await released(world)

    await until(at_work, "une réservation que rien ne retient est libérée")


async def is_kept(world: World, referral: str) -> None:
    """The place stays with its household."""
    await world.settled()
    held = await place_of(world, referral)
    assert held.id not in await released(world)
    assert await stages(world, Echeance.DECISION) == [], "aucun délai ne passe avant la réponse"
    assert (held.etat, held.due_in) == ("RESERVEE", None), "promise, sans échéance"
    assert [each.etat for each in await world.subjects("orientation")] == ["ACCEPTEE"]
    assert await world.outcomes("anomalie") == []


@pytest.mark.parametrize(
    "accepted",
    [
        waits_for_a_worker,
        waits_behind_a_large_file,
        waits_to_be_released,
        is_the_last_row_of_a_large_file,
    ],
)
async def test_an_acceptance_answered_in_time_keeps_its_place_however_late_it_is_applied(
    world: World, monkeypatch: pytest.MonkeyPatch, accepted: Accepted
) -> None:
    referral = await world.referred(code="Z-1")
    await world.settled()
    await world.apply(world.registry(siao_01=BOITE))
    await world.stop()
    await world.start(Role.GATEWAY)
    in_hundreds(world, monkeypatch)
    async with released_in_time(world):
        await accepted(world, referral)
        await its_time_passes(world)
    assert (await place_of(world, referral)).id not in await released(world)

    await world.stop()
    await world.start()
    await until(lambda: nobody_decodes(world), "tout est lu")
    await is_kept(world, referral)


async def nobody_decodes(world: World) -> bool:
    return not any(message.held or message.etat == "en_cours" for message in await world.messages())


@pytest.mark.parametrize("before", [(), ("orientation.accusee",)], ids=["itself", "parked"])
async def test_an_acceptance_that_a_human_must_help_through_keeps_its_place(
    world: World, before: tuple[str, ...]
) -> None:
    referral = await world.referred()
    await world.settled()
    usual = world.registry()
    await world.apply(world.registry(siao_01={"sortie": None}))
    for message in [*({"type": kind, "orientation": referral} for kind in before), acceptance(referral)]:
        assert (await world.send("centre", message))[0] == 202
        await until(world.quarantined, "personne à qui le dire")
    await its_time_passes(world)
    assert (await place_of(world, referral)).id not in await released(world)

    await world.apply(usual)
    await replayed(world, cause="Unroutable")
    await until(lambda: world.siao.of_type("orientation.acceptee"), "le SIAO apprend l'acceptation")
    await is_kept(world, referral)


async def test_a_large_file_that_came_too_late_holds_no_reservation_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    referral = await world.referred(code="Z-1")
    await world.settled()
    await world.stop()
    await world.start(Role.GATEWAY)
    in_hundreds(world, monkeypatch)
    await clock.reservations_run_out(world, LONG)
    await is_the_last_row_of_a_large_file(world, referral)
    place = await place_of(world, referral)

    async def free() -> bool:
        return place.id in await released(world)

    async with released_in_time(world):
        await until(free, "la place est libérée")
