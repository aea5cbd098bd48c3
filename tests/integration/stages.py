"""Stages of deadlines in the log."""

import json
from typing import Any

from contracts.v1.echeance import Echeance, OrientationEcheance
from tests.integration.world import World


async def stages(world: World, echeance: Echeance) -> list[str]:
    """Return the stages of this kind of deadline that referrals were notified of, in order."""
    said: list[dict[str, Any]] = [
        json.loads(event.payload)["clair"] for event in await world.events(kind=OrientationEcheance.TYPE)
    ]
    return [each["etape"] for each in said if each["echeance"] == echeance]
