"""An answer that matches nothing."""

from typing import Any

from router.domain.roles import Role
from tests.integration.messages import vacancy
from tests.integration.waiting import until
from tests.integration.world import World


async def an_exit_that_cites_its_place(world: World, *roles: Role) -> tuple[str, Any]:
    """The referral that an orphan answer is about, and the answer of the door; afterwards these roles are at work."""
    ours = await world.referred()
    await world.settled()
    place = world.siao.messages[0]["place"]["identifiantExterne"]
    await world.stop()
    await world.start(Role.GATEWAY)
    await world.accepted(
        "centre", {"type": "entree.constatee", "orientation": ours, "entreeLe": "2026-11-20"}
    )
    # The id of the place, in the place of the referral's. Something about that id waits: nobody can judge it yet.
    await world.accepted("centre", vacancy("A-101", capacite=2))
    wrong = {"type": "sortie.declaree", "orientation": place, "sortieLe": "2026-11-21", "vers": "10"}
    status, message = await world.send("centre", wrong)
    assert status == 202
    await world.stop()
    await world.start(*roles)
    await until(lambda: world.siao.of_type("alerte.anomalie"), "le SIAO apprend l'anomalie")
    await world.settled()
    return ours, message
