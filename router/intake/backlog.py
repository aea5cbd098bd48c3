"""Count the pending events of each partner, and refuse new messages of a partner that has too many. A pending
event is accepted, and not yet applied."""

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

from contracts.errors import BusUnavailable, Throttled
from contracts.partner import Partner
from router.domain.partners import Registry
from router.process.wakeup import LONGEST_SECONDS, WakeUp
from router.store import backlog, queues
from router.store.database import AWAY, Database

LOOK_SECONDS = 2.0
"""Shortest pause between two counts, in seconds. The pause is longer if counting is slow (`LOOKING_SHARE`)."""
LOOKING_SHARE = 0.1
"""Largest share of the time that may be spent on counting."""
AGAIN_SECONDS = 30.0


class Backlog:
    """Numbers of pending and deferred events of each partner, as last counted. A deferred event is accepted, but
    not pending until a large message is decoded. A partner with too many pending and deferred events is asked to
    come back later."""

    def __init__(self, database: Database, most: int, registry: Callable[[], Registry]) -> None:
        """`most` limits the pending events of all partners together. Beyond this number, every sender is asked
        to come back later."""
        self._database = database
        self._most = most
        self._registry = registry
        self._full = False
        self.wake = WakeUp()
        """Wake-up of `watch`, to be set at each message and whenever an event may be pending."""
        self._pending: Mapping[str, int] = {}
        self._deferred: Mapping[str, int] = {}

    async def watch(self) -> None:
        """Keep the counts of pending and deferred events up to date until cancelled, by calling `look`
        again and again. While all counts are 0, count again only after an hour, or as soon as `wake` is
        set: each new message sets it."""
        while True:
            if not (self._full or self._pending or self._deferred):
                await self.wake.wait(LONGEST_SECONDS)
            start = time.monotonic()
            await self.look()
            await asyncio.sleep(max(LOOK_SECONDS, (time.monotonic() - start) / LOOKING_SHARE))

    async def look(self) -> None:
        """Count the deferred and pending events of each partner now. If PostgreSQL cannot be reached, the last
        counts stay. Each partner has a limit on its waiting events, and all partners together have a common
        limit. To save work, pending events are counted by partner only if their total exceeds half of the
        smallest limit. If it does not, each partner's number of pending events is taken as 0."""
        shares = [partner.limites.evenements_en_attente for partner in self._registry().partners.values()]
        with suppress(*AWAY):
            async with self._database.statement() as connection:
                deferred = await backlog.deferred(connection)
                counted = await queues.backlog_exceeds(connection, min([self._most, *shares]) // 2)
                pending = await backlog.pending(connection) if counted else {}
            self._full = sum(pending.values()) > self._most
            self._pending, self._deferred = pending, deferred

    def check(self, partner: Partner) -> None:
        """Check whether the partner may send a message now. Raises Throttled if the partner has more pending and
        deferred events than its share. Raises BusUnavailable if all partners together have more pending events
        than their common limit."""
        share = partner.limites.evenements_en_attente
        if self._pending.get(partner.id, 0) + self._deferred.get(partner.id, 0) > share:
            raise Throttled(f"Plus de {share} de vos événements attendent d'être appliqués.", AGAIN_SECONDS)
        if self._full:
            raise BusUnavailable("trop d'événements attendent d'être appliqués")

    def paused(self) -> set[str]:
        """Return the ids of the partners whose large files must wait. A partner's large files wait while it has
        more pending events than half of its share. The large files of all partners wait while the pending events
        of all partners are more than half of the common limit."""
        partners = self._registry().partners
        if sum(self._pending.values()) > self._most // 2:
            return set(partners)
        return {
            ident
            for ident, rows in self._pending.items()
            if ident in partners and rows > partners[ident].limites.evenements_en_attente // 2
        }
