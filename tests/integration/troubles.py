"""Faults that have a page in the handbook, and what others than the operator do to repair them."""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import uuid4

from contracts.envelope import from_headers
from contracts.rythme import Jour, Rythme
from contracts.v1.place import PlaceFermee
from router.delivery.refusals import REFUSALS_TO_HOLD
from tests.integration import clock
from tests.integration.desk import siao_hub
from tests.integration.forger import Forger, record_of
from tests.integration.messages import to_structure, vacancy
from tests.integration.owed import an_uncertain_referral, shelter_may_be_asked
from tests.integration.pages import WHY, Names
from tests.integration.quarantined import NOUVEAU_FINESS, refused
from tests.integration.registry import FINESS
from tests.integration.test_doubts import NEVER_SILENT, figures, looked_at
from tests.integration.test_mailbox import referred_to_the_mailbox
from tests.integration.waiting import until
from tests.integration.world import World

SIAO, CENTRE, BOX = "siao-01", "centre", "centre-boite"


def answers(status: int) -> Callable[[World], Awaitable[None]]:
    """Return a function that makes the SIAO's server answer with this status."""

    async def answer(world: World) -> None:
        world.siao.status = status

    return answer


async def siao_answers(world: World, status: int, messages: int) -> Names:
    """Send so many vacancies to a SIAO that answers with this status. Return the values for the page's
    placeholders."""
    world.siao.status = status
    for number in range(messages):
        await world.accepted(CENTRE, vacancy(f"M-{number}"))
    return {"P": SIAO}


async def away(world: World) -> Names:
    return await siao_answers(world, 503, 20)


async def piled_up(world: World) -> Names:
    names = await away(world)

    async def are_due() -> bool:
        return len(await world.deliveries(SIAO)) == 20

    await until(are_due, "tout est à livrer")
    return names


async def denied(world: World) -> Names:
    return await siao_answers(world, 401, 2)


async def refuses_a_type(world: World) -> Names:
    names = await siao_answers(world, 422, REFUSALS_TO_HOLD)

    async def are_refused() -> bool:
        return [each.etat for each in await world.deliveries(SIAO)] == ["refusee"] * REFUSALS_TO_HOLD

    await until(are_refused, "tout est refusé")
    await world.accepted(CENTRE, vacancy("M-qui-attend"))
    return names


async def refuses_all(world: World) -> Names:
    for number in range(REFUSALS_TO_HOLD):
        await world.accepted(SIAO, to_structure(FINESS, number))
    await until(lambda: len(world.shelter.messages) == REFUSALS_TO_HOLD, "le centre reçoit les orientations")
    names = await refuses_a_type(world)
    for message in world.shelter.messages:
        await world.accepted(
            CENTRE,
            {
                "type": "orientation.acceptee",
                "orientation": message["orientation"],
                "accueilLe": "2026-12-01",
            },
        )
    return names


async def refuses_one(world: World) -> Names:
    await siao_answers(world, 422, 1)

    async def is_refused() -> list[str]:
        return [str(each.id) for each in await world.deliveries(SIAO) if each.etat == "refusee"]

    (delivery,) = await until(is_refused, "le SIAO refuse")
    return {"LIVRAISON": delivery}


async def uncertain(world: World) -> Names:
    await shelter_may_be_asked(world)
    return {"LIVRAISON": str(await an_uncertain_referral(world, 4711, "A-101"))}


async def nobody_s(world: World) -> Names:
    await world.accepted(SIAO, to_structure(NOUVEAU_FINESS, 1))
    (entry,) = await until(world.quarantined, "elle est en quarantaine")
    return {"ID": str(entry.id), "…": str(entry.id)}


async def typed_wrong(world: World) -> Names:
    await refused(world, 20)
    entries = await world.quarantined()
    return {"P": CENTRE, "ID": str(entries[0].id), "…": f"--cause {entries[0].cause}"}


async def late(world: World) -> Names:
    names = await siao_answers(world, 503, 1)
    (delivery,) = await until(lambda: world.deliveries(SIAO), "la livraison est due")
    await clock.delivery_grows_older(world, delivery.id, timedelta(minutes=16))
    return {**names, "LIVRAISON": str(delivery.id)}


async def silent(world: World) -> Names:
    await world.apply(
        world.registry(centre={"rythme": Rythme(jours=tuple(Jour), avant=(time(1),), feries=True)})
    )
    await world.known_place("A-101")
    await world.settled()
    await clock.grow_older(world, "inbox", timedelta(days=3))
    await looked_at(world)
    return {"P": CENTRE}


async def speaks(world: World) -> None:
    await world.accepted(CENTRE, vacancy("A-102"))
    await world.settled()
    await looked_at(world)


async def unanswered(world: World) -> Names:
    ours = await world.referred()
    await world.settled()
    await clock.subjects_are_older(world, timedelta(days=2))
    return {"P": CENTRE, "ID": ours}


async def replies(world: World) -> None:
    ours = next(each["orientation"] for each in world.shelter.messages if "orientation" in each)
    await world.accepted(CENTRE, {"type": "orientation.accusee", "orientation": ours})
    accepted = {"type": "orientation.acceptee", "orientation": ours, "accueilLe": "2026-12-01"}
    await world.accepted(CENTRE, accepted)


async def left_in_its_box(world: World) -> Names:
    await referred_to_the_mailbox(world)
    (delivery,) = await world.deliveries(BOX)
    await clock.delivery_grows_older(world, delivery.id, timedelta(days=3))
    return {"P": BOX}


async def collects(world: World) -> None:
    await world.collected(BOX, 1)


async def gap(world: World) -> Names:
    await world.apply(world.registry(centre={"rythme": NEVER_SILENT}))
    for said in (vacancy("A-101"), vacancy("A-102"), {"type": "place.occupee", "place": "A-101"}, counted(2)):
        await world.accepted(CENTRE, said)
    await world.settled()
    await clock.places_moved_earlier(world, timedelta(days=2))
    await looked_at(world)
    return {"P": CENTRE}


async def corrects(world: World) -> None:
    await world.accepted(CENTRE, counted(1))
    await world.settled()
    await looked_at(world)


async def told_weeks_ago(world: World) -> Names:
    await world.apply(world.registry(centre={"rythme": NEVER_SILENT}))
    await world.accepted(CENTRE, figures(0, datetime.now(UTC) - timedelta(days=20)))
    await world.settled()
    await looked_at(world)
    return {"P": CENTRE}


async def counts_anew(world: World) -> None:
    await world.accepted(CENTRE, counted(0))
    await world.settled()
    await looked_at(world)


def counted(occupees: int) -> dict[str, Any]:
    """Return today's occupancy figures of a shelter with two places."""
    return figures(occupees, datetime.now(UTC))


async def forged(world: World) -> Names:
    await world.accepted(CENTRE, vacancy("A-101"))
    await world.settled()
    forger, (place,) = Forger(world), await world.subjects("place")
    like = from_headers((await record_of(world, "vacante.v1")).headers)
    await forger.invents(PlaceFermee(place=place.id), like, id=uuid4())
    await forger.is_read()
    (entry,) = await world.quarantined()
    return {"ID": str(entry.id)}


async def asked_weeks_ago(world: World) -> Names:
    await world.referred()
    await world.settled()
    (held,) = await world.subjects("orientation")
    noted = (
        "noter",
        str(held.menage),
        "--droit",
        "acces",
        "--motif",
        WHY,
        "--recue-le",
        "2026-01-31",
        "--json",
    )
    answer = await siao_hub(world.settings, "personne", *noted)
    assert answer.status == 0, answer.errors
    return {"DEMANDE": json.loads(answer.text[answer.text.index("{") :])["demande"]}
