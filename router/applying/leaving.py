"""Let a worker claim lanes for the dispatcher of its own process, in the transaction that applies a batch. A
lane is the deliveries to one partner about one subject, such as a referral.

The dispatcher then sends these deliveries at once. Lanes that the worker does not claim are left to any
dispatcher.
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
    """Capacity that a dispatcher has reserved for deliveries to some partners. It is reserved until the
    deliveries are sent, or until the capacity is given back."""

    @property
    def leases(self) -> Mapping[str, float]:
        """Return, for each partner, the seconds for which the partner's lanes are to be claimed. A lane is the
        deliveries to one partner about one subject, such as a referral."""

    def send(self, claims: Mapping[LaneClaim, Sequence[Row]], claimed_at: float) -> None:
        """Send the deliveries of the claimed lanes, and give back the capacity that these lanes do not need. A
        lane is the deliveries to one partner about one subject, such as a referral.

        `claimed_at` is the monotonic time, in seconds, just before the lanes were claimed.
        """


class Dispatching(Protocol):
    """What a worker needs of its process's dispatcher: the process's id, and a way to reserve capacity for
    deliveries."""

    process: UUID

    def reserve(self, lanes: Mapping[str, int]) -> Capacity:
        """Reserve capacity to send deliveries at once. `lanes` has the wanted number of lanes for each partner.
        A lane is the deliveries to one partner about one subject, such as a referral."""


class Leaving:
    """Context manager around the transaction of a batch. After a commit, the dispatcher gets the lanes that
    the transaction has claimed. A lane is the deliveries to one partner about one subject, such as a
    referral. After a failure, it gets the reserved capacity back."""

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
        """Reserve capacity in the dispatcher for the deliveries that may be sent at once. Return the partners
        with reserved capacity. The value is the time, in seconds, for which the caller must claim the
        partner's lanes. A lane is the deliveries to one partner about one subject, such as a referral.

        A partner is left out if one of its deliveries results from a message of more than 100 rows.
        """
        if self._dispatcher is None:
            return {}
        bulk = {owed.partner for owed in deliveries if owed.bulk}
        lanes = {(owed.partner, owed.subject) for owed in deliveries}
        number = Counter(partner for partner, _ in lanes if partner not in bulk)
        self._offered_at = time.monotonic()
        self._capacity = self._dispatcher.reserve(number)
        return self._capacity.leases
