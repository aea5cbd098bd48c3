"""What happens when a partner is down, slow, strict or ambiguous."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Any
from unittest.mock import AsyncMock
from uuid import UUID

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from contracts.errors import BusUnavailable, Misconfigured
from contracts.partner import ClasseLivraison
from router.delivery import breaker, sending
from router.delivery.breaker import REFUSALS_TO_OPEN, WINDOW_FIRST
from router.hub import Hub
from router.leases import Lease
from router.ops import tasks
from router.roles import Role
from router.store import deliveries as store
from router.store.tasks import oldest, overdue
from tests.integration import accidents, clock, triggers
from tests.integration.memory import Lane
from tests.integration.messages import cancellation, referral, vacancy
from tests.integration.registry import http
from tests.integration.waiting import until
from tests.integration.world import World

LANE = 20
"""Deliveries that one lease covers."""


class TwoDispatchers:
    """Two processes for one partner that is away. Probes end when the test lets them."""

    def __init__(self, world: World, other: Hub) -> None:
        self.world, self.other = world, other
        self.by: list[object] = []
        """Whose database each probe was on."""
        self.refused: list[object] = []
        """Who asked whether it may probe, and may not."""
        self.under_way = self.most_at_once = 0
        self.may_end = asyncio.Event()
        self.locked_out = False
        """The other is not let in."""

    async def both_find_it_away(self) -> None:
        self.world.siao.status = 503
        with capture_logs() as logged:
            await self.world.send("centre", [vacancy(f"A-{n}") for n in range(60)])
            await until(
                lambda: events(logged).count("partner.unavailable") == 2, "tous deux le savent absent"
            )

    @asynccontextmanager
    async def probe(self, process: object) -> AsyncIterator[None]:
        self.by.append(process)
        self.under_way += 1
        self.most_at_once = max(self.most_at_once, self.under_way)
        try:
            await self.may_end.wait()
            if self.locked_out and process is self.other.database:
                raise Misconfigured("HTTP 401")
            yield
        finally:
            self.under_way -= 1


@pytest.fixture
async def two_dispatchers(world: World, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[TwoDispatchers]:
    attempt, take = sending.Sender._attempt, Lease.take
    async with Hub(world.settings) as other:
        both = TwoDispatchers(world, other)

        async def attempted(self: Any, outlet: Any, *rest: Any) -> Any:
            if not outlet.breaker.open:
                return await attempt(self, outlet, *rest)
            async with both.probe(self._database):
                return await attempt(self, outlet, *rest)

        async def taken(self: Any) -> Any:
            held = await take(self)
            if held is None and self._name == "probe:siao-01":
                both.refused.append(self._database)
            return held

        monkeypatch.setattr(sending.Sender, "_attempt", attempted)
        monkeypatch.setattr(Lease, "take", taken)
        monkeypatch.setattr(breaker, "PROBE_FIRST_SECONDS", 0.1)
        monkeypatch.setattr(breaker, "PROBE_MAX_SECONDS", 0.2)
        monkeypatch.setattr(breaker, "MISCONFIGURED_SECONDS", 0.2)
        running = asyncio.create_task(other.run((Role.DISPATCHER,)))
        yield both
        both.may_end.set()
        running.cancel()
        await asyncio.wait([running])


async def test_a_partner_that_comes_back_gets_everything_in_order_and_nobody_else_has_waited(
    world: World,
) -> None:
    place = await world.known_place()
    world.shelter.status = 503
    await world.send("siao-01", referral(place, 1))
    await until(lambda: world.shelter.attempts, "le centre est essayé")
    await world.send("siao-01", cancellation(1))
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
    await world.send("centre", [vacancy(f"A-{n}") for n in range(30)])
    await until(lambda: len(world.siao.attempts) >= 5, "le SIAO est essayé")
    world.siao.status = 204
    await until(lambda: len(world.siao.messages) == 30, "le SIAO reçoit tout")


async def test_a_delivery_that_is_refused_is_a_task_with_its_cause_and_the_next_one_goes_out(
    world: World,
) -> None:
    world.siao.status = 422
    _, answer = await world.send("centre", vacancy())
    await until(lambda: world.siao.attempts, "le SIAO est essayé")
    await world.settled()
    _, fate = await world.get("centre", f"/v1/messages/{answer['id']}")
    (delivery,) = fate["evenements"][0]["livraisons"]
    assert (delivery["partenaire"], delivery["etat"], delivery["essais"]) == ("siao-01", "refusee", 1)
    assert "HTTP 422" in delivery["erreur"]
    world.siao.status = 204
    await world.send("centre", vacancy(capacite=2))
    await until(lambda: world.siao.messages, "la suite arrive au SIAO")
    await world.settled()
    assert await world.etats("siao-01") == ["refusee", "livree"]
    assert len(world.siao.attempts) == 2


async def refused(world: World) -> UUID:
    """A vacancy that the SIAO has refused."""
    world.siao.status = 422
    await world.send("centre", vacancy())
    await until(lambda: world.siao.attempts, "le SIAO est essayé")
    await world.settled()
    world.siao.status = 204
    async with world.database.transaction() as connection:
        (task,) = await oldest(connection, "siao-01", limit=10)
    assert task.etat == "refusee"
    return UUID(str(task.id))


async def test_a_task_that_a_human_sends_again_goes_out_under_its_key_and_is_no_task_any_more(
    world: World,
) -> None:
    task = await refused(world)
    assert await tasks.send_again(world.database, task, "cli:astreinte", "corrigé chez eux")
    await until(lambda: world.siao.messages, "le SIAO reçoit")
    await world.settled()
    assert [attempt.key for attempt in world.siao.attempts] == [str(task)] * 2
    assert await world.etats("siao-01") == ["livree"]
    assert not await tasks.send_again(world.database, task, "cli:astreinte", "deux fois")
    (audited,) = await world.audited("livraison.renvoyer")
    assert (audited.actor, audited.object) == ("cli:astreinte", str(task))
    assert "corrigé chez eux" in audited.detail


async def test_a_task_that_a_human_closes_is_never_sent_and_what_follows_goes_out(world: World) -> None:
    task = await refused(world)
    assert await tasks.close(world.database, task, "cli:astreinte", "réglé par téléphone")
    assert not await tasks.close(world.database, task, "cli:astreinte", "deux fois")
    assert not await tasks.send_again(world.database, task, "cli:astreinte", "trop tard")
    await world.send("centre", vacancy(capacite=2))
    await until(lambda: world.siao.messages, "la suite arrive au SIAO")
    await world.settled()
    assert await world.etats("siao-01") == ["classee", "livree"]
    assert len(world.siao.attempts) == 2


@pytest.mark.parametrize("temper", ["silent", "cutting"])
async def test_what_may_have_arrived_is_never_sent_again_to_a_partner_that_cannot_tell(
    world: World, temper: str
) -> None:
    await with_class(world, ClasseLivraison.AUCUNE)
    setattr(world.siao, temper, True)
    await world.send("centre", vacancy())
    await until(lambda: uncertain(world), "la livraison est incertaine")
    setattr(world.siao, temper, False)
    await world.send("centre", vacancy(capacite=2))
    await until(lambda: world.siao.messages, "la suite arrive au SIAO")
    await world.settled()
    assert await world.etats("siao-01") == ["incertaine", "livree"]
    first, second = await world.deliveries("siao-01")
    assert [attempt.key for attempt in world.siao.attempts] == [str(first.id), str(second.id)]
    assert (first.attempts, second.attempts) == (1, 1)
    assert first.error


@pytest.mark.parametrize("status", [500, 522, 303])
async def test_an_answer_that_proves_nothing_is_followed_by_no_second_sending_to_a_partner_that_cannot_tell(
    world: World, status: int
) -> None:
    await with_class(world, ClasseLivraison.AUCUNE)
    world.siao.status = status
    await world.send("centre", vacancy())
    await until(lambda: uncertain(world), "la livraison est incertaine")
    world.siao.status = 204
    await world.send("centre", vacancy(capacite=2))
    await until(lambda: world.siao.messages, "la suite arrive au SIAO")
    await world.settled()
    assert await world.etats("siao-01") == ["incertaine", "livree"]
    assert len(world.siao.attempts) == 2


@pytest.mark.parametrize("temper", ["silent", "cutting"])
async def test_what_may_have_arrived_is_sent_again_under_its_key_to_a_partner_that_deduplicates(
    world: World, temper: str
) -> None:
    await with_class(world, ClasseLivraison.DEDUPLIQUE)
    setattr(world.siao, temper, True)
    await world.send("centre", vacancy())
    await until(lambda: world.siao.attempts, "le SIAO est essayé")
    setattr(world.siao, temper, False)
    await until(lambda: world.siao.messages, "la vacance arrive au SIAO")
    await world.settled()
    assert len({attempt.key for attempt in world.siao.attempts}) == 1
    assert all(attempt.body == world.siao.messages[0] for attempt in world.siao.attempts)
    assert await world.etats("siao-01") == ["livree"]


async def may_be_asked(world: World) -> None:
    """From now on the SIAO says whether it has a key."""
    way_out = http(
        world.siao.port, world.secret, question=f"http://127.0.0.1:{world.siao.port}/recus/{{cle}}"
    )
    asked = {"livraison": ClasseLivraison.INTERROGEABLE, "sortie": way_out}
    await world.apply(world.registry(siao_01=asked))


@pytest.mark.parametrize(("knows", "attempts"), [(True, 1), (False, 2)])
async def test_a_partner_that_can_be_asked_is_asked_and_sent_again_only_what_it_does_not_have(
    world: World, knows: bool, attempts: int
) -> None:
    await may_be_asked(world)
    world.siao.cutting, world.siao.knows = True, knows
    await world.send("centre", vacancy())
    await until(lambda: world.siao.attempts, "le SIAO est essayé")
    world.siao.cutting = False
    await world.settled()
    assert len(world.siao.attempts) == attempts
    assert {*world.siao.asked} == {attempt.key for attempt in world.siao.attempts}
    assert await world.etats("siao-01") == ["livree"]


async def test_an_answer_that_comes_when_the_lease_is_nearly_over_is_followed_by_no_sending(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await may_be_asked(world)
    world.siao.cutting, world.siao.knows = True, False
    world.siao.when_asked = lambda: monkeypatch.setattr(sending, "LEASE_SECONDS", -3600.0)
    await world.send("centre", vacancy())
    await until(lambda: world.siao.asked, "le SIAO est interrogé")
    await until(lambda: waits_again(world), "la livraison attend de nouveau")
    assert len(world.siao.attempts) == 1
    world.siao.cutting = False
    monkeypatch.undo()
    await until(lambda: world.siao.messages, "la vacance arrive au SIAO")
    await world.settled()
    assert len(world.siao.attempts) == 2


async def test_a_partner_that_provably_took_nothing_is_tried_again_whatever_its_class(world: World) -> None:
    await with_class(world, ClasseLivraison.AUCUNE)
    world.siao.status = 503
    await world.send("centre", vacancy())
    await until(lambda: world.siao.attempts, "le SIAO est essayé")
    world.siao.status = 204
    await until(lambda: world.siao.messages, "la vacance arrive au SIAO")
    await world.settled()
    assert await world.etats("siao-01") == ["livree"]


async def test_a_delivery_interrupted_by_a_crash_is_uncertain_for_a_partner_that_cannot_tell(
    prepared: World,
) -> None:
    world = prepared
    await world.start()
    await with_class(world, ClasseLivraison.AUCUNE)
    world.siao.status = 503
    await world.send("centre", vacancy())
    await until(lambda: world.siao.attempts, "le SIAO est essayé")
    await world.stop()
    tried = len(world.siao.attempts)
    await accidents.crash_while_sending(world)
    world.siao.status = 204
    await world.start()
    await until(lambda: uncertain(world), "la livraison est incertaine")
    assert len(world.siao.attempts) == tried


async def test_a_partner_that_rejects_our_credentials_is_left_alone_and_loses_nothing(world: World) -> None:
    world.siao.status = 401
    await world.send("centre", [vacancy(f"A-{n}") for n in range(3)])
    await until(lambda: world.siao.attempts, "le SIAO est essayé")
    await world.send("centre-boite", vacancy("B-1", structure="010000032"))
    await until(lambda: four_are_overdue(world), "les quatre sont dues, et personne n'insiste")
    assert await world.etats("siao-01") == ["en_attente"] * 4
    assert len(world.siao.attempts) <= 3

    world.siao.status = 204
    mended = http(world.siao.port, world.secret, delai_s=9.0)
    await world.apply(world.registry(siao_01={"sortie": mended}))
    await until(lambda: len(world.siao.messages) == 4, "corrigé, le SIAO reçoit tout aussitôt")
    await world.settled()
    assert await world.etats("siao-01") == ["livree"] * 4


async def test_a_partner_that_asks_to_wait_is_left_alone_for_as_long(world: World) -> None:
    world.siao.status = 429
    world.siao.headers = {"Retry-After": "2"}
    await world.send("centre", vacancy())
    await until(lambda: world.siao.attempts, "le SIAO est essayé")
    world.siao.status = 204
    await world.send("centre", vacancy("A-102"))
    await until(lambda: len(world.siao.messages) == 2, "le SIAO reçoit tout")
    refused, *later = world.siao.attempts
    assert all(attempt.at - refused.at >= 2.0 for attempt in later)


async def test_a_partner_that_hangs_keeps_few_lanes_busy_and_the_others_get_theirs_at_once(
    world: World,
) -> None:
    place = await world.known_place()
    before = len(world.siao.attempts)
    world.siao.silent = True
    await world.send("centre", [vacancy(f"A-{n}") for n in range(200, 300)])
    await until(lambda: len(world.siao.attempts) - before == WINDOW_FIRST, "la fenêtre est pleine")
    await world.send("siao-01", referral(place, 1))
    await until(lambda: world.shelter.messages, "le centre reçoit l'orientation")
    assert len(world.siao.attempts) - before == WINDOW_FIRST
    world.siao.speak()


async def test_a_partner_that_is_away_is_probed_by_one_process_at_a_time_and_by_all_in_turn(
    two_dispatchers: TwoDispatchers,
) -> None:
    world, probes = two_dispatchers.world, two_dispatchers
    await two_dispatchers.both_find_it_away()
    await until(lambda: probes.by, "l'un sonde")
    before = len(probes.refused)
    await until(lambda: len(probes.refused) > before, "l'autre n'en a pas le droit")
    assert len(probes.by) == 1
    probes.may_end.set()
    await until(lambda: len(set(probes.by)) == 2, "puis c'est le tour de l'autre")
    world.siao.status = 204
    await until(lambda: len(world.siao.messages) == 60, "le SIAO reçoit tout")
    assert probes.most_at_once == 1


async def test_a_process_that_alone_is_not_let_in_keeps_the_partner_from_nobody(
    two_dispatchers: TwoDispatchers,
) -> None:
    world = two_dispatchers.world
    two_dispatchers.may_end.set()
    await two_dispatchers.both_find_it_away()
    two_dispatchers.locked_out = True
    await until(
        lambda: two_dispatchers.other.database in two_dispatchers.by, "l'autre essaie, et n'entre pas"
    )
    world.siao.status = 204
    await until(lambda: len(world.siao.messages) == 60, "le SIAO reçoit tout")


async def test_lanes_of_which_nothing_could_be_read_are_free_again_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(store, "waiting", AsyncMock(side_effect=BusUnavailable("PostgreSQL ne répond pas")))
        await world.send("centre", vacancy())
        (lane,) = await until(world.lanes, "la vacance attend")
        await until(lambda: claimed_and_given_back(world, lane), "prise, puis rendue")
    await until(lambda: world.siao.messages, "le SIAO reçoit")


def events(logged: Sequence[Any]) -> list[str]:
    return [line["event"] for line in logged]


async def with_class(world: World, livraison: ClasseLivraison) -> None:
    """The SIAO's entry says this class, and a short patience."""
    impatient = http(world.siao.port, world.secret, delai_s=0.5)
    await world.apply(world.registry(siao_01={"livraison": livraison, "sortie": impatient}))


async def uncertain(world: World) -> bool:
    return "incertaine" in await world.etats("siao-01")


async def four_are_overdue(world: World) -> bool:
    """By more than a second."""
    return sum(lane.due_in < timedelta(seconds=-1) for lane in await world.lanes("siao-01")) == 4


async def waits_again(world: World) -> bool:
    return any(each.etat == "en_attente" and each.attempts > 0 for each in await world.deliveries())


async def claimed_and_given_back(world: World, before: Lane) -> bool:
    """Whether the only lane was claimed at least twice since, and is due."""
    (lane,) = await world.lanes()
    return lane.pending > 0 and lane.token > before.token + 1 and lane.due_in <= timedelta(0)


async def test_what_a_partner_may_read_of_a_message_is_the_same_however_often_and_late_it_is_repeated(
    world: World,
) -> None:
    place = await world.known_place()
    world.shelter.cutting = True
    await world.send("siao-01", referral(place))
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


async def test_a_partner_that_refuses_everything_keeps_most_of_its_feed_waiting_and_gets_it_all_once_mended(
    world: World,
) -> None:
    world.siao.status = 422
    await world.send("centre", [vacancy(f"A-{number}") for number in range(120)])
    await until(lambda: len(world.siao.attempts) >= REFUSALS_TO_OPEN, "le SIAO refuse tout")
    assert world.hub is not None
    await until(lambda: nothing_leaves(world), "plus rien ne part")
    refusals = (await world.etats("siao-01")).count("refusee")
    assert REFUSALS_TO_OPEN <= refusals <= REFUSALS_TO_OPEN + 2 * WINDOW_FIRST

    world.siao.status = 204
    await world.apply(world.registry(siao_01={"sortie": http(world.siao.port, world.secret, delai_s=9.0)}))
    await until(lambda: len(world.siao.messages) == 120 - refusals, "ce qui attendait arrive")
    assert await tasks.send_refused_again(world.database, "siao-01", "cli:astreinte", "corrigé") == refusals
    await until(lambda: len(world.siao.messages) == 120, "ce qui fut refusé arrive aussi")
    await world.settled()
    assert len(set(world.siao.keys)) == 120
    assert len(await world.audited("livraison.renvoyer")) == refusals


async def test_a_delivery_that_something_in_front_of_a_partner_forbids_holds_up_its_own_lane_alone(
    world: World,
) -> None:
    seen: list[str] = []

    def is_the_first(body: dict[str, Any]) -> bool:
        seen.append(body["place"]["identifiantExterne"])
        return seen[-1] == seen[0]

    world.siao.forbids = is_the_first
    await world.send("centre", vacancy("A-0"))
    await until(lambda: seen, "la première est interdite")
    for number in range(1, 30):
        await world.send("centre", vacancy(f"A-{number}"))
        await until(partial(received, world, number), "les autres arrivent sans attendre")
    await until(lambda: all_but_one(world), "une seule attend")


async def test_what_a_partner_that_cannot_tell_has_taken_is_on_record_before_the_next_one_leaves(
    world: World,
) -> None:
    await world.apply(world.registry(siao_01={"livraison": ClasseLivraison.AUCUNE}))
    world.siao.status = 503
    await world.send("centre", vacancy())
    await world.send("centre", vacancy(capacite=2))
    await until(lambda: world.siao.attempts, "le SIAO est essayé")
    known: list[list[str]] = []

    async def look() -> None:
        known.append(await world.etats("siao-01"))

    tried = len(world.siao.attempts)
    looking: list[asyncio.Task[None]] = []

    def second_comes() -> None:
        if len(world.siao.messages) == 1 and not looking:
            looking.append(asyncio.ensure_future(look()))

    world.siao.when_tried = second_comes
    world.siao.status = 204
    await until(lambda: known, "la seconde part")
    assert known == [["livree", "en_vol"]]
    assert len(world.siao.attempts) >= tried + 2


async def test_a_dispatcher_that_is_told_to_stop_ends_what_is_under_way_and_begins_nothing(
    world: World,
) -> None:
    world.siao.status = 503
    for capacite in range(1, LANE + 1):
        await world.send("centre", vacancy(capacite=capacite))
    await until(lambda: all_wait(world), "toutes attendent dans une voie")
    world.siao.status = 204
    stopping: list[asyncio.Task[None]] = []

    def stop() -> None:
        if not stopping:
            stopping.append(asyncio.ensure_future(world.stop()))

    world.siao.when_tried = stop
    await until(lambda: stopping, "la première part")
    await stopping[0]
    known = await world.etats("siao-01")
    assert known.count("livree") == len(world.siao.messages) < LANE
    assert known.count("en_attente") == LANE - len(world.siao.messages)


async def test_a_departure_that_may_or_may_not_be_on_record_is_no_departure(
    prepared: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = prepared
    mark, doubts = sending.Sender._mark_in_flight, [1]

    async def in_doubt(self: Any, leaving: Any) -> list[bool]:
        marked = await mark(self, leaving)
        if doubts:
            doubts.pop()
            raise BusUnavailable("le commit est passé, sa réponse est perdue")
        return marked

    monkeypatch.setattr(sending.Sender, "_mark_in_flight", in_doubt)
    await world.start()
    await with_class(world, ClasseLivraison.AUCUNE)
    await world.send("centre", vacancy())
    await until(lambda: world.siao.messages, "la vacance arrive au SIAO")
    await world.settled()
    assert not doubts
    assert await world.etats("siao-01") == ["livree"]
    assert len(world.siao.attempts) == 1


async def test_what_was_on_its_way_into_a_mailbox_when_the_hub_died_is_laid_there_whatever_the_class(
    prepared: World,
) -> None:
    world = prepared
    await world.start()
    await world.apply(world.registry(centre_boite={"livraison": ClasseLivraison.AUCUNE}))
    place = await place_of(world, "B-1", "centre-boite", structure="010000032")
    await world.send("siao-01", referral(place))
    await until(lambda: laid_down(world), "l'orientation est dans la boîte")
    await world.stop()
    await accidents.crash_while_sending(world, "centre-boite")
    await world.start()
    await until(lambda: laid_down(world), "l'orientation est dans la boîte de nouveau")


async def test_a_delivery_that_waits_for_too_long_is_a_task_and_whoever_closes_it_lets_the_next_one_go(
    world: World,
) -> None:
    world.siao.status = 500
    await world.send("centre", vacancy())
    await world.send("centre", vacancy(capacite=2))
    await until(lambda: world.siao.attempts, "le SIAO est essayé")
    await until(lambda: two_wait(world), "les deux attendent")
    waiting, _ = await world.deliveries()
    await clock.delivery_grows_older(world, waiting.id, timedelta(minutes=20))
    async with world.database.transaction() as connection:
        (task,) = await oldest(connection, "siao-01", limit=10)
        (late,) = await overdue(connection)
    assert (late.partner, late.number) == ("siao-01", 1)
    assert await tasks.close(world.database, task.id, "cli:astreinte", "fiche supprimée chez eux")
    world.siao.status = 204
    await until(lambda: world.siao.messages, "la suivante arrive")
    await world.settled()
    assert await world.etats("siao-01") == ["classee", "livree"]
    assert not any(lane.pending for lane in await world.lanes())


async def place_of(world: World, code: str, sender: str = "centre", **more: Any) -> str:
    """The hub's id of a place of which the SIAO need not have heard yet."""
    _, answer = await world.send(sender, vacancy(code, **more))

    async def known() -> list[UUID]:
        (event,) = [each for each in await world.events() if str(each.correlation) == answer["id"]]
        return [place.id for place in await world.subjects() if place.id == event.subject]

    (place,) = await until(known, "la place est connue")
    return str(place)


def received(world: World, number: int) -> bool:
    return len(world.siao.messages) >= number


async def nothing_leaves(world: World) -> bool:
    """Whether no lane of the SIAO's is held, and some wait."""
    held = any(lane.due_in > timedelta(0) for lane in await world.lanes("siao-01"))
    return not held and "en_attente" in await world.etats("siao-01")


async def laid_down(world: World) -> bool:
    return await world.etats("centre-boite") == ["deposee"]


async def two_wait(world: World) -> bool:
    return (await world.etats("siao-01")).count("en_attente") == 2


async def all_wait(world: World) -> bool:
    return (await world.etats("siao-01")).count("en_attente") == LANE


async def all_but_one(world: World) -> bool:
    return sorted(await world.etats("siao-01")) == ["en_attente"] + ["livree"] * 29


async def test_a_question_that_fails_is_asked_again_and_nothing_is_sent_blindly_meanwhile(
    world: World,
) -> None:
    await may_be_asked(world)

    def away_at_first() -> None:
        if len(world.siao.asked) < 3:
            raise web.HTTPServiceUnavailable

    world.siao.cutting, world.siao.when_asked = True, away_at_first
    await world.send("centre", vacancy())
    await until(lambda: world.siao.attempts, "le SIAO est essayé, et prend")
    world.siao.cutting = False
    await until(lambda: len(world.siao.asked) >= 3, "le SIAO est interrogé jusqu'à ce qu'il réponde")
    await world.settled()
    assert len(world.siao.attempts) == 1
    assert await world.etats("siao-01") == ["livree"]


async def a_lane_is_claimed(world: World) -> bool:
    """For long enough that somebody has it."""
    return any(lane.due_in > timedelta(seconds=5) for lane in await world.lanes())


async def test_a_process_that_is_overtaken_before_it_sends_sends_nothing_to_a_partner_that_cannot_tell(
    world: World,
) -> None:
    await with_class(world, ClasseLivraison.AUCUNE)
    await triggers.overtake_every_claim(world)
    await world.send("centre", vacancy())
    await until(lambda: a_lane_is_claimed(world), "la voie est prise, puis reprise")
    await triggers.overtake_no_more(world)
    await clock.lanes_fall_due(world)  # as if the lease of the other had ended, too
    await until(lambda: world.siao.messages, "la vacance arrive au SIAO")
    await world.settled()
    assert len(world.siao.attempts) == 1
    assert await world.etats("siao-01") == ["livree"]
