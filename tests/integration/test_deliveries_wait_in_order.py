"""A partner that is down, slow or strict misses nothing, gets everything in order, and keeps nobody else waiting."""

import asyncio
import time
from datetime import timedelta
from functools import partial
from typing import Any
from unittest.mock import AsyncMock

import pytest

from contracts.errors import BusUnavailable
from ops.status.findings import Code
from ops.tasks import deciding as tasks
from router.delivery import breaker
from router.delivery.breaker import IN_FLIGHT_FIRST
from router.delivery.dispatcher import Dispatcher
from router.delivery.refusals import REFUSALS_TO_HOLD
from router.delivery.rendering import KeysAndIds
from router.domain.partners import Registry
from router.store import lanes
from tests.integration import lasting
from tests.integration.memory import Lane
from tests.integration.messages import cancellation, referral, to_structure, vacancy
from tests.integration.registry import FINESS, http
from tests.integration.seen import seen
from tests.integration.waiting import PATIENCE_SECONDS, until
from tests.integration.world import World

pytestmark = lasting.MARK
prepared, world = lasting.prepared, lasting.world


async def test_a_partner_that_comes_back_gets_everything_in_order_and_nobody_else_has_waited(
    world: World,
) -> None:
    place = await world.known_place()
    world.shelter.status = 503
    await world.accepted("siao-01", referral(place, 1))
    await until(lambda: world.shelter.attempts, "le centre est essayé")
    await world.accepted("siao-01", cancellation(1))
    await world.known_place("A-102")
    await until(lambda: len(world.shelter.attempts) >= 2, "le centre est essayé de nouveau")
    assert {attempt.body["type"] for attempt in world.shelter.attempts} == {"orientation.proposee"}
    world.shelter.status = 204
    await until(lambda: len(world.shelter.messages) == 2, "le centre reçoit tout")
    assert [m["type"] for m in world.shelter.messages] == ["orientation.proposee", "orientation.annulee"]
    await world.settled()
    assert len(set(world.shelter.keys)) == len(world.shelter.keys) == 2
    first, second = await world.deliveries("centre")
    assert (first.etat, second.etat) == ("livree", "livree")
    assert first.attempts == world.shelter.tried(str(first.id))
    assert second.attempts == 1


async def test_a_short_outage_that_hits_many_deliveries_at_once_costs_no_long_silence(world: World) -> None:
    world.siao.status = 503
    await world.accepted("centre", [vacancy(f"A-{n}") for n in range(30)])
    await until(lambda: len(world.siao.attempts) >= 5, "le SIAO est essayé")
    world.siao.status = 204
    await until(lambda: len(world.siao.messages) == 30, "le SIAO reçoit tout")


async def test_a_partner_that_rejects_our_credentials_is_left_alone_and_loses_nothing(world: World) -> None:
    world.siao.status = 401
    await world.accepted("centre", [vacancy(f"A-{n}") for n in range(3)])
    await until(lambda: pauses(world), "plus rien ne part au SIAO")
    tried = len(world.siao.attempts)
    await world.accepted("centre-boite", vacancy("B-1", structure="010000032"))
    await until(lambda: four_are_overdue(world), "les quatre sont dues, et personne n'insiste")
    assert await world.etats("siao-01") == ["en_attente"] * 4
    assert len(world.siao.attempts) == tried

    world.siao.status = 204
    mended = http(world.siao.port, world.secret, delai_s=9.0)
    await world.apply(world.registry(siao_01={"sortie": mended}))
    await until(lambda: len(world.siao.messages) == 4, "corrigé, le SIAO reçoit tout aussitôt")
    await world.settled()
    assert await world.etats("siao-01") == ["livree"] * 4


async def test_a_partner_that_asks_to_wait_is_left_alone_for_as_long(world: World) -> None:
    world.siao.status = 429
    world.siao.headers = {"Retry-After": "2"}
    await world.accepted("centre", vacancy())
    await until(lambda: world.siao.attempts, "le SIAO est essayé")
    world.siao.status = 204
    await world.accepted("centre", vacancy("A-102"))
    await until(lambda: len(world.siao.messages) == 2, "le SIAO reçoit tout")
    refused, *later = world.siao.attempts
    assert all(attempt.at - refused.at >= 2.0 for attempt in later)


async def the_others_get_theirs(world: World, place: str, attempts: int) -> None:
    """Refer a household while the SIAO hangs: the shelter gets the referral, and the SIAO has seen no more than these
    attempts. Then let it answer."""
    await world.accepted("siao-01", referral(place, 1))
    await until(lambda: world.shelter.messages, "le centre reçoit l'orientation")
    assert len(world.siao.attempts) == attempts
    world.siao.speak()


async def test_a_partner_that_hangs_keeps_few_lanes_busy_and_the_others_get_theirs_at_once(
    world: World,
) -> None:
    await world.apply(with_a_patient_siao(world))
    place = await world.known_place()
    before = len(world.siao.attempts)
    world.siao.silent = True
    await world.accepted("centre", [vacancy(f"A-{n}") for n in range(200, 300)])
    await until(lambda: len(world.siao.attempts) - before == IN_FLIGHT_FIRST, "la fenêtre est pleine")
    await the_others_get_theirs(world, place, before + IN_FLIGHT_FIRST)


async def test_partners_that_hang_and_hold_all_that_may_be_in_flight_keep_nobody_else_waiting(
    prepared: World,
) -> None:
    world = prepared
    await world.write_registry(with_a_patient_siao(world))
    await start_with_four_in_flight(world)
    place = await world.known_place()
    before = len(world.siao.attempts)
    world.siao.silent = True
    await world.accepted("centre", [vacancy(f"A-{n}") for n in range(200, 300)])
    await until(lambda: len(world.siao.attempts) - before == 4, "tout ce qui peut être en vol l'est")
    await the_others_get_theirs(world, place, before + 4)


async def test_a_partner_gets_no_more_lanes_than_it_may_have_although_a_worker_sends_while_lanes_are_claimed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim, begun, go_on = lanes.claim, asyncio.Event(), asyncio.Event()

    async def takes_its_time(*args: Any) -> Any:
        begun.set()
        await go_on.wait()
        return await claim(*args)

    await world.apply(with_a_patient_siao(world))
    place = await world.known_place()
    await world.settled()
    before = len(world.siao.attempts)
    world.siao.silent = True
    monkeypatch.setattr(lanes, "claim", takes_its_time)
    dispatcher_of(world).try_again()
    await until(begun.is_set, "des voies sont en train d'être prises")
    for number in range(200, 200 + 2 * IN_FLIGHT_FIRST):
        await world.accepted("centre", vacancy(f"A-{number}"))
    await until(lambda: wait(world, 2 * IN_FLIGHT_FIRST), "toutes sont à livrer")
    go_on.set()
    await until(lambda: len(world.siao.attempts) - before >= IN_FLIGHT_FIRST, "la fenêtre est pleine")
    await the_others_get_theirs(world, place, before + IN_FLIGHT_FIRST)


async def test_each_lane_that_a_worker_has_reserved_counts_among_all_that_may_be_in_flight(
    prepared: World,
) -> None:
    world = prepared
    await start_with_four_in_flight(world)
    await world.referred()
    dispatcher = dispatcher_of(world)

    def reserved(**lanes: int) -> set[str]:
        capacity = dispatcher.reserve({name.replace("_", "-"): number for name, number in lanes.items()})
        capacity.give_back()
        return {*capacity.leases}

    both = {"siao-01", "centre"}
    await until(lambda: reserved(siao_01=2, centre=2) == both, "la place est libre pour tous les deux")
    assert reserved(siao_01=3, centre=2) == {"siao-01"}
    three = dispatcher.reserve({"siao-01": 3})
    assert reserved(centre=2) == set()
    assert reserved(centre=1) == {"centre"}
    three.give_back()
    assert reserved(centre=2) == {"centre"}


def dispatcher_of(world: World) -> Dispatcher:
    assert world.hub is not None
    assert world.hub.dispatcher is not None
    return world.hub.dispatcher


def with_a_patient_siao(world: World) -> Registry:
    """Return the registry with a SIAO for whose answer the hub waits longer than a test lasts."""
    patient = http(world.siao.port, world.secret, delai_s=PATIENCE_SECONDS)
    return world.registry(siao_01={"sortie": patient})


async def start_with_four_in_flight(world: World) -> None:
    """Start a hub that may have four lanes in flight to all partners together."""
    narrow = world.settings.dispatcher.model_copy(update={"max_in_flight": 4})
    world.settings = world.settings.model_copy(update={"dispatcher": narrow})
    await world.start()


def pauses(world: World) -> bool:
    """Whether nothing is sent to the SIAO until its entry changes, and nothing is on its way."""
    outlets = {each.partner.id: each for each in dispatcher_of(world).outlets}
    outlet = outlets.get("siao-01")
    return outlet is not None and outlet.breaker.paused_until > time.monotonic() and not outlet.flying


async def wait(world: World, number: int) -> bool:
    """Whether this number of lanes of the SIAO's has a delivery to make."""
    return sum(lane.pending > 0 for lane in await world.lanes("siao-01")) == number


async def test_lanes_of_which_nothing_could_be_read_are_free_again_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(KeysAndIds, "load", AsyncMock(side_effect=BusUnavailable("PostgreSQL ne répond pas")))
        await world.accepted("centre", vacancy())
        (lane,) = await until(world.lanes, "la vacance attend")
        await until(lambda: claimed_and_given_back(world, lane), "prise, puis rendue")
    await until(lambda: world.siao.messages, "le SIAO reçoit")


async def four_are_overdue(world: World) -> bool:
    """By more than a second."""
    return sum(lane.due_in < timedelta(seconds=-1) for lane in await world.lanes("siao-01")) == 4


async def claimed_and_given_back(world: World, before: Lane) -> bool:
    """Whether the only lane was claimed at least twice since, and is due."""
    (lane,) = await world.lanes()
    return lane.pending > 0 and lane.token > before.token + 1 and lane.due_in <= timedelta(0)


async def test_what_a_partner_may_read_of_a_message_is_the_same_however_often_and_late_it_is_repeated(
    world: World,
) -> None:
    place = await world.known_place()
    world.shelter.cutting = True
    await world.accepted("siao-01", referral(place))
    await until(lambda: world.shelter.attempts, "le centre est essayé")
    ours = world.shelter.attempts[0].body["orientation"]
    for answer, day in (("orientation.acceptee", "accueilLe"), ("admission.prononcee", "admissionLe")):
        status, body = await world.send("centre", {"type": answer, "orientation": ours, day: "2026-12-01"})
        assert status == 202, body
    await until(lambda: world.siao.of_type("admission.prononcee"), "l'admission arrive au SIAO")
    world.shelter.cutting = False
    await until(lambda: world.shelter.messages, "le centre reçoit l'orientation")
    assert len(world.shelter.attempts) > 1
    assert all(attempt.body == world.shelter.attempts[0].body for attempt in world.shelter.attempts)


async def test_a_type_that_a_partner_refuses_takes_no_referral_with_it_and_is_told_with_its_name(
    world: World,
) -> None:
    held, more = range(REFUSALS_TO_HOLD + 2), range(100, 105)
    await world.accepted("siao-01", [to_structure(FINESS, number) for number in held])
    await until(lambda: len(world.shelter.messages) == len(held), "le centre reçoit les orientations")
    world.shelter.refuses = lambda body: body["type"] == "orientation.annulee"
    await world.accepted("siao-01", [cancellation(number) for number in held])
    await until(lambda: is_told(world), "le refus de ce type est dit")
    await world.accepted("siao-01", [to_structure(FINESS, number) for number in more])
    await until(
        lambda: len(world.shelter.messages) == len(held) + len(more), "d'autres orientations arrivent"
    )

    world.shelter.refuses = lambda body: False
    await tasks.send_refused_again(world.database, "centre", "cli:astreinte", "corrigé")

    async def all_arrived() -> bool:
        await tasks.try_now(
            world.database, "centre", "cli:astreinte"
        )  # else a lane in flight just then rests a minute
        return len(world.shelter.messages) == 2 * len(held) + len(more)

    await until(all_arrived, "les annulations arrivent aussi")
    await until(lambda: is_told(world, over=True), "le refus n'est plus dit")


async def is_told(world: World, *, over: bool = False) -> bool:
    """Whether it is told that the shelter refuses all cancellations, or is no longer."""
    found = {each.about for each in await seen(world) if each.code is Code.TYPE_REFUSE}
    return found == (set() if over else {"centre orientation.annulee"})


async def test_a_partner_that_refuses_everything_keeps_most_of_its_feed_waiting_and_gets_it_all_once_mended(
    world: World,
) -> None:
    world.siao.status = 422
    await world.accepted("centre", [vacancy(f"A-{number}") for number in range(120)])
    await until(lambda: len(world.siao.attempts) >= REFUSALS_TO_HOLD, "le SIAO refuse tout")
    assert world.hub is not None
    await until(lambda: nothing_leaves(world), "plus rien ne part")
    refusals = (await world.etats("siao-01")).count("refusee")
    assert REFUSALS_TO_HOLD <= refusals <= REFUSALS_TO_HOLD + 2 * IN_FLIGHT_FIRST

    world.siao.status = 204
    await tasks.try_now(world.database, "siao-01", "cli:astreinte")
    await until(lambda: len(world.siao.messages) == 120 - refusals, "ce qui attendait arrive")
    assert await tasks.send_refused_again(world.database, "siao-01", "cli:astreinte", "corrigé") == refusals
    await until(lambda: len(world.siao.messages) == 120, "ce qui fut refusé arrive aussi")
    await world.settled()
    assert len(set(world.siao.keys)) == 120
    assert len(await world.audited("livraison.renvoyer")) == refusals


async def test_a_delivery_that_something_in_front_of_a_partner_forbids_holds_up_its_own_lane_alone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A busy machine tries the first five times before the next one arrives: by design, that pauses the partner.
    monkeypatch.setattr(breaker, "DENIALS_TO_PAUSE", 1000)
    seen: list[str] = []

    def is_the_first(body: dict[str, Any]) -> bool:
        seen.append(body["place"]["identifiantExterne"])
        return seen[-1] == seen[0]

    world.siao.forbids = is_the_first
    await world.accepted("centre", vacancy("A-0"))
    await until(lambda: seen, "la première est interdite")
    for number in range(1, 10):
        await world.accepted("centre", vacancy(f"A-{number}"))
        await until(partial(received, world, number), "les autres arrivent sans attendre")
    await until(lambda: all_but_one(world), "une seule attend")


def received(world: World, number: int) -> bool:
    return len(world.siao.messages) >= number


async def nothing_leaves(world: World) -> bool:
    """Whether some lanes of the SIAO's wait, and all of these for longer than a lease."""
    waiting = [lane.due_in for lane in await world.lanes("siao-01") if lane.pending]
    return bool(waiting) and min(waiting) > timedelta(seconds=20)


async def all_but_one(world: World) -> bool:
    return sorted(await world.etats("siao-01")) == ["en_attente"] + ["livree"] * 9
