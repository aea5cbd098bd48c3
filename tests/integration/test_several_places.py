"""Families who want the same places at once, over real HTTP, Kafka and PostgreSQL, and two hub processes."""

import asyncio
import json
from itertools import combinations

from ops.running.hub import Hub
from ops.running.process import run
from router.domain.roles import Role
from tests.integration import beside
from tests.integration.messages import referral
from tests.integration.world import World

CODES = [f"F-{number}" for number in range(6)]
WANTED = ((0, 1, 2), (2, 1, 0), (1, 2, 3), (3, 2, 1), (3, 4), (4, 3), (0, 4), (5,), (4, 5, 0))
"""The places that each family needs, each in an order of its own."""


async def test_families_that_race_for_places_get_all_of_theirs_or_none_and_lose_them_together(
    world: World,
) -> None:
    ids = [await world.known_place(code) for code in CODES]
    async with Hub(world.settings, (Role.WORKER,)) as other, beside.work(run(other)):
        await world.bus.wait_for_the_workers()
        families = [family(number, [ids[n] for n in wanted]) for number, wanted in enumerate(WANTED, 1)]
        answers = await asyncio.gather(*(world.send("siao-01", each) for each in families))
        assert {status for status, _ in answers} == {202}
        await world.settled()

        received = {
            message["orientation"]: {message["place"], *message.get("autresPlaces", ())}
            for message in world.shelter.messages
        }
        refused = {alert["alerte"]["id"] for alert in world.siao.of_type("alerte.conflit")}
        families_of = {frozenset(CODES[n] for n in wanted) for wanted in WANTED}
        assert received
        assert families_of.issuperset(map(frozenset, received.values()))
        assert len(received) + len(refused) == len(WANTED)
        assert all(one.isdisjoint(another) for one, another in combinations(received.values(), 2))
        assert await held(world, ids) == {code: ours for ours, places in received.items() for code in places}

        # What a family leaves, it leaves whole.
        ours, places = max(received.items(), key=lambda each: len(each[1]))
        seen = (await world.get("centre", f"/v1/orientations/{ours}"))[1]
        assert {seen["place"], *seen["autres_places"]} == places
        refusal = {"type": "orientation.refusee", "orientation": ours, "auteur": "PERSONNE"}
        await world.accepted("centre", {**refusal, "motif": "LOCALISATION"})
        await world.settled()
        freed = world.siao.of_type("place.disponible")
        assert {CODES[ids.index(message["place"]["identifiantExterne"])] for message in freed} == places


def family(number: int, places: list[str]) -> dict[str, object]:
    """A referral to these places."""
    first, *others = places
    message = referral(first, number)
    message["orientation"]["autresPlaces"] = others
    return message


async def held(world: World, ids: list[str]) -> dict[str, str]:
    """The referral for which each place is held, by the shelter's code."""
    places = {str(each.id): json.loads(each.donnees) for each in await world.subjects("place")}
    found = {code: places[ident].get("orientation") for code, ident in zip(CODES, ids, strict=True)}
    return {code: ours for code, ours in found.items() if ours}
