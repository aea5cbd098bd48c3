"""Reservations that ran out are released. Leased; in the process that applies events, for who writes into the log
proves what it writes.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

from contracts.envelope import Attributes, derived_id
from contracts.errors import BusUnavailable
from contracts.sealed import take_apart, to_bytes
from contracts.v1.place import PlaceLiberee
from router.domain.partners import Registry
from router.domain.parts import HUB
from router.domain.proof import Prover
from router.domain.subjects import Place
from router.leases import Lease
from router.store import due, log
from router.store.database import OUTBOX, Database
from router.wakeup import WakeUp

TICK_SECONDS = 5.0
BATCH = 500


class Expiry:
    """One of them works at a time."""

    def __init__(
        self, database: Database, prover: Prover, lease: Lease, registry: Callable[[], Registry]
    ) -> None:
        self._database = database
        self._prover = prover
        self._lease = lease
        self._registry = registry

    async def run(self) -> None:
        """Until cancelled."""
        async for _ in self._lease.rounds(WakeUp(), TICK_SECONDS):
            try:
                while await self._expire():
                    pass
            except BusUnavailable:
                await asyncio.sleep(1)

    async def _expire(self) -> bool:
        """Reservations that ran out become `place.liberee` of the hub, for the version they were seen at; none while
        an earlier message about it is still to be applied."""
        async with self._database.transaction() as connection:
            taken = await due.take(connection, BATCH)
            expired = {place.id: self._release(place) for place in taken if isinstance(place, Place)}
            entries = [entry for entry in expired.values() if entry is not None]
            await due.put_off(connection, [place for place, entry in expired.items() if entry is None])
            await log.append(connection, self._prover, entries)
            if entries:
                await self._database.notify(connection, OUTBOX)
        return len(taken) == BATCH

    def _release(self, place: Place) -> log.Entry | None:
        manager = self._registry().get(place.gestionnaire)
        if manager is None:
            return None
        contrat = PlaceLiberee(place=place.id, version=place.version)
        ident = derived_id(place.id, "reservation-expiree", str(place.version))
        attributes = Attributes(
            id=ident,
            type=contrat.TYPE,
            source=HUB,
            subject=place.id,
            time=datetime.now(UTC),
            territoire=manager.territoire,
            correlationid=ident,
        )
        return log.Entry(attributes, to_bytes(take_apart(contrat).clair, ()))
