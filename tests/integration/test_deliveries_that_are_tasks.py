"""A delivery that is refused, late or ours to mend is a task of a human, who sends it again or closes it."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from contracts.v1.echeance import Echeance
from ops.status.findings import Code
from ops.tasks import deciding as tasks
from router.delivery.receipts import receipt_of
from tests.integration import accidents, clock, lasting, triggers
from tests.integration.messages import vacancy
from tests.integration.owed import an_uncertain_referral, shelter_may_be_asked, two_wait, uncertain
from tests.integration.seen import seen
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
world = lasting.world


async def test_a_delivery_that_is_refused_is_a_task_with_its_cause_and_the_next_ones_go_out_also_once_it_is_closed(
    world: World,
) -> None:
    """Closed, it is never sent."""
    world.siao.status = 422
    _, answer = await world.send("centre", vacancy())
    await until(lambda: world.siao.attempts, "le SIAO est essayé")
    await world.settled()
    _, fate = await world.get("centre", f"/v1/messages/{answer['id']}")
    (delivery,) = fate["evenements"][0]["livraisons"]
    assert (delivery["partenaire"], delivery["etat"], delivery["essais"]) == ("siao-01", "refusee", 1)
    assert "HTTP 422" in delivery["erreur"]
    world.siao.status = 204
    await world.accepted("centre", vacancy(capacite=2))
    await until(lambda: world.siao.messages, "la suite arrive au SIAO")
    await world.settled()
    assert await world.etats("siao-01") == ["refusee", "livree"]
    assert len(world.siao.attempts) == 2

    (task,) = await tasks.waiting(world.database, ["siao-01"], limit=10)
    assert await tasks.close(world.database, task.id, "cli:astreinte", "réglé par téléphone")
    assert not await tasks.close(world.database, task.id, "cli:astreinte", "deux fois")
    assert not await tasks.send_again(world.database, task.id, "cli:astreinte", "trop tard")
    await world.accepted("centre", vacancy(capacite=3))
    await until(lambda: len(world.siao.messages) == 2, "la suite arrive au SIAO")
    await world.settled()
    assert await world.etats("siao-01") == ["classee", "livree", "livree"]
    assert len(world.siao.attempts) == 3


async def test_a_task_that_a_human_sends_again_goes_out_under_its_key_and_is_no_task_any_more(
    world: World,
) -> None:
    world.siao.status = 422
    await world.accepted("centre", vacancy())
    await until(lambda: world.siao.attempts, "le SIAO est essayé")
    await world.settled()
    world.siao.status = 204
    (waiting,) = await tasks.waiting(world.database, ["siao-01"], limit=10)
    task = UUID(str(waiting.id))
    assert waiting.etat == "refusee"
    assert await tasks.send_again(world.database, task, "cli:astreinte", "corrigé chez eux")
    await until(lambda: world.siao.messages, "le SIAO reçoit")
    await world.settled()
    assert [attempt.key for attempt in world.siao.attempts] == [str(task)] * 2
    assert await world.etats("siao-01") == ["livree"]
    assert not await tasks.send_again(world.database, task, "cli:astreinte", "deux fois")
    (audited,) = await world.audited("livraison.renvoyer")
    assert (audited.actor, audited.object) == ("cli:astreinte", str(task))
    assert "corrigé chez eux" in audited.detail


async def test_a_delivery_that_waits_for_too_long_is_a_task_and_whoever_closes_it_lets_the_next_one_go(
    world: World,
) -> None:
    world.siao.status = 500
    await world.accepted("centre", vacancy())
    await world.accepted("centre", vacancy(capacite=2))
    await until(lambda: world.siao.attempts, "le SIAO est essayé")
    await until(lambda: two_wait(world), "les deux attendent")
    waiting, _ = await world.deliveries()
    await clock.delivery_grows_older(world, waiting.id, timedelta(minutes=20))
    (task,) = await tasks.waiting(world.database, ["siao-01"], limit=10)
    assert [f.about for f in await seen(world) if f.code is Code.EN_RETARD] == ["siao-01"]
    assert await tasks.close(world.database, task.id, "cli:astreinte", "fiche supprimée chez eux")
    world.siao.status = 204
    await until(lambda: world.siao.messages, "la suivante arrive")
    await world.settled()
    assert await world.etats("siao-01") == ["classee", "livree"]
    assert not any(lane.pending for lane in await world.lanes())


async def test_a_delivery_that_the_hub_cannot_read_is_a_task_and_what_follows_it_goes_out(
    world: World,
) -> None:
    world.siao.status = 503
    await world.accepted("centre", vacancy())
    await world.accepted("centre", vacancy(capacite=2))
    await until(lambda: two_wait(world), "les deux attendent")
    unreadable, _ = await world.deliveries()
    await accidents.event_names_nobody(world, unreadable.id)

    async def is_given_up() -> bool:
        return "refusee" in await world.etats("siao-01")

    await until(is_given_up, "l'illisible est une tâche")
    world.siao.status = 204
    await until(lambda: world.siao.messages, "la suivante arrive")
    await world.settled()
    assert await world.etats("siao-01") == ["refusee", "livree"]
    (task,) = await tasks.waiting(world.database, ["siao-01"], limit=10)
    assert (task.id, "ValueError" in task.error) == (unreadable.id, True)
    assert world.alive


async def test_what_has_arrived_and_cannot_be_written_is_a_task_and_is_not_sent_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await triggers.refuse_that_anything_arrived(world)
    with capture_logs() as logs:
        await world.accepted("centre", vacancy())
        await until(lambda: uncertain(world), "la livraison est incertaine")
    await triggers.refuse_it_no_more(world)
    (first,) = await world.deliveries()
    bugs = [line for line in logs if line["event"] == "delivery.bug"]
    assert [line["deliveries"] for line in bugs] == [[str(first.id)]]
    broken = {first.subject}

    def at_fault(attributes: Any, *others: Any) -> Any:
        assert attributes.subject not in broken, "une faute du hub"
        return receipt_of(attributes, *others)

    monkeypatch.setattr("router.delivery.results.receipt_of", at_fault)
    await world.accepted("centre", vacancy(capacite=2))
    await world.accepted("centre", vacancy("A-102"))
    await until(lambda: len(world.siao.messages) == 3, "les trois arrivent")
    await world.settled()
    assert sorted(await world.etats("siao-01")) == ["incertaine", "incertaine", "livree"]
    assert len(world.siao.attempts) == 3


async def in_flight_for_long(world: World) -> UUID:
    """A referral that has left for a shelter which does not say whether it has it."""

    def says_nothing() -> None:
        raise web.HTTPServiceUnavailable

    await shelter_may_be_asked(world)
    delivery = await an_uncertain_referral(world, 4711, "A-101")
    world.shelter.when_asked = says_nothing
    assert await tasks.ask(world.database, delivery, "cli:astreinte", "issue inconnue")
    await until(lambda: world.shelter.asked, "le centre est interrogé")
    await clock.delivery_grows_older(world, delivery, timedelta(minutes=20))
    assert await world.etats("centre") == ["en_vol"]
    return delivery


async def arrived(world: World, delivery: UUID) -> bool:
    """Somebody says that it has."""
    assert world.hub is not None
    return await tasks.arrived(world.database, world.hub.prover, delivery, "cli:astreinte", "au téléphone")


async def test_what_left_long_ago_for_who_does_not_say_has_arrived_once_a_human_says_so(world: World) -> None:
    delivery = await in_flight_for_long(world)
    await until(lambda: arrived(world, delivery), "la décision est prise")
    await until(lambda: world.deadlines(Echeance.ACCUSE), "elle vaut reçu")
    await world.settled()
    assert await world.etats("centre") == ["livree"]
    assert len(world.shelter.attempts) == 1
    assert not any(lane.pending for lane in await world.lanes())
    assert not await arrived(world, delivery)


async def test_what_left_long_ago_for_who_does_not_say_is_sent_once_more_where_a_human_says_that_it_did_not_arrive(
    world: World,
) -> None:
    delivery = await in_flight_for_long(world)

    async def sent_again() -> bool:
        return await tasks.send_again(world.database, delivery, "cli:astreinte", "ils ne l'ont pas")

    await until(sent_again, "la décision est prise")
    await until(lambda: world.shelter.messages, "le centre reçoit")
    await world.settled()
    assert await world.etats("centre") == ["livree"]
    assert [attempt.key for attempt in world.shelter.attempts] == [str(delivery)] * 2
    assert not any(lane.pending for lane in await world.lanes())


async def test_nobody_decides_on_what_the_hub_is_busy_with(world: World) -> None:
    delivery = await in_flight_for_long(world)
    asked, speak = asyncio.Event(), asyncio.Event()

    async def hesitates() -> None:
        asked.set()
        await speak.wait()

    world.shelter.when_asked = hesitates
    await tasks.try_now(world.database, "centre", "cli:astreinte")
    await until(asked.is_set, "le centre est interrogé de nouveau")
    decided = [
        await arrived(world, delivery),
        await tasks.send_again(world.database, delivery, "cli:astreinte", "trop tôt"),
        await tasks.ask(world.database, delivery, "cli:astreinte", "trop tôt"),
    ]
    speak.set()
    assert decided == [False, False, False]
    await until(lambda: world.deadlines(Echeance.ACCUSE), "le centre dit qu'il l'a")
    await world.settled()
    assert await world.etats("centre") == ["livree"]
    assert len(world.shelter.attempts) == 1


async def test_a_human_has_asked_at_once_what_left_long_ago(world: World) -> None:
    delivery = await in_flight_for_long(world)
    world.shelter.when_asked = lambda: None

    async def asked() -> bool:
        return await tasks.ask(world.database, delivery, "cli:astreinte", "leur système est revenu")

    await until(asked, "la décision est prise")
    await until(lambda: world.deadlines(Echeance.ACCUSE), "le centre dit qu'il l'a")
    await world.settled()
    assert await world.etats("centre") == ["livree"]
    assert len(world.shelter.attempts) == 1
