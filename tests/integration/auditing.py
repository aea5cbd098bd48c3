"""The audit in tests: rows are written, bound and signed at once; the whole is proved; a copy outside is cut."""

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
    """The proof, as `siao-hub audit verify` makes it."""
    evidence = await gathered(world.settings)
    return await verify(world.database, evidence, now or datetime.now(UTC), announced)


def faults(verdict: Verdict) -> set[Fault]:
    return {finding.fault for finding in verdict.proof.findings}


async def written(world: World, number: int, action: str = "essai") -> None:
    async with world.database.transaction() as connection:
        for n in range(number):
            await audit.record(connection, "test", action, str(n), {"rang": n})


def lease_of(world: World, name: str) -> Lease:
    """A lease that some process asks for."""
    return Leases(world.database, uuid4(), world.settings.lease_s).named(name)


def sealer_of(world: World) -> Sealer:
    return Sealer(world.database, world.settings, lease_of(world, "essai"), WakeUp())


async def sealed(world: World) -> None:
    """What a sealer does at once where it is its time: bind all, and sign."""
    sealer = sealer_of(world)
    while await sealer._bind():
        pass
    await sealer._sign()


def cut(file: Path, lines: int = 1) -> None:
    """Somebody takes the last lines off a file."""
    left = file.read_bytes().splitlines(keepends=True)[:-lines]
    file.write_bytes(b"".join(left))
