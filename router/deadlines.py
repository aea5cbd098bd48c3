"""Append an event to the log when a referral, a candidacy or a reservation reaches a stage of its deadline.

Works under a lease, in the worker process, because that process has the key for the MAC of an event.
"""

import math
import time
from collections.abc import Callable, Set
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from uuid import UUID

from contracts.envelope import derived_id
from contracts.v1.echeance import Echeance
from router.domain.books import message_at
from router.domain.deadlines import Change, Deadline, Running, running_of, territoire_of
from router.domain.partners import Registry
from router.domain.proof import Prover
from router.domain.sandbox import message_territoire
from router.domain.subjects import Subject
from router.process.leases import Lease, Round
from router.process.wakeup import LONGEST_SECONDS, WakeUp
from router.store import deadlines, log, subjects
from router.store.database import Connection, Database
from router.store.hub_events import first_entry, say

BATCH = 500
ROUND_SECONDS = 3600.0
"""Seconds between two checks of the table of deadlines against all open subjects."""
PUT_OFF = timedelta(hours=1)
FIRST = UUID(int=0)


@dataclass(slots=True)
class _Work:
    """Rows to write because deadlines are due."""

    entries: list[log.Entry] = field(default_factory=list)
    reached: list[deadlines.Reached] = field(default_factory=list)
    stale: list[tuple[UUID, Change]] = field(default_factory=list)
    """Corrections of the table of deadlines, by the id of the subject."""


class Deadlines:
    """Runs all deadlines of the hub, in one process at a time, under a lease."""

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
        """Append an event for each stage that a deadline reaches, until cancelled."""
        await self._lease.work(self._wake, LONGEST_SECONDS, self._work)

    async def _work(self, _: Round) -> None:
        await self._round()
        while await self._elapse():
            pass

    async def _elapse(self) -> bool:
        """Append an event for each stage that is due, and note the stage in the same transaction. Return
        whether more stages may be due."""
        async with self._database.transaction() as connection:
            await self._database.must_be_whole()  # the answer may be on the bus alone
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
        """Correct the table of deadlines for all open subjects, once an hour: `deadlines.toml` or the
        registry may have changed."""
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
        wrong: list[tuple[UUID, Change]] = []
        for ident, subject in known.items():
            running, had = running_of(subject, self._registry()), kept.get(ident, [])
            right = {each.echeance for each in had if deadlines.same(each, running.get(each.echeance))}
            asked = {*running, *(each.echeance for each in had)} - right
            wrong.append((ident, _correction(running, asked)))
        await deadlines.write(connection, wrong)
        return ids[-1] if len(ids) == BATCH else None


def _judge(due: deadlines.Due, subject: Subject, registry: Registry, work: _Work) -> None:
    """Add to `work` the event for the stage that a due deadline has reached, or a correction if the deadline
    no longer runs. Postpone the deadline by `PUT_OFF` if the registry knows no partner of the subject."""
    territoire, running = territoire_of(subject, registry), running_of(subject, registry)
    deadline = running.get(due.echeance)
    if territoire is None:
        work.reached.append(deadlines.Reached(subject.id, due.echeance, due.stage, due.at + PUT_OFF))
    elif deadline is None or deadline.started_at != due.started_at:
        work.stale.append((subject.id, _correction(running, {due.echeance})))
    else:
        number, over = deadline.reached(due.stage, due.at), due.stage
        if number is not None:
            contrat, over = message_at(subject, deadline, deadline.stages[number].etape), number + 1
            ident = _ident(subject, deadline, number)
            work.entries.append(first_entry(contrat, ident, _asking(subject, registry) or territoire))
        left = deadline.stages[over:]
        next_at = left[0].at if left else None
        work.reached.append(deadlines.Reached(subject.id, due.echeance, over, next_at))


def _correction(running: Running, asked: Set[Echeance]) -> Change:
    """Return the change that makes the table of deadlines agree with `running`, for the kinds of deadline in
    `asked`."""
    ordered = sorted(asked)
    return Change(
        tuple(each for each in ordered if each not in running),
        tuple(running[each] for each in ordered if each in running),
    )


def _asking(subject: Subject, registry: Registry) -> str | None:
    """Return the territory of the SIAO that receives the deadline's event; None if that SIAO has left the
    registry."""
    partner = registry.get(getattr(subject, "emetteur", ""))
    return message_territoire(partner) if partner else None


def _ident(subject: Subject, deadline: Deadline, number: int) -> UUID:
    """Return an id made of the deadline and its stage, so that a stage reached twice is one event."""
    if deadline.echeance is Echeance.RESERVATION:
        return derived_id(subject.id, "reservation-expiree", str(subject.version))
    start = deadline.started_at.astimezone(UTC).isoformat()
    return derived_id(subject.id, f"echeance {deadline.echeance} {start}", str(number))
