"""What may have arrived is sent again only to a partner that can tell; others never get it twice."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from contracts.errors import BusUnavailable
from contracts.partner import ClasseLivraison
from ops.tasks import deciding as tasks
from router.delivery import sending
from tests.integration import clock, lasting, triggers
from tests.integration.messages import vacancy
from tests.integration.owed import may_be_asked, uncertain, with_class
from tests.integration.stopwatch import stopwatch_of_the_dispatcher
from tests.integration.waiting import DEADLINE_SECONDS, until
from tests.integration.world import World

pytestmark = lasting.MARK
prepared, world = lasting.prepared, lasting.world

PROVING_NOTHING = [("silent", True), ("cutting", True), ("status", 500), ("status", 522), ("status", 303)]
"""Tempers of a partner that may have taken what was sent."""


async def test_what_may_have_arrived_is_never_sent_again_to_a_partner_that_cannot_tell(world: World) -> None:
    for number, (temper, said) in enumerate(PROVING_NOTHING):
        await with_class(
            world, ClasseLivraison.AUCUNE, delai_s=2.0 if temper == "silent" else DEADLINE_SECONDS
        )
        place, usual = f"A-{number}", getattr(world.siao, temper)
        setattr(world.siao, temper, said)
        await world.accepted("centre", vacancy(place))
        await until(
            partial(are_uncertain, world, number + 1), f"la livraison est incertaine : {temper} {said}"
        )
        setattr(world.siao, temper, usual)
        await with_class(world, ClasseLivraison.AUCUNE)
        await world.accepted("centre", vacancy(place, capacite=2))
        await until(partial(has_taken, world, number + 1), f"la suite arrive au SIAO : {temper} {said}")
        await world.settled()
        first, second = (await world.deliveries("siao-01"))[-2:]
        assert (first.etat, second.etat) == ("incertaine", "livree"), (temper, said)
        keys = [attempt.key for attempt in world.siao.attempts]
        assert keys[2 * number :] == [str(first.id), str(second.id)], (temper, said)
        assert (first.attempts, second.attempts) == (1, 1), (temper, said)
        assert first.error, (temper, said)


async def are_uncertain(world: World, number: int) -> bool:
    return (await world.etats("siao-01")).count("incertaine") == number


def has_taken(world: World, number: int) -> bool:
    return len(world.siao.messages) == number


@pytest.mark.parametrize("temper", ["silent", "cutting"])
async def test_what_may_have_arrived_is_sent_again_under_its_key_to_a_partner_that_deduplicates(
    world: World, temper: str
) -> None:
    await with_class(world, ClasseLivraison.DEDUPLIQUE, delai_s=0.5)
    setattr(world.siao, temper, True)
    await world.accepted("centre", vacancy())
    await until(lambda: world.siao.attempts, "le SIAO est essayé")
    setattr(world.siao, temper, False)
    await until(lambda: world.siao.messages, "la vacance arrive au SIAO")
    await world.settled()
    assert len({attempt.key for attempt in world.siao.attempts}) == 1
    assert all(attempt.body == world.siao.messages[0] for attempt in world.siao.attempts)
    assert await world.etats("siao-01") == ["livree"]


async def in_doubt_while_it_was_said_to_deduplicate(world: World) -> None:
    """A first answer is lost, and every later attempt provably fails."""
    await with_class(world, ClasseLivraison.DEDUPLIQUE)
    world.siao.cutting = True
    await world.accepted("centre", vacancy())
    await until(lambda: world.siao.attempts, "le SIAO est essayé")
    world.siao.cutting, world.siao.status = False, 503
    tried = len(world.siao.attempts)
    await until(lambda: len(world.siao.attempts) > tried + 1, "il dit qu'il ne prend rien")
    assert await world.etats("siao-01") == ["en_vol"]


async def test_what_may_have_arrived_is_not_sent_blindly_once_its_partner_is_said_not_to_deduplicate(
    world: World,
) -> None:
    await in_doubt_while_it_was_said_to_deduplicate(world)
    await with_class(world, ClasseLivraison.AUCUNE)
    await until(lambda: uncertain(world), "la livraison est incertaine")
    world.siao.status = 204
    await world.settled()
    assert world.siao.messages == []
    assert await world.etats("siao-01") == ["incertaine"]


@pytest.mark.parametrize(("knows", "messages"), [(True, 0), (False, 1)])
async def test_what_may_have_arrived_is_asked_for_once_its_partner_is_said_to_answer_instead(
    world: World, knows: bool, messages: int
) -> None:
    await in_doubt_while_it_was_said_to_deduplicate(world)
    world.siao.knows = knows
    await may_be_asked(world)
    await until(lambda: world.siao.asked, "le SIAO est interrogé")
    world.siao.status = 204
    await world.settled()
    assert len(world.siao.messages) == messages
    assert await world.etats("siao-01") == ["livree"]


@pytest.mark.parametrize(("knows", "attempts"), [(True, 1), (False, 2)])
async def test_a_partner_that_can_be_asked_is_asked_and_sent_again_only_what_it_does_not_have(
    world: World, knows: bool, attempts: int
) -> None:
    await may_be_asked(world)
    world.siao.cutting, world.siao.knows = True, knows
    await world.accepted("centre", vacancy())
    await until(lambda: world.siao.attempts, "le SIAO est essayé")
    world.siao.cutting = False
    await world.settled()
    assert len(world.siao.attempts) == attempts
    assert {*world.siao.asked} == {attempt.key for attempt in world.siao.attempts}
    assert await world.etats("siao-01") == ["livree"]


async def test_an_answer_that_comes_when_the_lease_is_nearly_over_is_followed_by_no_sending(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch, claims = stopwatch_of_the_dispatcher(monkeypatch), list[int]()

    async def note_the_claim() -> None:
        (lane,) = await world.lanes("siao-01")
        claims.append(lane.token)

    async def asked() -> None:
        await note_the_claim()
        world.siao.cutting = False
        watch.freeze()

    await may_be_asked(world)
    world.siao.cutting, world.siao.knows = True, False
    world.siao.when_tried, world.siao.when_asked = note_the_claim, asked
    await world.accepted("centre", vacancy())
    await until(lambda: world.siao.messages, "la vacance arrive au SIAO")
    await world.settled()
    assert (len(world.siao.attempts), len(world.siao.asked)) == (2, 1)
    first, interrupted, second = claims
    assert first < interrupted < second, "renvoyée sous une autre prise de la voie"


async def test_a_partner_that_provably_took_nothing_is_tried_again_whatever_its_class(world: World) -> None:
    await with_class(world, ClasseLivraison.AUCUNE)
    world.siao.status = 503
    await world.accepted("centre", vacancy())
    await until(lambda: world.siao.attempts, "le SIAO est essayé")
    world.siao.status = 204
    await until(lambda: world.siao.messages, "la vacance arrive au SIAO")
    await world.settled()
    assert await world.etats("siao-01") == ["livree"]


async def test_what_a_partner_that_cannot_tell_has_taken_is_on_record_before_the_next_one_leaves(
    world: World,
) -> None:
    await world.apply(world.registry(siao_01={"livraison": ClasseLivraison.AUCUNE}))
    world.siao.status = 503
    await world.accepted("centre", vacancy())
    await world.accepted("centre", vacancy(capacite=2))
    await until(lambda: world.siao.attempts, "le SIAO est essayé")
    known: list[list[str]] = []

    async def second_comes() -> None:
        if len(world.siao.messages) == 1 and not known:
            known.append(await world.etats("siao-01"))

    tried = len(world.siao.attempts)
    world.siao.when_tried = second_comes
    world.siao.status = 204
    await until(lambda: known, "la seconde part")
    assert known == [["livree", "en_vol"]]
    assert len(world.siao.attempts) >= tried + 2


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
    await world.accepted("centre", vacancy())
    await until(lambda: world.siao.messages, "la vacance arrive au SIAO")
    await world.settled()
    assert not doubts
    assert await world.etats("siao-01") == ["livree"]
    assert len(world.siao.attempts) == 1


@pytest.mark.parametrize("livraison", [ClasseLivraison.INTERROGEABLE, ClasseLivraison.AUCUNE])
async def test_a_question_that_fails_is_asked_again_and_nothing_is_sent_blindly_meanwhile(
    world: World, livraison: ClasseLivraison
) -> None:
    await may_be_asked(world, livraison)

    def away_at_first() -> None:
        if len(world.siao.asked) < 3:
            raise web.HTTPServiceUnavailable

    world.siao.cutting, world.siao.when_asked = True, away_at_first
    await world.accepted("centre", vacancy())
    await until(lambda: world.siao.attempts, "le SIAO est essayé, et prend")
    world.siao.cutting = False
    if livraison is ClasseLivraison.AUCUNE:
        await until(lambda: uncertain(world), "la livraison est incertaine")
        (delivery,) = await world.deliveries("siao-01")
        assert await tasks.ask(world.database, delivery.id, "cli:astreinte", "revenu")
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
    await world.accepted("centre", vacancy())
    await until(lambda: a_lane_is_claimed(world), "la voie est prise, puis reprise")
    await triggers.overtake_no_more(world)
    await clock.lanes_fall_due(world)  # as if the lease of the other had ended, too
    await until(lambda: world.siao.messages, "la vacance arrive au SIAO")
    await world.settled()
    assert len(world.siao.attempts) == 1
    assert await world.etats("siao-01") == ["livree"]


@pytest.mark.parametrize(
    ("classe", "etats"), [(ClasseLivraison.AUCUNE, ["incertaine"]), (ClasseLivraison.DEDUPLIQUE, ["livree"])]
)
async def test_an_answer_over_which_the_hub_breaks_is_neither_a_receipt_nor_a_refusal(
    world: World, monkeypatch: pytest.MonkeyPatch, classe: ClasseLivraison, etats: list[str]
) -> None:
    await with_class(world, classe)
    monkeypatch.setattr("connectors.http_out.receipt", too_deep)
    with capture_logs() as logs:
        await world.send("centre", vacancy())
        await until(lambda: world.siao.messages, "la vacance arrive au SIAO")
        await until(lambda: [line for line in logs if line["event"] == "delivery.bug"], "la faute est dite")
    monkeypatch.undo()
    await world.settled()
    assert await world.etats("siao-01") == etats
    assert len({attempt.key for attempt in world.siao.attempts}) == 1


async def too_deep(*_: Any) -> Any:
    raise RecursionError
