"""Claim, in the transaction of a batch, the lanes of its deliveries for the dispatcher of this process.

These lanes leave at once: no dispatcher has to be notified of them or to look for them. All other lanes are claimed
by the dispatcher, as always.
"""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Protocol
from uuid import UUID

from router.store.consequences import Offer
from router.store.database import Row
from router.store.deliveries import Owed
from router.store.lanes import LaneClaim


class Reservation(Protocol):
    """Lanes that count as in flight until they are sent or given back."""

    @property
    def leases(self) -> Mapping[str, float]:
        """Return the seconds of a lease, by partner."""

    def send(self, claims: Mapping[LaneClaim, Sequence[Row]], claimed_at: float) -> None:
        """Send the lanes that were claimed at a monotonic time, and give back the others."""


class Dispatching(Protocol):
    """The dispatcher of this process."""

    process: UUID

    def reserve(self, lanes: Mapping[str, int]) -> Reservation:
        """Reserve up to so many lanes of each partner named, as far as they may leave at once."""


class Leaving:
    """Lanes claimed by one batch for the dispatcher of this process. Use it as a context manager around the
    batch's transaction: a commit hands them to the dispatcher, a failure gives them back."""

    def __init__(self, dispatcher: Dispatching | None) -> None:
        self._dispatcher = dispatcher
        self._reservation: Reservation | None = None
        self._offered_at = 0.0
        self.claims: Mapping[LaneClaim, Sequence[Row]] = {}

    async def __aenter__(self) -> "Leaving":
        return self

    async def __aexit__(self, failed: object, *_: object) -> None:
        if self._reservation is not None:
            self._reservation.send({} if failed else self.claims, self._offered_at)

    def offer(self, deliveries: Sequence[Owed]) -> Offer | None:
        """Reserve the lanes of these deliveries. Return None if no lane may leave at once. Partners that are owed
        bulk are left out: their lanes give way to others."""
        if self._dispatcher is None:
            return None
        bulk = {owed.partner for owed in deliveries if owed.bulk}
        lanes = {(owed.partner, owed.subject) for owed in deliveries}
        number = Counter(partner for partner, _ in lanes if partner not in bulk)
        self._offered_at = time.monotonic()
        self._reservation = self._dispatcher.reserve(number)
        leases = self._reservation.leases
        return Offer(self._dispatcher.process, leases) if leases else None
