"""Let a worker claim lanes for its own process's dispatcher in the transaction that applies a batch.

A lane has the deliveries to one partner about one subject. The dispatcher sends the deliveries of the claimed
lanes at once. Any dispatcher may claim the other lanes.
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
    """Permits that a dispatcher has set aside so that the worker of the same process can claim lanes and have
    their deliveries sent at once. A permit allows one more lane under way. `send` sends these deliveries, and
    gives back the permits that are left over."""

    @property
    def leases(self) -> Mapping[str, float]:
        """Return, by partner, for how many seconds the worker claims the lanes that it hands to the dispatcher
        of its process. A partner without permits is left out."""

    def send(self, claims: Mapping[LaneClaim, Sequence[Row]], claimed_at: float) -> None:
        """Send the deliveries of these claimed lanes, and give back the permits for which no lane was claimed.
        `claimed_at` is the monotonic time just before the claim, in seconds."""


class Dispatching(Protocol):
    """Interface by which a worker reserves permits of the dispatcher in its own process, to have deliveries
    sent right after its commit."""

    process: UUID

    def reserve(self, lanes: Mapping[str, int]) -> Capacity:
        """Set permits aside, so that deliveries can be sent right after the worker's commit. Return the
        permits, of which the caller uses or gives back all. `lanes` has the number of lanes to reserve, by
        partner. A partner gets permits for all its lanes, or none."""


class Leaving:
    """Context manager around the transaction in which a worker applies a batch and claims lanes for the
    dispatcher of its process. After a commit, the dispatcher sends these lanes' deliveries. After a failure, it
    takes back the permits that it had set aside for them."""

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
        """Ask this process's dispatcher for permits to send these deliveries at once. Return, for each partner
        that gets permits, for how many seconds to claim the partner's lanes. No permits are asked for a partner
        with a bulk delivery among `deliveries`: bulk gives way to small messages."""
        if self._dispatcher is None:
            return {}
        bulk = {owed.partner for owed in deliveries if owed.bulk}
        lanes = {(owed.partner, owed.subject) for owed in deliveries}
        number = Counter(partner for partner, _ in lanes if partner not in bulk)
        self._offered_at = time.monotonic()
        self._capacity = self._dispatcher.reserve(number)
        return self._capacity.leases
