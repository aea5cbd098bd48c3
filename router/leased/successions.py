"""Replace each merged SIAO by its successor in stored subjects, unfinished deliveries and possible duplicates.
Deliver to the successor the past messages about its new subjects. What a merged SIAO has sent keeps its id.

A process that locks a subject replaces the merged SIAO in this subject by itself. This module replaces them in
all other subjects, under a lease.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from uuid import UUID

from contracts.base import Nature
from router.domain import location, routing
from router.domain.messages import FACTS
from router.domain.partners import Registry
from router.domain.parts import Party
from router.domain.rulebooks import place
from router.domain.subjects import Place
from router.domain.succession import as_now, taken_over_by
from router.leased.handing_over import owed_to, past, take_over
from router.process.leases import Lease
from router.process.wakeup import LONGEST_SECONDS, WakeUp
from router.store import consequences, successions
from router.store.consequences import Consequences
from router.store.database import Database
from router.store.successions import Succession

BATCH = 500
FIRST = UUID(int=0)
AGAIN_SECONDS = 60.0
"""Seconds between two searches for rows that name a merged SIAO, during the first `SETTLED_SECONDS` after the
merger."""
SETTLED_SECONDS = 600.0
"""Seconds within which every process reads the new registry after a merger. A process of an older version may
take longer."""
FOLLOWED_SECONDS = 7 * 86_400.0
"""Seconds for which rows that name a merged SIAO are searched for, every hour: a process of an older version
writes the old id until it is replaced."""
OPEN_PLACES = tuple(set(place.Etat) - {place.Etat.FERMEE})
OF_PLACES = [
    kind for kind, facts in FACTS.items() if kind.NATURE is Nature.PLACE and Party.HUB not in facts.said_by
]


class Successions:
    """Work that replaces merged SIAO by their successors in stored subjects, unfinished deliveries and possible
    duplicates, some rows at a time."""

    def __init__(
        self, database: Database, lease: Lease, registry: Callable[[], Registry], wake: WakeUp
    ) -> None:
        self._database = database
        self._lease = lease
        self._registry = registry
        self._wake = wake

    async def run(self) -> None:
        """Replace each merged SIAO by its successor in all subjects and possible duplicates, and hand over
        the unfinished deliveries of the merged SIAO to the successor. Do so after each change of the
        registry, until cancelled."""
        await self._lease.work(self._wake, LONGEST_SECONDS, self._work)

    async def _work(self) -> None:
        async with self._database.statement() as connection:
            under_way = [each for each in await successions.every(connection) if each.repris_at is None]
        settled = datetime.now(UTC) - timedelta(seconds=SETTLED_SECONDS)
        if any(each.at > settled for each in under_way):
            self._wake.within(AGAIN_SECONDS)
        for successor, group in groupby(sorted(under_way, key=_successor), key=_successor):
            await self._take_over([each.siao for each in group], successor)

    async def _take_over(self, siaos: Sequence[str], successor: str) -> None:
        if self._registry().present(siaos[0]) == siaos[0]:  # this process has not read the merger yet
            return
        successor = self._registry().present(successor)  # it may have merged into another since
        after: UUID | None = FIRST
        while after is not None:
            after = await self._households(siaos, successor, after)
        after = FIRST
        while after is not None:
            after = await self._places(siaos, successor, after)
        moved = 1
        while moved:
            async with self._database.transaction() as connection:
                moved = await take_over(self._database, connection, siaos, successor)
        async with self._database.transaction() as connection:
            await successions.rename_beside(connection, siaos, successor)
            await successions.end(connection, siaos, FOLLOWED_SECONDS)

    async def _households(self, siaos: Collection[str], successor: str, after: UUID) -> UUID | None:
        async with self._database.transaction() as connection:
            await self._database.must_be_whole()
            page = await successions.page(connection, siaos, after, BATCH)
            registry = self._registry()
            states = {subject.id: as_now(subject, registry) for subject in page}
            handed = [(each.id, siao) for each in page for siao in taken_over_by(each, states[each.id])]
            owed = await past(connection, handed, states, registry)
            after_others = [each._replace(bulk=True) for each in owed]
            made = Consequences(subjects=[*states.values()], deliveries=after_others)
            await consequences.write(connection, self._database.channel, made)
        return page[-1].id if len(page) == BATCH else None

    async def _places(self, siaos: Collection[str], successor: str, after: UUID) -> UUID | None:
        """Send the successor the latest messages about each open place for which a merged SIAO was responsible.
        `siaos` has the ids of the SIAO that merged into the successor. Each call treats one page of places:
        those after the id `after`. Return the id after which the next page begins, or None after the last page.
        """
        registry = self._registry()
        before, partner = registry.before(siaos), registry.get(successor)
        async with self._database.transaction() as connection:
            page = await successions.places(connection, OPEN_PLACES, after, BATCH)
            theirs = {
                each.id: each
                for each in page
                if isinstance(each, Place)
                and (siao := location.siao_of(each, before)) is not None
                and siao.id in siaos
            }
            kinds = [kind.TYPE for kind in OF_PLACES if partner and routing.reads(partner, kind)]
            rows = await successions.last_words(connection, list(theirs), kinds, successor)
            owed = [owed_to(successor, row.id, row.subject, theirs[row.subject], bulk=True) for row in rows]
            await consequences.write(connection, self._database.channel, Consequences(deliveries=owed))
        return page[-1].id if len(page) == BATCH else None


def _successor(each: Succession) -> str:
    return each.successeur
