"""A partner who takes lots gets one body for many deliveries; it arrives, waits or fails as one."""

from datetime import timedelta

from contracts.partner import ClasseLivraison, Lot
from router.store import deliveries
from tests.integration import clock
from tests.integration.desk import siao_hub
from tests.integration.messages import referral
from tests.integration.registry import http
from tests.integration.waiting import until
from tests.integration.world import World

HOUR = 3600


async def takes_lots(
    world: World, lines: int, livraison: ClasseLivraison = ClasseLivraison.DEDUPLIQUE
) -> None:
    """From now on the shelter gets tables of so many lines, or of what has waited for an hour."""
    way_out = http(world.shelter.port, world.secret, delai_s=30, lot=Lot(lignes=lines, attente_s=HOUR))
    changed = {"livraison": livraison, "dialecte_sortant": "hebergement_csv", "sortie": way_out}
    await world.apply(world.registry(centre=changed))


async def referred(world: World, *numbers: int) -> list[str]:
    """The hub's ids of places to which households of these numbers were referred, each with its own."""
    places = [await world.known_place(f"A-{number}") for number in numbers]
    for number, place in zip(numbers, places, strict=True):
        assert (await world.send("siao-01", referral(place, number)))[0] == 202
    return places


def lines_of(table: str) -> list[str]:
    return table.splitlines()[1:]


async def test_a_lot_leaves_when_it_is_full_is_repeated_as_it_was_and_waits_no_longer_than_a_deadline_lets_it(
    world: World,
) -> None:
    await takes_lots(world, 2)
    world.shelter.silent = True
    await referred(world, 1, 2)
    await until(lambda: world.shelter.attempts, "le lot est essayé")
    await referred(world, 3)
    world.shelter.when_tried = lambda: setattr(world.shelter, "cutting", False)  # by the next attempt
    world.shelter.cutting = True
    world.shelter.speak()
    await until(lambda: world.shelter.messages, "le lot arrive")
    await until(lambda: _waits(world), "la livraison qui suit attend son lot")
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

    async def both_are_uncertain() -> bool:
        return await world.etats("centre") == ["incertaine"] * 2

    await until(both_are_uncertain, "les deux livraisons sont incertaines")
    assert len(world.shelter.attempts) == 1

    world.shelter.cutting = False
    await referred(world, 3)
    await until(lambda: _waits(world), "la livraison attend son lot")
    async with world.database.transaction() as connection:
        await deliveries.doubt(connection)  # as after a restore: nobody knows in which lot it may have left
    await referred(world, 4)
    await until(lambda: world.shelter.messages, "ce qui n'est pas parti arrive")
    await world.settled()
    assert await world.etats("centre") == ["incertaine"] * 3 + ["livree"]
    assert len(lines_of(world.shelter.messages[0])) == 1


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


async def _waits(world: World) -> bool:
    """Whether the last delivery alone is not made yet."""
    *others, last = await world.etats("centre")
    return last == "en_attente" and "en_attente" not in others
