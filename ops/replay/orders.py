"""What people order: replay what a filter matches, pause or cancel that, close what nobody will replay.

Each is audited; the work itself is done on the server (`replay`).
"""

from uuid import UUID, uuid4

from router.store import jobs, log, quarantine
from router.store.audit import record
from router.store.database import JOBS, OUTBOX, Database

CLOSED_AT_ONCE = 1000
"""Rows that are closed in one transaction."""


async def ask(database: Database, request: jobs.Request) -> UUID:
    """Put a job in the queue, audited, and wake up whoever works on jobs."""
    job = uuid4()
    async with database.transaction() as connection:
        await jobs.create(connection, job, request)
        detail = {"filtre": request.filter._asdict(), "motif": request.why, "essai": request.dry_run}
        await record(connection, request.actor, "rejeu.demander", str(job), detail)
        await database.notify(connection, JOBS)
    return job


async def change(database: Database, job: UUID, to: str, actor: str) -> bool:
    """Pause, resume (`to` is WAITING) or cancel a job, audited; False when it is not in a state for that."""
    sources = {
        jobs.PAUSED: [jobs.WAITING, jobs.RUNNING],
        jobs.WAITING: [jobs.PAUSED],
        jobs.CANCELLED: [jobs.WAITING, jobs.RUNNING, jobs.PAUSED],
    }
    async with database.transaction() as connection:
        changed = await jobs.move(connection, job, to, sources[to])
        if changed:
            await record(connection, actor, "rejeu.changer", str(job), {"etat": to})
            await database.notify(connection, JOBS)
    return changed


async def close(database: Database, wanted: jobs.Filter, actor: str, why: str) -> int:
    """Close the open rows that a filter matches, each audited; how many. An event keeps its place in its subject: it
    becomes pending again, and has no effect when its turn comes."""
    total = 0
    while True:
        async with database.transaction() as connection:
            closed = await quarantine.close(connection, wanted, actor, why, CLOSED_AT_ONCE)
            for event in closed:
                if event is not None:
                    await log.make_pending(connection, event)
            await database.notify(connection, OUTBOX)
        total += len(closed)
        if len(closed) < CLOSED_AT_ONCE:
            return total
