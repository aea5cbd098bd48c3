"""Let a worker claim lanes for the dispatcher of its own process. It claims them in the transaction that
applies a batch, and the dispatcher sends their deliveries at once.

A lane has the deliveries to one partner about one subject. Any dispatcher may claim the lanes that the worker
does not claim.
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
    """Permits that a dispatcher has set aside for the worker of the same process. A permit allows one more lane
    under way. The worker claims lanes, and calls `send` to have their deliveries sent at once. `send` also gives
    back the permits that are left over."""

    @property
    def leases(self) -> Mapping[str, float]:
        """Return, by partner, for how many seconds the worker claims the partner's lanes. A partner without
        permits is left out."""

    def send(self, claims: Mapping[LaneClaim, Sequence[Row]], claimed_at: float) -> None:
        """Start to send the deliveries of the lanes in `claims`, and give back the permits for which no lane was
        claimed. `claimed_at` is the monotonic time just before the claim, in seconds."""


class Dispatching(Protocol):
    """Interface by which a worker reserves permits of the dispatcher in its own process, to have deliveries
    sent right after its commit."""

    process: UUID

    def reserve(self, lanes: Mapping[str, int]) -> Capacity:
        """Set permits aside, so that deliveries can be sent right after the worker's commit. Return the
        permits. The caller has to use each of them or give it back. `lanes` has, by partner, the number of
        lanes to reserve. A partner gets permits for all its lanes, or none."""


class Leaving:
    """Context manager around the transaction in which a worker applies a batch and claims lanes for the
    dispatcher of its process. After a commit, the dispatcher sends the deliveries of the claimed lanes. After a
    failure, the dispatcher takes back the permits that it had set aside."""

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
        """Ask this process's dispatcher for permits to send `deliveries` at once. Return, for each partner that
        gets permits, for how many seconds to claim the partner's lanes. If one of the deliveries to a partner is
        bulk, ask for no permits for this partner: bulk gives way to small messages."""
        if self._dispatcher is None:
            return {}
        bulk = {owed.partner for owed in deliveries if owed.bulk}
        lanes = {(owed.partner, owed.subject) for owed in deliveries}
        number = Counter(partner for partner, _ in lanes if partner not in bulk)
        self._offered_at = time.monotonic()
        self._capacity = self._dispatcher.reserve(number)
        return self._capacity.leases
