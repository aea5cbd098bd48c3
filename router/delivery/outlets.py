"""Keep one outlet for each partner, and close the outlets that are no longer used."""

import time
from collections.abc import Callable, Collection, Iterator

from contracts.partner import Partner, SortieBoite
from router.delivery.outlet import Outlet
from router.domain.partners import Registry
from router.process.leases import Lease
from router.store.heartbeat import ContactNews
from router.telemetry.outages import OutageLog


class Outlets:
    """Outlets of the partners in one process. Each outlet is made when it is first needed."""

    def __init__(self, lease: Callable[[str], Lease]) -> None:
        self._lease = lease
        self._in_use: dict[str, Outlet] = {}
        self._retired: list[Outlet] = []
        self._followed: Registry | None = None

    def uses(self, outlet: Outlet) -> bool:
        """Tell whether an outlet is still in use. An outlet is no longer in use if it was retired, or if
        another outlet for the same partner has replaced it."""
        return self._in_use.get(outlet.partner.id) is outlet

    def __iter__(self) -> Iterator[Outlet]:
        return iter(self._in_use.values())

    @property
    def flying(self) -> int:
        """Return the number of lanes in flight to all partners, also by outlets that are no longer in use."""
        return sum(outlet.flying for outlet in (*self, *self._retired))

    def of(self, partner: Partner) -> Outlet:
        """Return the outlet of a partner. If the partner's registry entry has changed, return a new outlet. The
        previous outlet is closed later, once its lanes in flight have ended."""
        known = self._in_use.get(partner.id)
        if known is None or known.partner != partner:
            if known is not None:
                self._retired.append(known)
            outage = known.outage if known is not None else OutageLog("sortie", partner.id)
            known = Outlet(partner, self._lease(f"probe:{partner.id}"), outage)
            self._in_use[partner.id] = known
        return known

    async def follow(self, registry: Registry) -> bool:
        """Stop using the outlets of partners whose registry entry was removed, has changed, or no longer has a
        way to deliver. Close each outlet that is out of use and has no lane in flight. Return True if a closed
        outlet delivered to a mailbox: the caller must then empty the mailboxes that no partner has any more."""
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
        """Take a partner's outlet out of use. The outlet stays open until its last lane in flight has ended.
        The next call of the method `follow` then closes it."""
        if (outlet := self._in_use.pop(partner, None)) is not None:
            self._retired.append(outlet)

    def try_now(self, partners: Collection[str]) -> None:
        """Allow deliveries to `partners` at once, because an operator has asked for it. They are allowed even
        while a partner's breaker is open or its deliveries pause."""
        for outlet in self:
            if outlet.partner.id in partners:
                outlet.try_now()

    def wait_s(self, longest_s: float) -> float:
        """Return the seconds until the next delivery to a waiting partner may be tried. A partner waits while
        its breaker is open or its deliveries pause. The partner that waits least counts. Return `longest_s` if
        no partner waits."""
        now = time.monotonic()
        waits = (outlet.breaker.wait_until - now for outlet in self)
        return min((left_s for left_s in waits if left_s > 0), default=longest_s)

    def news(self) -> list[ContactNews]:
        """Return the contacts of the partners about which there is something new, for the caller to store."""
        now = time.monotonic()
        found = (outlet.news(now) for outlet in self)
        return [news for news in found if news is not None]

    async def close(self) -> None:
        """Close all outlets."""
        for outlet in (*self, *self._retired):
            await outlet.close()
