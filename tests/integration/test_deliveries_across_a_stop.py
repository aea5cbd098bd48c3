"""A dispatcher that stops or dies leaves each delivery as it was: made, waiting or uncertain."""

import asyncio

from contracts.partner import ClasseLivraison
from tests.integration import accidents, lasting
from tests.integration.messages import referral, vacancy
from tests.integration.owed import laid_down, place_of, uncertain, with_class
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
prepared, world = lasting.prepared, lasting.world

LANE = 20
"""Deliveries that one lease covers."""


async def test_a_delivery_interrupted_by_a_crash_is_uncertain_for_a_partner_that_cannot_tell(
    prepared: World,
) -> None:
    world = prepared
    await world.start()
    await with_class(world, ClasseLivraison.AUCUNE)
    world.siao.status = 503
    await world.accepted("centre", vacancy())
    await until(lambda: world.siao.attempts, "le SIAO est essayé")
    await world.stop()
    tried = len(world.siao.attempts)
    await accidents.crash_while_sending(world)
    world.siao.status = 204
    await world.start()
    await until(lambda: uncertain(world), "la livraison est incertaine")
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


async def test_what_was_on_its_way_into_a_mailbox_when_the_hub_died_is_laid_there_whatever_the_class(
    prepared: World,
) -> None:
    world = prepared
    await world.start()
    await world.apply(world.registry(centre_boite={"livraison": ClasseLivraison.AUCUNE}))
    place = await place_of(world, "B-1", "centre-boite", structure="010000032")
    await world.accepted("siao-01", referral(place))
    await until(lambda: laid_down(world), "l'orientation est dans la boîte")
    await world.stop()
    await accidents.crash_while_sending(world, "centre-boite")
    await world.start()
    await until(lambda: laid_down(world), "l'orientation est dans la boîte de nouveau")


async def all_wait(world: World) -> bool:
    return (await world.etats("siao-01")).count("en_attente") == LANE
