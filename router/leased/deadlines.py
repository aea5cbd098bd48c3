"""Append an event to the log when a deadline reaches a stage: a reminder, or its end. The worker runs this under
a lease. The scheduler could not: it lacks the HMAC key by which the hub proves that it wrote an event."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from uuid import UUID

from contracts.envelope import derived_id
from contracts.v1.echeance import Echeance
from router.domain.books import message_at
from router.domain.deadlines import Deadline, running_of, territoire_of
from router.domain.partners import Registry
from router.domain.proof import Prover
from router.domain.sandbox import message_territoire
from router.domain.subjects import Subject
from router.process.leases import Lease
from router.process.wakeup import LONGEST_SECONDS, WakeUp
from router.store import deadlines, log, subjects
from router.store.database import Connection, Database
from router.store.hub_events import first_entry, say

BATCH = 500
ROUND_SECONDS = 3600.0
"""Seconds between two comparisons of the stored deadlines with all open subjects."""
PUT_OFF = timedelta(hours=1)
FIRST = UUID(int=0)


@dataclass(slots=True)
class _Work:
    entries: list[log.Entry] = field(default_factory=list)
    reached: list[deadlines.Reached] = field(default_factory=list)
    stale: dict[tuple[UUID, Echeance], Deadline | None] = field(default_factory=dict)
    """Corrections of stored deadlines, by subject and type. None stops the deadline."""


class Deadlines:
    """Work that appends an event to the log when a deadline reaches a stage. One process at a time does it,
    under a lease."""

    def __init__(
        self,
        database: Database,
        prover: Prover,
        lease: Lease,
        registry: Callable[[], Registry],
        wake: WakeUp,
    ) -> None:
        self._database = database
        self._prover = prover
        self._lease = lease
        self._registry = registry
        self._wake = wake
        self._round_at = -math.inf

    async def run(self) -> None:
        """Append an event when a deadline has reached a stage, until cancelled. A reminder gets no event if a later
        stage is reached too."""
        await self._lease.work(self._wake, LONGEST_SECONDS, self._work)

    async def _work(self) -> None:
        await self._round()
        while await self._elapse():
            pass

    async def _elapse(self) -> bool:
        async with self._database.transaction() as connection:
            await self._database.must_be_whole()  # after a restore, only the bus may have the answer
            reached = await deadlines.take(connection, BATCH)
            known = await subjects.read(connection, {due.subject for due in reached}) if reached else {}
            work = _Work()
            for due in reached:
                _judge(due, known[due.subject], self._registry(), work)
            await deadlines.reached(connection, work.reached)
            await deadlines.write(connection, work.stale)
            await say(self._database, connection, self._prover, work.entries)
        return len(reached) == BATCH

    async def _round(self) -> None:
        """Correct the stored deadlines that no longer agree with the registry or with the durations in
        `deadlines.toml`. Do nothing if the last correction was less than an hour ago."""
        if time.monotonic() < self._round_at:
            return
        async with self._database.transaction() as connection:
            await deadlines.drop_over(connection)
        after: UUID | None = FIRST
        while after is not None:
            async with self._database.transaction() as connection:
                after = await self._page(connection, after)
        self._round_at = time.monotonic() + ROUND_SECONDS

    async def _page(self, connection: Connection, after: UUID) -> UUID | None:
        ids = await deadlines.awaiting(connection, after, BATCH)
        known = await subjects.load(connection, ids)
        kept = await deadlines.kept(connection, ids)
        wrong: dict[tuple[UUID, Echeance], Deadline | None] = {}
        for ident, subject in known.items():
            running, had = running_of(subject, self._registry()), kept.get(ident, [])
            right = {each.echeance for each in had if deadlines.same(each, running.get(each.echeance))}
            asked = {*running, *(each.echeance for each in had)} - right
            wrong |= {(ident, kind): running.get(kind) for kind in asked}
        await deadlines.write(connection, wrong)
        return ids[-1] if len(ids) == BATCH else None


def _judge(due: deadlines.DueStage, subject: Subject, registry: Registry, work: _Work) -> None:
    territoire, running = territoire_of(subject, registry), running_of(subject, registry)
    deadline = running.get(due.echeance)
    if territoire is None:  # no partner of the subject is in the registry: try again later
        work.reached.append(deadlines.Reached(subject.id, due.echeance, due.stage, due.at + PUT_OFF))
    elif deadline is None or deadline.started_at != due.started_at:
        work.stale[subject.id, due.echeance] = deadline
    else:
        number, over = deadline.reached(due.stage, due.at), due.stage
        if number is not None:
            contrat, over = message_at(subject, deadline, deadline.stages[number].etape), number + 1
            ident = _ident(subject, deadline, number)
            work.entries.append(first_entry(contrat, ident, _asking(subject, registry) or territoire))
        left = deadline.stages[over:]
        next_at = left[0].at if left else None
        work.reached.append(deadlines.Reached(subject.id, due.echeance, over, next_at))


def _asking(subject: Subject, registry: Registry) -> str | None:
    """Return the territory to which an event about a reached deadline belongs: that of the subject's sender.
    Return None if the subject has no sender, or the registry does not have this sender."""
    partner = registry.get(getattr(subject, "emetteur", ""))
    return message_territoire(partner) if partner else None


def _ident(subject: Subject, deadline: Deadline, number: int) -> UUID:
    """Return the id of the event that reports one stage of a deadline. `number` is the position of this stage
    among the deadline's stages, from 0. The id is always the same for the same stage, so that the log accepts
    the event only once."""
    if deadline.echeance is Echeance.RESERVATION:
        return derived_id(subject.id, "reservation-expiree", str(subject.version))
    start = deadline.started_at.astimezone(UTC).isoformat()
    return derived_id(subject.id, f"echeance {deadline.echeance} {start}", str(number))
