"""Let a worker claim lanes for its own process's dispatcher in the transaction that applies a batch.

The dispatcher sends these deliveries at once. Any dispatcher may claim the other lanes.
"""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Protocol
from uuid import UUID

from router.store.database import Row
from router.store.deliveries import Owed
from router.store.lanes import LaneClaim


class Capacity(Protocol):
    """Capacity that a dispatcher holds for deliveries until they are sent or the capacity is given back."""

    @property
    def leases(self) -> Mapping[str, float]:
        """Return, by partner, for how many seconds its lanes are to be claimed."""

    def send(self, claims: Mapping[LaneClaim, Sequence[Row]], claimed_at: float) -> None:
        """Send the deliveries of the claimed lanes, and give back unneeded capacity. `claimed_at` is the
        monotonic time just before the claim, in seconds."""


class Dispatching(Protocol):
    """Functions of a process's dispatcher that the worker of this process needs."""

    process: UUID

    def reserve(self, lanes: Mapping[str, int]) -> Capacity:
        """Reserve capacity to send deliveries at once. `lanes` has the wanted number of lanes by partner."""


class Leaving:
    """Context manager around the transaction of a batch. After a commit, the dispatcher gets the lanes that
    the transaction has claimed. After a failure, the dispatcher gets the reserved capacity back."""

    def __init__(self, dispatcher: Dispatching | None) -> None:
        self._dispatcher = dispatcher
        self.process = None if dispatcher is None else dispatcher.process
        self._capacity: Capacity | None = None
        self._offered_at = 0.0
        self.claims: Mapping[LaneClaim, Sequence[Row]] = {}

    async def __aenter__(self) -> "Leaving":
        return self

    async def __aexit__(self, failed: object, *_: object) -> None:
        if self._capacity is not None:
            self._capacity.send({} if failed else self.claims, self._offered_at)

    def reserve(self, deliveries: Sequence[Owed]) -> Mapping[str, float]:
        """Reserve capacity for deliveries that may be sent at once. Return, by partner, for how many seconds
        the caller must claim its lanes.

        A partner that gets a bulk event in this batch is left out: the dispatcher sends its deliveries later.
        """
        if self._dispatcher is None:
            return {}
        bulk = {owed.partner for owed in deliveries if owed.bulk}
        lanes = {(owed.partner, owed.subject) for owed in deliveries}
        number = Counter(partner for partner, _ in lanes if partner not in bulk)
        self._offered_at = time.monotonic()
        self._capacity = self._dispatcher.reserve(number)
        return self._capacity.leases
