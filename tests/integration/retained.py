"""Passage of time with retention sweeps, and what these must leave alone."""

from datetime import timedelta
from typing import Any

import asyncpg

from ops.retention import sweeping as retention
from router.store import audit
from tests.integration import clock
from tests.integration.messages import to_structure
from tests.integration.world import World


async def bound(world: World) -> bool:
    """Bind further rows of the audit, beside a running sealer or without one. Return whether there may be more."""
    try:
        async with world.database.transaction() as connection:
            return await audit.bind(connection) > 0
    except asyncpg.UniqueViolationError:
        return True


async def later(world: World, by: timedelta) -> None:
    """Bind all of the audit, let this span pass, and run a retention sweep."""
    while await bound(world):
        pass
    await clock.pass_time(world, by)
    await retention.sweep(world.database, world.settings)


def to_nobody(number: int, household: int) -> dict[str, Any]:
    """Return a referral to a structure that the registry does not know."""
    stuck = to_structure("010000040", number)
    stuck["ficheGroupe"]["id"] = household
    return stuck


async def in_quarantine(world: World, number: int = 1) -> bool:
    """Return whether this number of events, or more, are in quarantine."""
    return sum(entry.event_id is not None for entry in await world.quarantined()) >= number
