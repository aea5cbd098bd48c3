"""Stages of deadlines, as the log has them."""

import json
from typing import Any

from contracts.v1.echeance import Echeance, OrientationEcheance
from tests.integration.world import World


async def stages(world: World, echeance: Echeance) -> list[str]:
    """Those that were told of a kind of deadline of referrals, in order."""
    said: list[dict[str, Any]] = [
        json.loads(event.payload)["clair"] for event in await world.events(kind=OrientationEcheance.TYPE)
    ]
    return [each["etape"] for each in said if each["echeance"] == echeance]
