"""Helpers for tests of the audit: seal and verify it at once, shorten a copy of it."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from ops.audit.proving import Verdict, gathered, verify
from ops.audit.sealing import Sealer
from router.domain.audit_chain import Fault
from router.process.leases import Lease, Leases
from router.process.wakeup import WakeUp
from router.store import audit
from tests.integration.world import World


async def verified(world: World, now: datetime | None = None, announced: int = 0) -> Verdict:
    """Verify the audit as `siao-hub audit verify` does, and return the verdict."""
    evidence = await gathered(world.settings)
    return await verify(world.database, evidence, now or datetime.now(UTC), announced)


def faults(verdict: Verdict) -> set[Fault]:
    return {finding.fault for finding in verdict.proof.findings}


async def written(world: World, number: int, action: str = "essai") -> None:
    async with world.database.transaction() as connection:
        for n in range(number):
            await audit.record(connection, "test", action, str(n), {"rang": n})


def lease_of(world: World, name: str) -> Lease:
    """Return a lease of this name for a new process."""
    return Leases(world.database, uuid4(), world.settings.lease_s).named(name)


def sealer_of(world: World) -> Sealer:
    return Sealer(world.database, world.settings, lease_of(world, "essai"), WakeUp())


async def sealed(world: World) -> None:
    """Bind all rows of the audit and sign its head, without waiting for the sealer's next round."""
    sealer = sealer_of(world)
    while await sealer._bind():
        pass
    await sealer._sign()


def cut(file: Path, lines: int = 1) -> None:
    """Remove the last lines of a file."""
    left = file.read_bytes().splitlines(keepends=True)[:-lines]
    file.write_bytes(b"".join(left))
