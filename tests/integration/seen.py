"""What the hub's operators see at this moment: facts and findings."""

from datetime import UTC, datetime, timedelta

from ops.status import vitals as ops
from ops.status.findings import Finding
from ops.status.verdict import Verdict, verdict
from router.domain.correspondents import Correspondent
from router.domain.roles import AT_WORK, Role
from router.domain.vitals import Vitals
from tests.integration import clock
from tests.integration.waiting import until
from tests.integration.world import World


async def vitals(world: World) -> Vitals:
    """Return the facts that `siao-hub status` gathers."""
    return await ops.vitals(world.database, world.settings)


async def judged(world: World) -> Verdict:
    return verdict(await vitals(world), datetime.now(UTC))


async def seen(world: World) -> tuple[Finding, ...]:
    """Return the findings of `siao-hub status`."""
    return (await judged(world)).findings


async def correspondent(world: World, partner: str) -> Correspondent:
    (found,) = [each for each in (await vitals(world)).partners if each.id == partner]
    return found


async def role_dies(world: World, role: Role, since: timedelta) -> None:
    """Make the last heartbeat of a role so old, while the other roles go on."""
    hub = world.hub
    assert hub is not None
    others = [each for each in AT_WORK if each is not role]
    before = await world.last_beat(others[0])
    hub.heart.begins(others)

    async def beaten() -> bool:
        hub.heart.wake.set()
        return await world.last_beat(others[0]) > before

    await until(beaten, "les autres rôles battent")
    await clock.role_is_seen_no_more(world, since, role)
