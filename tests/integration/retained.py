"""Time passes and the retention does its round; what it must leave alone."""

from datetime import timedelta
from typing import Any

import asyncpg

from ops.retention import sweeping as retention
from router.store import audit
from tests.integration import clock
from tests.integration.messages import to_structure
from tests.integration.world import World


async def bound(world: World) -> bool:
    """Bind some more of the audit, beside the sealer or without one."""
    try:
        async with world.database.transaction() as connection:
            return await audit.bind(connection) > 0
    except asyncpg.UniqueViolationError:
        return True


async def later(world: World, by: timedelta) -> None:
    """So much time passes, all of the audit is bound meanwhile, and what is old enough is swept."""
    while await bound(world):
        pass
    await clock.pass_time(world, by)
    await retention.sweep(world.database, world.settings)


def to_nobody(number: int, household: int) -> dict[str, Any]:
    """A referral to a structure that the registry does not know."""
    stuck = to_structure("010000040", number)
    stuck["ficheGroupe"]["id"] = household
    return stuck


async def in_quarantine(world: World) -> bool:
    return any(entry.event_id for entry in await world.quarantined())
