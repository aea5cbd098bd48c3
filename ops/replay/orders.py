"""A person's actions on the quarantine, each with an audit row."""

from datetime import datetime
from uuid import UUID, uuid4

from router.store import deliveries, jobs, log, quarantine
from router.store.audit import record
from router.store.database import JOBS, OUTBOX, Database

CLOSED_AT_ONCE = 1000
"""Maximum number of rows that one transaction closes."""


async def ask(database: Database, request: jobs.Request) -> UUID:
    """Queue a replay job. Return its id."""
    job = uuid4()
    async with database.transaction() as connection:
        await jobs.create(connection, job, request)
        detail = {"filtre": request.filter._asdict(), "motif": request.why, "essai": request.dry_run}
        await record(connection, request.actor, "rejeu.demander", str(job), detail)
        await database.notify(connection, JOBS)
    return job


async def change(database: Database, job: UUID, to: str, actor: str) -> bool:
    """Pause, resume or cancel a replay job, as its new state `to` says: PAUSED, WAITING or CANCELLED. Return
    False if the job's state does not allow this."""
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
    """Close the open quarantine rows that match the filter `wanted`. Return their number. Rows that came
    after `until`, the moment at which the person saw them, stay open; None stands for now. An event of a
    closed row has no effect, and no longer blocks its subject."""
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
