"""Passes many events through the hub's roles, one after the other, and takes each role's peak memory."""

import asyncio
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass

from bench.bodies import places_file
from bench.door import refused_for_backlog
from bench.filling import apply_all_but, counts, multiply, scanned
from bench.ground import Ground, until
from bench.memory import peak_mib, resident_mib
from bench.sending import decoded, ready, send_file
from deploy.local.process import Child
from router.domain.roles import AT_WORK, Role

STEADY_SECONDS = 15.0
REST_SECONDS = 2.0
RETENTION_SECONDS = 900.0
LEFT = 5_000
"""Number of events that stay pending."""
SWEPT = "scheduler.retention"
_OLDEST_TOKEN = "SELECT seq FROM outbox WHERE shard >= 0 ORDER BY bulk, partner, seq LIMIT 1"  # noqa: S105 - no password
_OLDEST_LANE = "SELECT due_at FROM lane WHERE pending > 0 ORDER BY partner, bulk, due_at LIMIT 1"

Peaks = dict[str, float]
"""Peak memory in MiB, by role."""


@dataclass(frozen=True, slots=True)
class Passage:
    """What a large backlog costs the hub."""

    peaks: Peaks
    rows: dict[str, int]
    """Number of rows of each table when all deliveries are due."""
    scanned: dict[str, int]
    """Number of rows of each table that gateway, relay, worker and dispatcher read by sequential scans."""
    retry_after_s: int
    """`Retry-After`, in seconds, that the gateway gave to a sender because of the full backlog."""
    retention_s: float
    """Seconds from the start of the scheduler until it has finished its first retention sweep."""


async def at_rest(ground: Ground) -> Peaks:
    """Return the memory of each role while it has no work, in MiB."""
    with ExitStack() as stack:
        children = {role: stack.enter_context(ground.hub(role)) for role in AT_WORK}
        await ready(ground)
        await asyncio.sleep(REST_SECONDS)
        return {role: resident_mib(child.pid) for role, child in children.items() if child.pid}


async def passage(ground: Ground, file: int, events: int) -> Passage:
    """Send a file of `file` rows, make `events` events pending, and run each role on them until its memory is
    steady. Return the cost."""
    peaks = await _file(ground, file)
    await multiply(ground, events)
    start = await scanned(ground)
    retry_after_s = await _apply(ground, events // 4, peaks)
    applied = await scanned(ground)
    await apply_all_but(ground, LEFT)
    rows = await counts(ground)
    waiting = await scanned(ground)
    with ground.stub(ground.folder / f"arrivees-{ground.prefix}"), ground.hub("dispatcher") as dispatcher:
        await _steady(ground, _OLDEST_LANE)
        _note(peaks, {Role.DISPATCHER: dispatcher})
    end = await scanned(ground)
    scans = {table: applied[table] - start[table] + end[table] - waiting[table] for table in rows}
    return Passage(peaks, rows, scans, retry_after_s, await retain(ground, peaks))


async def retain(ground: Ground, peaks: Peaks) -> float:
    """Run the scheduler until it has finished a retention sweep, and return the seconds. Adds its peak memory to
    `peaks`."""
    log = ground.folder / "scheduler.log"
    log.touch()
    known = log.read_text(encoding="utf-8").count(SWEPT)
    start = time.monotonic()
    with ground.hub("scheduler") as scheduler:

        async def swept() -> bool:
            return log.read_text(encoding="utf-8").count(SWEPT) > known

        await until(swept, "la rétention a fini un passage", RETENTION_SECONDS)
        _note(peaks, {Role.SCHEDULER: scheduler})
    return time.monotonic() - start


async def _file(ground: Ground, rows: int) -> Peaks:
    peaks: Peaks = {}
    with ground.hub("gateway") as gateway, ground.hub("sources") as sources:
        await ready(ground)
        await decoded(ground, await send_file(ground, places_file(rows, addresses=False)))
        _note(peaks, {Role.GATEWAY: gateway, Role.SOURCES: sources})
    return peaks


async def _apply(ground: Ground, max_backlog: int, peaks: Peaks) -> int:
    """Run gateway, relay and worker on the backlog, and return the gateway's `Retry-After`. `max_backlog`: a limit
    that the backlog exceeds. Adds peak memory to `peaks`."""
    with ExitStack() as stack:
        gateway = stack.enter_context(ground.hub("gateway", intake__max_backlog=max_backlog))
        await ready(ground)
        retry_after_s = await refused_for_backlog(ground)
        children = {role: stack.enter_context(ground.hub(role)) for role in (Role.RELAY, Role.WORKER)}
        await _steady(ground, _OLDEST_TOKEN)
        _note(peaks, {Role.GATEWAY: gateway, **children})
    return retry_after_s


async def _steady(ground: Ground, oldest: str) -> None:
    """Wait until the oldest row is done, then until no row is left or memory must be steady. `oldest`: query for
    the oldest pending row."""
    async with ground.sql() as connection:
        first = await connection.fetchval(oldest)

        async def begun() -> bool:
            return bool(await connection.fetchval(oldest) != first)

        async def nothing_left() -> bool:
            return await connection.fetchval(oldest) is None

        await until(begun, "le travail commence")
        with suppress(TimeoutError):
            async with asyncio.timeout(STEADY_SECONDS):
                await until(nothing_left, "rien n'attend plus")


def _note(peaks: Peaks, children: dict[Role, Child]) -> None:
    """Raise each role's peak in `peaks` to that of its process."""
    for role, child in children.items():
        if child.pid:
            peaks[role] = max(peaks.get(role, 0.0), peak_mib(child.pid))
