"""A dispatcher that stops or dies leaves each delivery as it was: made, waiting or uncertain."""

import asyncio

from contracts.partner import ClasseLivraison
from tests.integration import accidents, lasting
from tests.integration.messages import referral, vacancy
from tests.integration.owed import laid_down, place_of, with_class
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
world = lasting.world

LANE = 20
"""Deliveries that one lease covers."""


async def test_what_a_crash_interrupts_is_uncertain_for_who_cannot_tell_and_laid_into_a_mailbox_whatever_the_class(
    world: World,
) -> None:
    await with_class(world, ClasseLivraison.AUCUNE, centre_boite={"livraison": ClasseLivraison.AUCUNE})
    place = await place_of(world, "B-1", "centre-boite", structure="010000032")
    await world.accepted("siao-01", referral(place))
    await until(lambda: laid_down(world), "l'orientation est dans la boîte")
    await world.settled()
    world.siao.status, tried = 503, len(world.siao.attempts)
    await world.accepted("centre", vacancy())
    await until(lambda: len(world.siao.attempts) > tried, "le SIAO est essayé")
    await world.stop()
    tried = len(world.siao.attempts)
    await accidents.crash_while_sending(world)
    world.siao.status = 204
    await world.start()
    await until(lambda: all_are_uncertain(world), "les livraisons au SIAO sont incertaines")
    await until(lambda: laid_down(world), "l'orientation est dans la boîte de nouveau")
    assert len(world.siao.attempts) == tried


async def test_a_dispatcher_that_is_told_to_stop_ends_what_is_under_way_and_begins_nothing(
    world: World,
) -> None:
    world.siao.status = 503
    for capacite in range(1, LANE + 1):
        await world.accepted("centre", vacancy(capacite=capacite))
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


async def all_are_uncertain(world: World) -> bool:
    return set(await world.etats("siao-01")) == {"incertaine"}


async def all_wait(world: World) -> bool:
    return (await world.etats("siao-01")).count("en_attente") == LANE
