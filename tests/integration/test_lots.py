"""A partner who takes lots gets one body for many deliveries; it arrives, waits or fails as one."""

from datetime import timedelta

import pytest

from contracts.partner import ClasseLivraison
from ops.tasks import deciding as tasks
from router.store import deliveries
from tests.integration import accidents, clock, lasting
from tests.integration.by_the_lot import (
    are_owed,
    last_waits,
    lines_of,
    referred,
    takes_lots,
    takes_lots_if_asked,
)
from tests.integration.desk import siao_hub
from tests.integration.messages import cancellation, referral
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
world = lasting.world


async def test_a_lot_leaves_when_it_is_full_is_repeated_as_it_was_and_waits_no_longer_than_a_deadline_lets_it(
    world: World,
) -> None:
    await takes_lots(world, 2)
    world.shelter.silent = True
    await referred(world, 1, 2)
    await until(lambda: world.shelter.attempts, "le lot est essayé")
    await referred(world, 3)
    await until(lambda: are_owed(world, 3), "la troisième est là avant que le lot soit repris")
    world.shelter.when_tried = lambda: setattr(world.shelter, "cutting", False)  # by the next attempt
    world.shelter.cutting = True
    world.shelter.speak()
    await until(lambda: world.shelter.messages, "le lot arrive")
    await until(lambda: last_waits(world), "la livraison qui suit attend son lot")
    assert {(each.key, each.body) for each in world.shelter.attempts} == {
        (world.shelter.keys[0], world.shelter.messages[0])
    }
    assert len(lines_of(world.shelter.messages[0])) == 2
    assert len(await world.events(kind="livraison.remise")) == 2
    assert len(world.shelter.messages) == 1
    *_, waits = await world.deliveries("centre")
    assert "attend centre : son lot n'est pas encore parti" in await siao_hub(
        world.settings, "trace", str(waits.id)
    )
    await clock.delivery_grows_older(world, waits.id, timedelta(minutes=20))
    assert "centre" not in await siao_hub(world.settings, "deliveries", "list")

    await clock.subjects_are_older(
        world, timedelta(minutes=11)
    )  # of the 15 in which a referral must be delivered
    await until(lambda: len(world.shelter.messages) == 2, "elle part avant l'échéance")
    await world.settled()
    assert await world.etats("centre") == ["livree"] * 3


async def test_a_lot_that_may_have_arrived_is_not_repeated_to_who_cannot_tell(world: World) -> None:
    await takes_lots(world, 2, ClasseLivraison.AUCUNE)
    world.shelter.cutting = True
    await referred(world, 1, 2)
    await until(lambda: are(world, ["incertaine"] * 2), "les deux livraisons sont incertaines")
    assert len(world.shelter.attempts) == 1

    world.shelter.cutting = False
    await referred(world, 3)
    await until(lambda: last_waits(world), "la livraison attend son lot")
    async with world.database.transaction() as connection:
        await deliveries.doubt(
            connection, await deliveries.moment(connection)
        )  # as after a restore: nobody knows in which lot it may have left
    await referred(world, 4)
    await until(lambda: world.shelter.messages, "ce qui n'est pas parti arrive")
    await world.settled()
    assert await world.etats("centre") == ["incertaine"] * 3 + ["livree"]
    assert len(lines_of(world.shelter.messages[0])) == 1


@pytest.mark.parametrize("knows", [True, False])
async def test_a_partner_that_times_out_is_asked_for_the_lot_and_sent_again_only_what_it_does_not_have(
    world: World, knows: bool
) -> None:
    await takes_lots_if_asked(world, 2, ClasseLivraison.INTERROGEABLE)
    world.shelter.silent, world.shelter.knows = True, knows
    world.shelter.when_asked = world.shelter.speak
    await referred(world, 1, 2)
    await until(lambda: are(world, ["livree"] * 2), "le lot est livré")
    await world.settled()
    assert (len(world.shelter.attempts) > 1) is not knows
    assert len({(each.key, each.body) for each in world.shelter.attempts}) == 1
    assert {*world.shelter.asked} == {world.shelter.attempts[0].key}
    assert len(await world.events(kind="livraison.remise")) == 2


async def test_who_is_asked_about_one_line_of_an_uncertain_lot_is_asked_for_the_lot(world: World) -> None:
    await takes_lots_if_asked(world, 2, ClasseLivraison.AUCUNE)
    world.shelter.cutting = True
    await referred(world, 1, 2)
    await until(lambda: are(world, ["incertaine"] * 2), "les deux livraisons sont incertaines")
    world.shelter.cutting = False
    first, _ = await world.deliveries("centre")
    assert await tasks.ask(world.database, first.id, "cli:astreinte", "le centre est revenu")
    await until(lambda: are(world, ["livree", "incertaine"]), "le centre l'a reçue")
    assert {*world.shelter.asked} == {world.shelter.attempts[0].key}
    assert len(world.shelter.attempts) == 1


async def test_a_line_that_a_partner_refuses_does_not_stop_the_others_of_its_lot(world: World) -> None:
    await takes_lots(world, 4)
    places = [await world.known_place(f"A-{number}") for number in range(4)]
    world.shelter.refuses = lambda table: "A-2" in table
    for number, place in enumerate(places):
        assert (await world.send("siao-01", referral(place, number)))[0] == 202
    await until(
        lambda: sum(len(lines_of(t)) for t in world.shelter.messages) == 3, "les trois autres arrivent"
    )
    await world.settled()
    assert sorted(await world.etats("centre")) == ["livree", "livree", "livree", "refusee"]
    assert len({line for table in world.shelter.messages for line in lines_of(table)}) == 3


async def test_a_lot_that_is_refused_after_a_try_whose_outcome_is_unknown_is_a_task_and_never_leaves_in_halves(
    world: World,
) -> None:
    """What it took before its answer was lost, it may refuse the second time; the halves would have other keys."""
    await takes_lots(world, 2)
    world.shelter.cutting = True
    world.shelter.when_tried = lambda: setattr(
        world.shelter, "refuses", lambda _: len(world.shelter.attempts) > 1
    )
    await referred(world, 1, 2)
    await until(lambda: are(world, ["incertaine"] * 2), "quelqu'un décide")
    await world.settled()
    assert len({each.key for each in world.shelter.attempts}) == 1
    first, _ = await world.deliveries("centre")
    assert "l'issue d'un premier envoi du lot est inconnue" in str(first.error)


async def test_a_lot_that_waits_is_overtaken_by_no_small_message(world: World) -> None:
    """Else it would wait for them, and they for it."""
    await takes_lots(world, 2)
    world.shelter.status = 503
    await referred(world, 1, 2)
    await until(lambda: world.shelter.attempts, "le lot est essayé")
    await accidents.lanes_give_way(world, "centre")
    await referred(world, 3, 4)
    world.shelter.status = 204
    await until(lambda: len(world.shelter.messages) == 2, "les deux lots arrivent")
    await world.settled()
    assert len({each.key for each in world.shelter.attempts}) == 2
    assert await world.etats("centre") == ["livree"] * 4


async def test_what_somebody_sends_again_leaves_after_the_lot_that_its_lane_is_in(world: World) -> None:
    await takes_lots(world, 2)
    world.shelter.refuses = lambda table: "A-1" in table
    await referred(world, 1, 2)
    await until(lambda: are(world, ["refusee", "livree"]), "l'une est refusée")
    world.shelter.refuses, world.shelter.status = lambda table: False, 503
    tried = len(world.shelter.attempts)
    assert (await world.send("siao-01", cancellation(1)))[0] == 202
    await referred(world, 3)
    await until(lambda: len(world.shelter.attempts) > tried, "un lot est essayé, avec l'annulation")
    refused, *_ = await world.deliveries("centre")
    assert await tasks.send_again(world.database, refused.id, "cli:astreinte", "corrigé")
    world.shelter.status, arrived = 204, len(world.shelter.messages)
    await until(lambda: are(world, ["livree"] * 4), "tout arrive")
    lot, again = world.shelter.messages[arrived:]
    assert len(lines_of(lot)) == 2
    assert {(each.key, each.body) for each in world.shelter.attempts[tried:]} == {
        (world.shelter.keys[-2], lot),
        (world.shelter.keys[-1], again),
    }


async def test_a_reminder_leaves_before_the_deadline_of_which_it_reminds(world: World) -> None:
    await takes_lots(world, 2)
    place = await world.known_place("A-1")
    tonight = {**referral(place, 1), "orientation": {"id": 1, "dispositif": "URGENCE"}}
    assert (await world.send("siao-01", tonight))[0] == 202
    await until(lambda: are(world, ["en_attente"]), "l'orientation attend son lot")
    await clock.subjects_are_older(world, timedelta(minutes=11))
    await until(lambda: len(world.shelter.messages) == 1, "l'orientation part avant que sa remise ne tarde")
    await until(lambda: world.deadlines("DECISION"), "le délai de réponse court")
    await clock.subjects_are_older(world, timedelta(minutes=20))  # of the 30 in which a shelter answers
    await until(lambda: len(world.shelter.messages) == 2, "le rappel part avant l'échéance")
    (line,) = lines_of(world.shelter.messages[1])
    assert "rappel" in line


async def are(world: World, etats: list[str]) -> bool:
    """Whether this is how the shelter's deliveries stand."""
    return await world.etats("centre") == etats
