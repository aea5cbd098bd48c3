"""Keep one outlet for each partner, and close the outlets that are no longer used.

An outlet is everything that is needed to deliver to one partner, such as its transport, its circuit breaker and
the number of its lanes in flight. A lane is the deliveries to one partner about one subject, such as a
referral.
"""

import time
from collections.abc import Callable, Collection, Iterator

from contracts.partner import Partner, SortieBoite
from router.delivery.outlet import Outlet
from router.domain.partners import Registry
from router.process.leases import Lease
from router.store.heartbeat import ContactNews
from router.telemetry.outages import OutageLog


class Outlets:
    """Outlets of one process. An outlet is one partner's transport and circuit breaker, made when it is first
    needed. `close` closes all outlets."""

    def __init__(self, lease: Callable[[str], Lease]) -> None:
        self._lease = lease
        self._in_use: dict[str, Outlet] = {}
        self._retired: list[Outlet] = []
        self._followed: Registry | None = None

    def uses(self, outlet: Outlet) -> bool:
        """Tell whether an outlet is in use for its partner. It is no longer in use after a change of the
        partner's registry entry. An outlet is a partner's transport and circuit breaker."""
        return self._in_use.get(outlet.partner.id) is outlet

    def __iter__(self) -> Iterator[Outlet]:
        return iter(self._in_use.values())

    def of(self, partner: Partner) -> Outlet:
        """Return the outlet for this registry entry. If the entry has changed, make a new outlet. An outlet is
        a partner's transport and circuit breaker."""
        known = self._in_use.get(partner.id)
        if known is None or known.partner != partner:
            if known is not None:
                self._retired.append(known)
            outage = known.outage if known is not None else OutageLog("sortie", partner.id)
            known = Outlet(partner, self._lease(f"probe:{partner.id}"), outage)
            self._in_use[partner.id] = known
        return known

    async def follow(self, registry: Registry) -> bool:
        """Retire the outlets of partners that left the registry, changed their entry, or no longer receive
        deliveries. Close the retired outlets without deliveries in flight. An outlet is a partner's transport
        and circuit breaker.

        Return True if a closed outlet was for a mailbox. Deliveries may then still lie in a mailbox that its
        partner no longer uses.
        """
        changed = () if registry is self._followed else list(self._in_use)
        self._followed = registry
        for name in changed:
            partner = registry.everybody.get(name)
            if partner is None or partner.sortie is None:
                self.retire(name)
            else:
                self.of(partner)
        idle = [outlet for outlet in self._retired if not outlet.flying]
        self._retired = [outlet for outlet in self._retired if outlet.flying]
        for outlet in idle:
            if outlet.partner.id not in self._in_use:  # no other outlet logs the end of its outage
                outlet.outage.succeeded()
            await outlet.close()
        return any(isinstance(outlet.partner.sortie, SortieBoite) for outlet in idle)

    def retire(self, partner: str) -> None:
        """Take a partner's outlet out of use. It is closed when its last delivery has ended. An outlet is a
        partner's transport and circuit breaker."""
        if (outlet := self._in_use.pop(partner, None)) is not None:
            self._retired.append(outlet)

    def try_now(self, partners: Collection[str]) -> None:
        """Allow deliveries to these partners at once, even if their circuit breakers are open or paused."""
        for outlet in self:
            if outlet.partner.id in partners:
                outlet.try_now()

    def wait_s(self, longest_s: float) -> float:
        """Return the seconds until deliveries to the next paused partner may be tried again. Return
        `longest_s` if no partner is paused."""
        now = time.monotonic()
        alone = (outlet.breaker.alone_until - now for outlet in self)
        return min((left_s for left_s in alone if left_s > 0), default=longest_s)

    def news(self) -> list[ContactNews]:
        """Return a report for each partner: whether it can be reached. Partners whose state has not changed
        are left out, if their report was stored not long ago."""
        now = time.monotonic()
        found = (outlet.news(now) for outlet in self)
        return [news for news in found if news is not None]

    async def close(self) -> None:
        """Close the outlets of all partners. An outlet is a partner's transport and circuit breaker."""
        for outlet in (*self, *self._retired):
            await outlet.close()
