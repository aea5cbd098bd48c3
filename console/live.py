"""One snapshot of the hub for all open pages: a hundred open pages cost PostgreSQL no more than one."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from console.charts import Curve, per_minute
from console.sessions import ASKED_EVERY
from ops.lists import sql as listing
from ops.sessions import sql as sessions
from ops.sessions.sql import Known
from ops.status.safeguards import safeguards_of
from ops.status.vitals import vitals
from ops.traffic import flows as traffic
from ops.traffic.flows import Day
from router.domain.vitals import Answer, Vitals
from router.settings import Settings
from router.store import registry as registry_store
from router.store.database import AWAY, Database

REFRESH_SECONDS = 5.0
"""Interval at which an open page is updated. A snapshot is replaced after half of it."""
KEPT_SECONDS = 15.0
"""Time for which the counts of a day, and of free places, are used again: they change slowly."""
COUNTED_ON_A_PAGE = 1_000
"""Limit on the rows of one kind that a page counts. The page shows if there may be more."""
LOOKING_SHARE = 0.1
"""Largest share of the time that is spent on taking snapshots, however long one takes."""
OLD_AFTER_SECONDS = 12.0
"""Age at which an open page turns grey, by the clock of its browser: two updates and one slow snapshot."""
ANSWER_SECONDS = 3.0
"""Longest wait for data that an open page can do without."""


class Seen(NamedTuple):
    """State of the hub at one moment."""

    facts: Vitals
    at: datetime
    curves: Sequence[Curve] = ()
    """Rates of the last day."""


class Looks:
    """Snapshots of the hub in this process. The newest one is shared; another is taken when a page needs it
    and the newest is too old."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings
        self._taking = asyncio.Lock()
        self._newest: Seen | None = None
        self._said: dict[Hashable, str] = {}
        self._good_until = 0.0
        self._counting = asyncio.Lock()
        self._day: Day | None = None
        self._free: Mapping[str, int] = {}
        self._free_until = 0.0

    async def day(self) -> Day:
        """Return the day's traffic of all partners.

        Raises Misconfigured if the registry cannot be read, or BusUnavailable.
        """
        async with self._counting:
            now = datetime.now(UTC)
            if self._day is None or now - self._day.until > timedelta(seconds=KEPT_SECONDS):
                async with self._database.transaction() as connection:
                    self._day = await traffic.of_the_day(
                        connection, await registry_store.read(connection), now
                    )
            return self._day

    async def free(self, managers: Sequence[str]) -> Mapping[str, int]:
        """Return the number of free places by manager, for those of `managers` with at least one. Counting
        stops at `COUNTED_ON_A_PAGE`. Raises BusUnavailable."""
        async with self._counting:
            if time.monotonic() > self._free_until:
                async with self._database.statement() as connection:
                    rows = await listing.places_by_manager(
                        connection, managers, [listing.FREE], COUNTED_ON_A_PAGE
                    )
                self._free = {row.gestionnaire: row.number for row in rows}
                self._free_until = time.monotonic() + KEPT_SECONDS
            return self._free

    async def newest(self) -> Seen:
        """Return a snapshot that is recent enough. Raises Misconfigured if the registry cannot be read."""
        async with self._taking:
            if self._newest is None or time.monotonic() > self._good_until:
                now, begun = datetime.now(UTC), time.monotonic()
                safeguards = await asyncio.to_thread(safeguards_of, self._settings, now)
                facts = await vitals(self._database, self._settings, safeguards)
                self._newest = Seen(facts, now, await self._curves() if facts.base is Answer.OK else ())
                self._good_until = time.monotonic() + good_for(facts, time.monotonic() - begun)
                self._said.clear()
            return self._newest

    def rendered_once(self, to: Hashable, tell: Callable[[], str]) -> str:
        """Return the text that `tell` makes of the newest snapshot. It is made once for each key `to`, which
        all visitors with the same view share."""
        if to not in self._said:
            self._said[to] = tell()
        return self._said[to]

    async def _curves(self) -> Sequence[Curve]:
        """Return the curves of the last day; none while PostgreSQL is away or refuses us, which the snapshot
        itself shows."""
        with suppress(*AWAY, TimeoutError):
            async with asyncio.timeout(ANSWER_SECONDS), self._database.transaction() as connection:
                samples = await listing.samples(connection)
            return (
                Curve("événements acceptés", per_minute([(row.slot, row.accepted) for row in samples])),
                Curve("livraisons à faire", per_minute([(row.slot, row.owed) for row in samples])),
            )
        return ()


def good_for(facts: Vitals, took: float) -> float:
    """Return for how many seconds a snapshot may be shown. `took` is the number of seconds that it took. A
    snapshot taken while the database does not answer is soon replaced: waiting for it costs the database
    nothing, and it may be back."""
    answered = facts.base is Answer.OK and not facts.unknown
    return max(REFRESH_SECONDS / 2, took / LOOKING_SHARE) if answered else REFRESH_SECONDS / 2


class OpenPages:
    """Pages that this process updates while they are open. One query checks all their sessions."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._open: Counter[bytes] = Counter()
        self._asking = asyncio.Lock()
        self._standing: Mapping[bytes, Known] = {}
        self._good_until = 0.0

    @contextmanager
    def opened(self, session: bytes) -> Iterator[None]:
        """Count a page of this session as open while the block lasts."""
        self._open[session] += 1
        try:
            yield
        finally:
            self._open[session] -= 1
            self._open += Counter()  # leaves out those that are at zero

    async def standing(self, session: bytes) -> Known | None:
        """Return the person of a session; None once it has ended.

        The answer may be as old as the last update of the open pages. Raises BusUnavailable.
        """
        async with self._asking:
            if time.monotonic() > self._good_until or session not in self._standing:
                async with self._database.statement() as connection:
                    self._standing = await sessions.standing(connection, self._open, ASKED_EVERY)
                self._good_until = time.monotonic() + REFRESH_SECONDS / 2
            return self._standing.get(session)
