"""Deliveries to partners: claim lanes, send each lane in order (`sending`), write what happened.

A delivery is recorded before it is attempted; a failed one stops its own lane only.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import chain
from uuid import UUID

import structlog

from contracts.errors import Misconfigured, Transient
from contracts.partner import ClasseLivraison, Partner
from contracts.ports import Native, Sink
from router.delivery.lots import Load, Lots
from router.delivery.outlet import Outlet, classe_of
from router.delivery.rendering import (
    OfANewerVersion,
    Opened,
    Renderer,
    Sealed,
    event_attributes,
    rendered,
)
from router.delivery.results import Results
from router.delivery.sending import Due, Sender, keep_nothing, lease_of
from router.domain.partners import Registry
from router.domain.proof import Prover
from router.process.leases import Lease
from router.process.wakeup import LONGEST_SECONDS, WakeUp
from router.settings import DispatcherSettings
from router.store import heartbeat, lanes
from router.store.database import Connection, Database, Row
from router.store.heartbeat import Found
from router.store.lanes import LaneClaim
from router.telemetry.outages import OutageLog

logger = structlog.get_logger()
FIRST_LANES = 2
"""Lanes that a partner may have in flight however many others have: who answers slowly, or not at all, keeps what it
has, and nobody waits for that."""
WENT_BACK_SECONDS = 1.0
"""How often it is asked whether the bus was read again."""
LOTS_SECONDS = 1.0
"""How often at most the lots of a partner are looked at."""


class Dispatcher:
    """Sends what is due, many lanes at once, at most `max_in_flight` beside each partner's first, and to each partner
    at most its `en_vol` and what its breaker lets through. Who has the fewest in flight is served first. Wakes up
    `turned` when a partner is found to do otherwise than before."""

    def __init__(
        self,
        database: Database,
        renderer: Renderer,
        prover: Prover,
        registry: Callable[[], Registry],
        sinks: Callable[[Partner], Sink],
        settings: DispatcherSettings,
        wake: WakeUp,
        lease: Callable[[str], Lease],
        turned: WakeUp,
        process: UUID,
    ) -> None:
        self._database = database
        self._renderer = renderer
        self._registry = registry
        self._sender = Sender(database, sinks, settings)
        self._lots = Lots(database, self._sender, lease, process, settings.backoff_first_s)
        self._lots_looked_at: dict[str, float] = {}
        self._settings = settings
        self._wake = wake
        self._lease = lease
        self._turned = turned
        self._process = process
        self._outlets: dict[str, Outlet] = {}
        self._retired: list[Outlet] = []
        self._turn = 0
        self._asked = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._results = Results(database, prover, settings.max_in_flight)

    async def run(self) -> None:
        """Deliver until cancelled; on the way out, wait for what is in flight, and send nothing more."""
        try:
            while True:
                try:
                    await self._claim_and_send()
                except (Transient, Misconfigured):  # the log has it
                    await asyncio.sleep(1)
                    self._wake.set()
                await self._wake.wait(self._longest_s())
        finally:
            self._sender.stopping = True
            await asyncio.gather(*self._tasks, return_exceptions=True)
            for outlet in (*self._outlets.values(), *self._retired):
                await outlet.close()
            await self._lots.close()

    def _longest_s(self) -> float:
        """Seconds until the first partner that is left alone may be tried again."""
        now = time.monotonic()
        alone = (outlet.breaker.alone_until - now for outlet in self._outlets.values())
        return min((left_s for left_s in alone if left_s > 0), default=LONGEST_SECONDS)

    def try_again(self) -> None:
        """Somebody has asked for a partner to be tried at once: see which, and pass over its breaker."""
        self._asked = True
        self._wake.set()

    async def _pass_over_breakers(self) -> None:
        self._asked = False  # who asks from now on is looked for again
        try:
            async with self._database.transaction() as connection:
                asked = await heartbeat.asked(connection)
        except (Transient, Misconfigured):
            self._asked = True
            raise
        for outlet in self._outlets.values():
            if outlet.partner.id in asked:
                outlet.breaker.try_now()

    async def _claim_and_send(self) -> None:
        registry = self._registry()  # one view for all of it: the lease fits the time-out that is waited for
        self._retire_who_left(registry)
        await self._close_retired()
        if self._asked:
            await self._pass_over_breakers()
        await self._begin_lots(registry)
        if not await self._database.is_whole():
            self._wake.within(WENT_BACK_SECONDS)
        free = self._settings.max_in_flight - len(self._tasks)
        allowed = await self._allowed(registry, full=free <= 0)
        if not allowed:
            return
        claimed_at = time.monotonic()
        async with self._database.statement() as connection:
            allowed = [each for each in allowed if self._may_have(registry.everybody[each[0]])]
            total = free if free > 0 else sum(permits for _, permits, _ in allowed)
            claims = await lanes.claim(connection, self._process, allowed, total, self._settings.lane_batch)
            self._note_crowds(claims, allowed, total)
            due: Mapping[LaneClaim, Sequence[Due]] = {}
            try:
                if claims:
                    due = await self._prepare(connection, claims, registry)
            finally:  # a lane of which nothing could be read is released
                for claim in claims:
                    self._begin(claim, due.get(claim, ()), claimed_at)
        if len(claims) == free:
            self._wake.set()  # somebody's first lanes may be left

    def _may_have(self, partner: Partner) -> bool:
        """Whether anything may leave to a partner now. While the tables are behind the bus, nobody knows what has left
        already: only who recognises a repetition by its key may have it again."""
        return not self._database.went_back or (
            classe_of(partner) is ClasseLivraison.DEDUPLIQUE and partner.lot is None
        )

    async def _begin_lots(self, registry: Registry) -> None:
        """Begin the lot of each partner who takes lots, where one may leave. Each is looked at once in a while, however
        often lanes fall due; what waits for its time is found by the heartbeat."""
        now = time.monotonic()
        for partner in registry.everybody.values():
            if partner.lot is None or now < self._lots_looked_at.get(partner.id, 0.0) + LOTS_SECONDS:
                continue
            self._lots_looked_at[partner.id] = now
            if not await self._lots.are_ours(partner.id):
                self._retire(partner.id)  # whoever makes them finds out how it does, and probes it
                continue
            outlet = self._outlet(partner)
            if outlet.flying or await outlet.permits(now) <= 0:
                continue
            claimed_at = time.monotonic()
            async with self._database.statement() as connection:
                if not self._may_have(partner):
                    return
                load = await self._lots.load(connection, partner, lease_of(outlet.delai_s))
                due = await self._prepare(connection, load.claims, registry) if load else {}
            if load:
                outlet.flying += 1
                self._keep(asyncio.create_task(self._send_lot(load, outlet, due, claimed_at)))

    async def _send_lot(
        self, load: Load, outlet: Outlet, due: Mapping[LaneClaim, Sequence[Due]], claimed_at: float
    ) -> None:
        try:
            results = await self._lots.send(load, outlet, due, claimed_at)
            await self._results.put_all_on_record(results, outlet, claimed_at)
        finally:
            outlet.flying -= 1
            self._wake.within(LOTS_SECONDS)  # the next one may leave
            if outlet.turned:
                self._turned.set()

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _note_crowds(
        self, claims: Iterable[LaneClaim], allowed: Sequence[tuple[str, int, float]], total: int
    ) -> None:
        """Where a limit was reached, more may be due: the next lane that comes home makes room for it."""
        number = Counter(claim.partner for claim in claims)
        for partner, permits, _ in allowed:
            self._outlets[partner].crowded = number[partner] >= permits or number.total() >= total

    def _begin(self, claim: LaneClaim, due: Sequence[Due], claimed_at: float) -> None:
        outlet = self._outlets[claim.partner]
        outlet.flying += 1
        self._keep(asyncio.create_task(self._send_lane(claim, outlet, due, claimed_at)))

    async def _allowed(self, registry: Registry, *, full: bool) -> list[tuple[str, int, float]]:
        """(partner, permits, seconds of a lease) for each partner to which something may leave now; when it is `full`,
        its first lanes alone. Who has the fewest in flight comes first; among equals, each in its turn."""
        now = time.monotonic()
        allowed: list[tuple[str, int, float]] = []
        for partner in registry.everybody.values():
            if partner.sortie is not None and partner.lot is None:
                outlet = self._outlet(partner)
                permits = await outlet.permits(now)
                if full:
                    permits = min(permits, FIRST_LANES - outlet.flying)
                if permits <= 0:
                    outlet.crowded = True
                else:
                    allowed.append((partner.id, permits, lease_of(outlet.delai_s)))
        self._turn += 1
        first = self._turn % len(allowed) if allowed else 0
        in_turn = allowed[first:] + allowed[:first]
        return sorted(in_turn, key=lambda each: self._outlets[each[0]].flying)

    def _outlet(self, partner: Partner) -> Outlet:
        known = self._outlets.get(partner.id)
        if known is None or known.partner != partner:
            if known is not None:
                self._retired.append(known)
            outage = known.outage if known is not None else OutageLog("sortie", partner.id)
            known = Outlet(partner, self._lease(f"probe:{partner.id}"), outage)
            self._outlets[partner.id] = known
        return known

    def _retire_who_left(self, registry: Registry) -> None:
        """Nothing leaves any more to who is in the registry no longer, or has no way out."""
        for name in list(self._outlets):
            partner = registry.get(name)
            if partner is None or partner.sortie is None:
                self._retire(name)

    def _retire(self, partner: str) -> None:
        """Nothing more leaves by its outlet."""
        if (outlet := self._outlets.pop(partner, None)) is not None:
            self._retired.append(outlet)

    async def _close_retired(self) -> None:
        """Close the sinks of entries that were changed or left, once their last lane is home."""
        idle = [outlet for outlet in self._retired if not outlet.flying]
        self._retired = [outlet for outlet in self._retired if outlet.flying]
        for outlet in idle:
            if outlet.partner.id not in self._outlets:  # nobody is left to find that it is back
                outlet.outage.succeeded()
            await outlet.close()

    async def _prepare(
        self, connection: Connection, claims: Mapping[LaneClaim, Sequence[Row]], registry: Registry
    ) -> Mapping[LaneClaim, Sequence[Due]]:
        sealed: dict[UUID, Sealed] = {}
        unreadable: dict[UUID, Exception] = {}
        for row in chain.from_iterable(claims.values()):
            try:
                sealed[row.id] = Sealed.of(row, registry.everybody[row.partner])
            except Exception as exc:  # noqa: BLE001  raised again where it is rendered, and decided there
                unreadable[row.id] = exc
        if newer := sum(isinstance(exc, OfANewerVersion) for exc in unreadable.values()):
            logger.warning("dispatcher.too_old", deliveries=newer)
        self._renderer.remember(chain.from_iterable(claims.values()))
        ciphers, names = await self._renderer.prepare(connection, list(sealed.values()))

        def due(row: Row) -> Due:
            item = sealed.get(row.id)
            attributes = item.attributes if item else event_attributes(row)
            opened = partial(item.opened, ciphers, names) if item else partial(_give_up, unreadable[row.id])
            keep = partial(item.keep_reply, ciphers, row.id) if item else keep_nothing
            return Due(row.id, row.etat, attributes, opened, partial(_alone, opened), keep)

        return {claim: [due(row) for row in rows] for claim, rows in claims.items()}

    async def _send_lane(
        self, claim: LaneClaim, outlet: Outlet, due: Sequence[Due], claimed_at: float
    ) -> None:
        more, wait_s = True, 0.0
        try:
            result = await self._sender.send(claim, outlet, due, claimed_at)
            wait_s = result.wait_s
            more = await self._results.put_on_record(result, outlet, claimed_at)
        finally:
            outlet.flying -= 1
            if more or outlet.crowded or outlet.breaker.open:  # whoever has probed makes way for another
                self._wake.set()
            if wait_s:
                self._wake.within(wait_s)
            if outlet.turned:
                self._turned.set()

    def news(self) -> list[Found]:
        """What was found of partners since this was last asked."""
        now = time.monotonic()
        found = (outlet.news(now) for outlet in self._outlets.values())
        return [news for news in found if news is not None]


def _give_up(exc: Exception) -> Opened:
    raise exc


def _alone(opened: Callable[[], Opened]) -> Native:
    return rendered([opened()])
