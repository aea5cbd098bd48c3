"""What the hub's team sees: the facts at this moment, and what is found in them."""

from datetime import UTC, datetime

from router.domain.verdict import Finding, Verdict, verdict
from router.domain.vitals import Correspondent, Vitals
from router.ops import vitals as ops
from tests.integration.world import World


async def vitals(world: World) -> Vitals:
    """The facts, as `siao-hub status` gathers them."""
    return await ops.vitals(world.database, world.settings)


async def judged(world: World) -> Verdict:
    return verdict(await vitals(world), datetime.now(UTC))


async def seen(world: World) -> tuple[Finding, ...]:
    """What is found."""
    return (await judged(world)).findings


async def correspondent(world: World, partner: str) -> Correspondent:
    (found,) = [each for each in (await vitals(world)).partners if each.id == partner]
    return found
