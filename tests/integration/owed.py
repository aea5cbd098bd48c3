"""Deliveries due to the SIAO or a shelter, under different delivery classes."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from contracts.partner import ClasseLivraison
from tests.integration.messages import referral, vacancy
from tests.integration.registry import http
from tests.integration.waiting import DEADLINE_SECONDS, until
from tests.integration.world import World


async def may_be_asked(world: World, livraison: ClasseLivraison = ClasseLivraison.INTERROGEABLE) -> None:
    """Let the SIAO answer whether it has received a key."""
    way_out = http(
        world.siao.port, world.secret, question=f"http://127.0.0.1:{world.siao.port}/recus/{{cle}}"
    )
    asked = {"livraison": livraison, "sortie": way_out}
    await world.apply(world.registry(siao_01=asked))


async def shelter_may_be_asked(world: World) -> None:
    """Let the shelter answer whether it has received a key. It is never sent the same delivery twice."""
    question = f"http://127.0.0.1:{world.shelter.port}/recus/{{cle}}"
    way_out = http(world.shelter.port, world.secret, question=question, delai_s=DEADLINE_SECONDS + 10)
    await world.apply(world.registry(centre={"livraison": ClasseLivraison.AUCUNE, "sortie": way_out}))


async def an_uncertain_referral(world: World, number: int, code: str) -> UUID:
    """Send a referral whose delivery the shelter receives without an answer; return the id of this delivery of
    unknown outcome."""
    place = await world.known_place(code)
    world.shelter.cutting = True
    status, body = await world.send("siao-01", referral(place, number))
    assert status == 202, body

    async def is_uncertain() -> list[UUID]:
        return [each.id for each in await world.deliveries("centre") if each.etat == "incertaine"]

    (delivery,) = await until(is_uncertain, "la livraison est incertaine")
    world.shelter.cutting = False
    return UUID(str(delivery))


async def with_class(
    world: World, livraison: ClasseLivraison, delai_s: float = DEADLINE_SECONDS, **others: Mapping[str, Any]
) -> None:
    """Give the SIAO this delivery class, and a time-out: a short one only if it is to be silent. `others`: further
    changes of the registry, as `World.registry` takes them."""
    way_out = http(world.siao.port, world.secret, delai_s=delai_s)
    await world.apply(world.registry(siao_01={"livraison": livraison, "sortie": way_out}, **others))


async def uncertain(world: World) -> bool:
    return "incertaine" in await world.etats("siao-01")


async def place_of(world: World, code: str, sender: str = "centre", **more: Any) -> str:
    """Send a vacancy, and return the hub's id of the place once the hub knows it."""
    _, answer = await world.send(sender, vacancy(code, **more))

    async def known() -> list[UUID]:
        (event,) = [each for each in await world.events() if str(each.correlation) == answer["id"]]
        return [place.id for place in await world.subjects() if place.id == event.subject]

    (place,) = await until(known, "la place est connue")
    return str(place)


async def laid_down(world: World) -> bool:
    return await world.etats("centre-boite") == ["deposee"]


async def two_wait(world: World) -> bool:
    return sorted(await world.etats("siao-01")) in (["en_attente"] * 2, ["en_attente", "en_vol"])
