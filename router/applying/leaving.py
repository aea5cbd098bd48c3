"""Claim lanes for the dispatcher of this process, in the transaction that applies a batch and records its
deliveries. A lane is the deliveries to one partner about one subject.

The deliveries of these lanes are sent at once: no dispatcher has to be notified of them or to look for the
lanes. The dispatcher claims all other lanes itself.
"""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Protocol
from uuid import UUID

from router.store.database import Row
from router.store.deliveries import Owed
from router.store.lanes import LaneClaim


class Reservation(Protocol):
    """Capacity that a dispatcher reserves for lanes of some partners. The reserved lanes count as in flight
    even before the lanes are claimed, until the lanes are sent or given back."""

    @property
    def leases(self) -> Mapping[str, float]:
        """Return, by partner, for how many seconds the partner's lanes are to be claimed."""

    def send(self, claims: Mapping[LaneClaim, Sequence[Row]], claimed_at: float) -> None:
        """Send the deliveries of the lanes in `claims`, and give back the reserved lanes that are not among
        `claims`. `claimed_at` is the monotonic time of the claim."""


class Dispatching(Protocol):
    """Dispatcher of this process: the part of its interface that the worker uses."""

    process: UUID

    def reserve(self, lanes: Mapping[str, int]) -> Reservation:
        """Reserve capacity for lanes from which deliveries may be sent at once: for each partner, at most the
        given number of lanes."""


class Leaving:
    """Lanes claimed by one batch for the dispatcher of this process. Use it as a context manager around the
    batch's transaction: a commit hands the lanes to the dispatcher, a failure gives the lanes back."""

    def __init__(self, dispatcher: Dispatching | None) -> None:
        self._dispatcher = dispatcher
        self.process = None if dispatcher is None else dispatcher.process
        self._reservation: Reservation | None = None
        self._offered_at = 0.0
        self.claims: Mapping[LaneClaim, Sequence[Row]] = {}

    async def __aenter__(self) -> "Leaving":
        return self

    async def __aexit__(self, failed: object, *_: object) -> None:
        if self._reservation is not None:
            self._reservation.send({} if failed else self.claims, self._offered_at)

    def reserve(self, deliveries: Sequence[Owed]) -> Mapping[str, float]:
        """Reserve the lanes of these deliveries that may leave at once. Return, by partner, the seconds for which
        its free lanes may be claimed for `process`. A partner with a bulk message among these deliveries is left
        out: bulk lets other lanes go first."""
        if self._dispatcher is None:
            return {}
        bulk = {owed.partner for owed in deliveries if owed.bulk}
        lanes = {(owed.partner, owed.subject) for owed in deliveries}
        number = Counter(partner for partner, _ in lanes if partner not in bulk)
        self._offered_at = time.monotonic()
        self._reservation = self._dispatcher.reserve(number)
        return self._reservation.leases
