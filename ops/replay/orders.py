"""Carry out what a person decides about the quarantine, and record each decision in the audit."""

from datetime import datetime
from uuid import UUID, uuid4

from router.store import deliveries, jobs, log, quarantine
from router.store.audit import record
from router.store.database import JOBS, OUTBOX, Database

CLOSED_AT_ONCE = 1000
"""The maximum number of rows that one transaction closes."""


async def ask(database: Database, request: jobs.Request) -> UUID:
    """Queue a replay job, and return its id."""
    job = uuid4()
    async with database.transaction() as connection:
        await jobs.create(connection, job, request)
        detail = {"filtre": request.filter._asdict(), "motif": request.why, "essai": request.dry_run}
        await record(connection, request.actor, "rejeu.demander", str(job), detail)
        await database.notify(connection, JOBS)
    return job


async def change(database: Database, job: UUID, to: str, actor: str) -> bool:
    """Pause, resume or cancel a replay job. `to` is its new state: PAUSED, WAITING (which resumes it) or
    CANCELLED. Return False if the job's present state does not allow this."""
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


async def close(
    database: Database, wanted: jobs.Filter, actor: str, why: str, until: datetime | None = None
) -> int:
    """Close the open quarantine rows that match the filter `wanted`, and return how many. An event of a
    closed row never has an effect, and no longer blocks its subject. `until` is when the person saw the rows
    (None: now). Rows that came later stay open."""
    total = 0
    while True:
        async with database.transaction() as connection:
            until = until or await deliveries.moment(connection)
            closed = await quarantine.close(connection, wanted, until, actor, why, CLOSED_AT_ONCE)
            for event in closed:
                if event is not None:
                    await log.make_pending(connection, event)
            await database.notify(connection, OUTBOX)
        total += len(closed)
        if len(closed) < CLOSED_AT_ONCE:
            return total
