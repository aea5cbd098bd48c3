"""Read the hub's state once for all open pages, so that many pages cost PostgreSQL no more than one page."""

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
from router.domain.partners import Registry
from router.domain.vitals import Answer, Asked, Vitals
from router.settings import Settings
from router.store import registry as registry_store
from router.store.database import AWAY, Database

REFRESH_SECONDS = 5.0
"""Seconds between two updates of an open page."""
KEPT_SECONDS = 15.0
"""Seconds for which the counts of traffic and of free places are kept, before they are counted anew."""
COUNTED_ON_A_PAGE = 1_000
"""Maximum number of rows of one kind that are counted for a page."""
LOOKING_SHARE = 0.1
"""Share of the time, from 0 to 1, that may go into reading the hub's state. The result of a slow reading is
therefore kept longer (`good_for`)."""
KEPT_AT_MOST_SECONDS = 7.0
"""Maximum seconds for which a reading is kept because it was slow, counted from its beginning. A page asks
again within `REFRESH_SECONDS`; both times together are at most `OLD_AFTER_SECONDS`, after which the page turns
grey."""
OLD_AFTER_SECONDS = 12.0
"""Age of its data at which an open page turns grey."""
ANSWER_SECONDS = 3.0
"""Maximum seconds to wait for data that a page can do without."""
Free = Mapping[tuple[str, str | None], int]
"""Number of free places, by manager and commune; the commune is None for a secret address."""


class Seen(NamedTuple):
    """What one reading of the hub's state found, at the moment `at`. All pages of the console show it."""

    facts: Vitals
    at: datetime
    curves: Sequence[Curve] = ()
    """Events and deliveries per minute in the last day."""
    partners_at: datetime | None = None
    """When the partners' state was last read; None if never."""


class Looks:
    """Reader of the hub's state, one for each process. All open pages share its last reading. If this reading
    is too old when a page asks, the state is read again."""

    def __init__(self, database: Database, settings: Settings, registry: Callable[[], Registry]) -> None:
        """Prepare the reader. `registry` returns the registry in use. For a partner whose stored registry
        entry cannot be read, this registry gives the entry."""
        self._database = database
        self._settings = settings
        self._registry = registry
        self._taking = asyncio.Lock()
        self._newest: Seen | None = None
        self._said: dict[Hashable, str] = {}
        self._good_until = 0.0
        self._counting = asyncio.Lock()
        self._day: Day | None = None
        self._free: Free = {}
        self._free_until = 0.0

    async def day(self) -> Day:
        """Return the traffic of the last 24 hours, counted at most some seconds ago. It covers a shorter time
        if these hours have too many events to count. Raises BusUnavailable if the database does not
        answer."""
        async with self._counting:
            now = datetime.now(UTC)
            if self._day is None or now - self._day.until > timedelta(seconds=KEPT_SECONDS):
                async with self._database.transaction() as connection:
                    self._day = await traffic.of_the_day(
                        connection, await registry_store.read(connection, self._registry()), now
                    )
            return self._day

    async def free(self, managers: Sequence[str]) -> Free:
        """Return the number of free places by manager and commune, some seconds old at most. The places of one
        manager are counted up to a limit. Raises BusUnavailable if the database does not answer."""
        async with self._counting:
            if time.monotonic() > self._free_until:
                async with self._database.statement() as connection:
                    self._free = await listing.free_by_commune(connection, managers, COUNTED_ON_A_PAGE)
                self._free_until = time.monotonic() + KEPT_SECONDS
            return self._free

    async def newest(self) -> Seen:
        """Return the hub's state from the last reading, or from a new one if the last is too old to show."""
        async with self._taking:
            if self._newest is None or time.monotonic() > self._good_until:
                now, begun = datetime.now(UTC), time.monotonic()
                safeguards = await asyncio.to_thread(safeguards_of, self._settings, now)
                facts = await vitals(self._database, self._settings, safeguards, self._registry())
                known_at = self._newest.partners_at if self._newest else None
                if facts.knows(Asked.PARTENAIRES):
                    known_at = now
                curves = await self._curves() if facts.base is Answer.OK else ()
                self._newest = Seen(facts, now, curves, known_at)
                self._good_until = begun + good_for(facts, time.monotonic() - begun)
                self._said.clear()
            return self._newest

    def rendered_once(self, to: Hashable, tell: Callable[[], str]) -> str:
        """Return the text that `tell` makes. The text is kept until the hub's state is read again: until then,
        later calls with the same key `to` return it without calling `tell`. Visitors may share a key only if
        they may see the same things."""
        if to not in self._said:
            self._said[to] = tell()
        return self._said[to]

    async def _curves(self) -> Sequence[Curve]:
        with suppress(*AWAY, TimeoutError):
            async with asyncio.timeout(ANSWER_SECONDS), self._database.transaction() as connection:
                samples = await listing.samples(connection)
            return (
                Curve("événements acceptés", per_minute([(row.slot, row.accepted) for row in samples])),
                Curve("livraisons demandées", per_minute([(row.slot, row.owed) for row in samples])),
            )
        return ()


def good_for(facts: Vitals, took: float) -> float:
    """Return for how many seconds pages may show `facts`, the result of a reading that took `took` seconds.
    The seconds count from the beginning of the reading. A slow reading is kept longer, to spare the database;
    an incomplete one only briefly."""
    answered = facts.base is Answer.OK and not facts.unknown
    pause = min(took / LOOKING_SHARE, KEPT_AT_MOST_SECONDS) if answered else 0.0
    return max(took + REFRESH_SECONDS / 2, pause)


class OpenPages:
    """Register of the pages that browsers keep open in this process. One query checks the sessions of all these
    pages."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._open: Counter[bytes] = Counter()
        self._asking = asyncio.Lock()
        self._standing: Mapping[bytes, Known] = {}
        self._good_until = 0.0

    @contextmanager
    def opened(self, session: bytes) -> Iterator[None]:
        """Count a page of this session as open while the `with` block runs."""
        self._open[session] += 1
        try:
            yield
        finally:
            self._open[session] -= 1
            self._open += Counter()  # removes the sessions without an open page

    async def standing(self, session: bytes) -> Known | None:
        """Return the stored data of an open page's session, some seconds old at most; None if the session has
        ended. Raises BusUnavailable if the database does not answer."""
        async with self._asking:
            if time.monotonic() > self._good_until or session not in self._standing:
                async with self._database.statement() as connection:
                    self._standing = await sessions.standing(connection, self._open, ASKED_EVERY)
                self._good_until = time.monotonic() + REFRESH_SECONDS / 2
            return self._standing.get(session)
