"""Deliver to partners: claim lanes, send the deliveries of each lane in order, and write the results.

A lane has the deliveries to one partner about one subject. A delivery is stored before it is sent. A failed
delivery stops only its own lane.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from uuid import UUID

import structlog

from contracts.errors import Misconfigured, Transient
from contracts.partner import ClasseLivraison, Partner
from contracts.ports import Sink
from router.delivery.due import Due, DueDelivery
from router.delivery.lists import parts_of_lists
from router.delivery.lots import Load, Lots
from router.delivery.outlet import Outlet, classe_of
from router.delivery.outlets import Outlets
from router.delivery.rendering import (
    KeysAndIds,
    OfANewerVersion,
    Sealed,
    event_attributes,
)
from router.delivery.results import Results
from router.delivery.sending import Sender, lease_of
from router.domain.partners import Registry
from router.domain.proof import Prover
from router.process.leases import Lease
from router.process.wakeup import LONGEST_SECONDS, WakeUp
from router.settings import DispatcherSettings
from router.store import heartbeat, lanes, mailbox
from router.store.database import Connection, Database, Row
from router.store.lanes import LaneClaim

logger = structlog.get_logger()
FIRST_LANES = 2
"""Number of lanes that each partner may have in flight even when the limit for all partners is reached. So a
slow partner delays no other partner."""
WENT_BACK_SECONDS = 1.0
"""Seconds between two checks whether the database is complete again. After a restore, the events that the
database lost are read again from Kafka."""
LOTS_SECONDS = 1.0
"""Shortest time between two checks whether a partner's lot is ready."""


@dataclass(frozen=True, slots=True)
class ReservedCapacity:
    """Capacity that the dispatcher reserves for the worker of the same process: a number of lanes for each
    partner. These lanes count as in flight from their reservation on. The worker claims them in the transaction
    that applies its events. `send` then sends their deliveries."""

    dispatcher: "Dispatcher"
    registry: Registry
    outlets: Mapping[str, tuple[Outlet, int]]
    """Outlet and number of reserved lanes, by partner."""
    settled: asyncio.Future[None]
    """Done when all reserved capacity is used or given back. A stopping dispatcher waits for this."""

    @property
    def leases(self) -> Mapping[str, float]:
        """Return, by partner, for how many seconds the worker claims the partner's lanes. The time depends on
        how long the hub waits for this partner's response. A partner without reserved capacity is left out."""
        return {name: lease_of(outlet.delai_s) for name, (outlet, _) in self.outlets.items()}

    def send(self, claims: Mapping[LaneClaim, Sequence[Row]], claimed_at: float) -> None:
        """Start to send the deliveries of the lanes that the worker of this process has just claimed. Give back
        the reserved capacity that the worker did not use. `claims` has, by claimed lane, the rows of the deliveries
        to send. `claimed_at` is the monotonic time just before the claim, in seconds."""
        if claims:
            self.dispatcher.begin(self, claims, claimed_at)
        else:
            self.give_back()

    def give_back(self) -> None:
        """Give back all reserved lanes: they no longer count as in flight."""
        for outlet, number in self.outlets.values():
            outlet.flying -= number
        self.settled.set_result(None)


class Dispatcher:
    """Sender of the deliveries that are due to all partners. A slow partner delays no other. The dispatcher
    sets the flag `turned` when a partner becomes reachable or unreachable, or when a message type is held back from
    a partner or no longer held back. The heartbeat then stores the change at once."""

    def __init__(
        self,
        database: Database,
        keys_and_ids: KeysAndIds,
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
        self._keys_and_ids = keys_and_ids
        self._registry = registry
        self._sender = Sender(database, sinks, settings, keys_and_ids.emptied_since)
        self._lots = Lots(database, self._sender, lease, process, settings.backoff_first_s)
        self._lots_looked_at: dict[str, float] = {}
        self._settings = settings
        self._wake = wake
        self._turned = turned
        self.process = process
        self.outlets = Outlets(lease)
        self._turn = 0
        self._asked = False
        self._claiming = False
        self._tasks: set[asyncio.Future[None]] = set()
        self._results = Results(database, prover, settings.max_in_flight)

    async def run(self) -> None:
        """Send due deliveries until cancelled. Then start no more deliveries, and wait for those under way."""
        try:
            while True:
                try:
                    await self._claim_and_send()
                except (Transient, Misconfigured):  # already logged
                    await asyncio.sleep(1)
                    self._wake.set()
                await self._wake.wait(self.outlets.wait_s(LONGEST_SECONDS))
        finally:
            self._sender.stopping = True
            while self._tasks:  # a reserved lane may still be claimed and add a task
                await asyncio.gather(*self._tasks, return_exceptions=True)
            await self.outlets.close()
            await self._lots.close()

    def try_again(self) -> None:
        """Send at once to the partners for which an operator has asked for another attempt."""
        self._asked = True
        self._wake.set()

    async def _pass_over_breakers(self) -> None:
        self._asked = False  # a later request sets it again
        try:
            async with self._database.transaction() as connection:
                asked = await heartbeat.asked(connection)
        except (Transient, Misconfigured):
            self._asked = True
            raise
        self.outlets.try_now(asked)

    async def _claim_and_send(self) -> None:
        registry = self._registry()  # the same registry for lease, rendering and time-out
        if await self.outlets.follow(registry):
            async with self._database.transaction() as connection:
                await mailbox.empty_mailboxes(connection)
        if self._asked:
            await self._pass_over_breakers()
        await self._begin_lots(registry)
        if not await self._database.is_whole():
            self._wake.within(WENT_BACK_SECONDS)
        self._claiming = True
        try:
            await self._claim(registry)
        finally:
            self._claiming = False

    async def _claim(self, registry: Registry) -> None:
        free = self._free
        allowed = await self._allowed(registry, full=free <= 0)
        if not allowed:
            return
        claimed_at = time.monotonic()
        async with self._database.statement() as connection:
            allowed = [each for each in allowed if self._may_have(each[0].partner)]
            total = free if free > 0 else sum(permits for _, permits in allowed)
            outlets = {outlet.partner.id: outlet for outlet, _ in allowed}
            asked = [(each.partner.id, permits, lease_of(each.delai_s)) for each, permits in allowed]
            claims = await lanes.claim(connection, self.process, asked, total, self._settings.lane_batch)
            self._note_crowds(claims, allowed, total)
            due: Mapping[LaneClaim, Sequence[DueDelivery]] = {}
            try:
                if claims:
                    due = await self._prepare(connection, claims, registry, claimed_at)
            finally:  # release lanes whose deliveries could not be read
                for claim in claims:
                    self._begin(claim, outlets[claim.partner], due.get(claim, ()), claimed_at)
        if len(claims) == free:
            self._wake.set()  # more lanes may be due

    @property
    def _free(self) -> int:
        """Return how many more lanes may be in flight to all partners together. The result is negative if the
        limit is exceeded: each partner may have `FIRST_LANES` lanes in flight, even beyond the limit."""
        return self._settings.max_in_flight - self.outlets.flying

    def _may_have(self, partner: Partner) -> bool:
        """Tell whether the hub may deliver to a partner now. It may always do so, except while a restored
        database lacks events. It may then deliver only to a partner that recognises repeated deliveries and
        receives no lots. A lot is several deliveries in one file."""
        return not self._database.went_back or (
            classe_of(partner) is ClasseLivraison.DEDUPLIQUE and partner.lot is None
        )

    def reserve(self, lanes: Mapping[str, int]) -> ReservedCapacity:
        """Reserve capacity, so that deliveries can be sent right after a commit of the worker in the same
        process. `lanes` has, by partner, the number of lanes to reserve. A partner gets capacity for all its
        lanes or for none. It gets none, for example, while earlier deliveries to it may be due. No partner gets
        any while the dispatcher itself claims lanes: how many it claims is known only afterwards."""
        registry, now = self._registry(), time.monotonic()
        outlets: dict[str, tuple[Outlet, int]] = {}
        free = 0 if self._sender.stopping or self._claiming else self._free
        for name, number in lanes.items():
            partner = registry.get(name)
            if (
                partner is None
                or partner.sortie is None
                or partner.lot is not None
                or not self._may_have(partner)
            ):
                continue
            outlet = self.outlets.of(partner)
            if not outlet.crowded and number <= min(free, outlet.permits_at_once(now)):
                outlet.flying += number
                free -= number
                outlets[name] = outlet, number
        settled: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if outlets:
            self._keep(settled)
        return ReservedCapacity(self, registry, outlets, settled)

    def begin(
        self, reserved: ReservedCapacity, claims: Mapping[LaneClaim, Sequence[Row]], claimed_at: float
    ) -> None:
        """Start to send the deliveries of the lanes in `claims`, which the worker of the same process has just
        claimed for this dispatcher. Then give back all capacity in `reserved`, because each claimed lane now
        counts as in flight itself. `claimed_at` is the monotonic time just before the claim, in seconds."""
        self._keep(asyncio.create_task(self._send_claimed(reserved, claims, claimed_at)))

    async def _send_claimed(
        self, reserved: ReservedCapacity, claims: Mapping[LaneClaim, Sequence[Row]], claimed_at: float
    ) -> None:
        due: Mapping[LaneClaim, Sequence[DueDelivery]] = {}
        try:
            with suppress(Transient, Misconfigured):  # already logged
                async with self._database.statement() as connection:
                    due = await self._prepare(connection, claims, reserved.registry, claimed_at)
        finally:  # release lanes whose deliveries could not be read
            reserved.give_back()
            for claim in claims:
                self._begin(claim, reserved.outlets[claim.partner][0], due.get(claim, ()), claimed_at)

    async def _begin_lots(self, registry: Registry) -> None:
        now = time.monotonic()
        for partner in registry.everybody.values():
            if partner.lot is None or now < self._lots_looked_at.get(partner.id, 0.0) + LOTS_SECONDS:
                continue
            self._lots_looked_at[partner.id] = now
            if not await self._lots.are_ours(partner.id):
                self.outlets.retire(partner.id)  # only the process that makes its lots probes it
                continue
            outlet = self.outlets.of(partner)
            if outlet.flying or await outlet.permits(now) <= 0:
                continue
            claimed_at = time.monotonic()
            async with self._database.statement() as connection:
                if not self._may_have(partner):
                    return
                load = await self._lots.load(connection, partner, lease_of(outlet.delai_s))
                due = await self._prepare(connection, load.claims, registry, claimed_at) if load else {}
            if load:
                outlet.flying += 1
                self._keep(asyncio.create_task(self._send_lot(load, outlet, due, claimed_at)))

    async def _send_lot(
        self, load: Load, outlet: Outlet, due: Mapping[LaneClaim, Sequence[DueDelivery]], claimed_at: float
    ) -> None:
        try:
            results = await self._lots.send(load, outlet, due, claimed_at)
            await self._results.put_all_on_record(results, outlet, claimed_at)
        finally:
            outlet.flying -= 1
            self._wake.within(LOTS_SECONDS)  # the next lot may be ready
            if outlet.turned:
                self._turned.set()

    def _keep(self, task: asyncio.Future[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _note_crowds(
        self, claims: Iterable[LaneClaim], allowed: Sequence[tuple[Outlet, int]], total: int
    ) -> None:
        number = Counter(claim.partner for claim in claims)
        for outlet, permits in allowed:
            outlet.crowded = number[outlet.partner.id] >= permits or number.total() >= total

    def _begin(self, claim: LaneClaim, outlet: Outlet, due: Sequence[Due], claimed_at: float) -> None:
        outlet.flying += 1
        self._keep(asyncio.create_task(self._send_lane(claim, outlet, due, claimed_at)))

    async def _allowed(self, registry: Registry, *, full: bool) -> list[tuple[Outlet, int]]:
        """Return the outlets of the partners that may have more lanes in flight now, each with the number of
        further lanes. `full` is True if the limit for all partners together is reached: each partner may then
        have only a few lanes in flight. Partners that receive lots are left out. Send only through the returned
        outlets: a later call returns another outlet for a partner whose entry has changed."""
        now = time.monotonic()
        allowed: list[tuple[Outlet, int]] = []
        for partner in registry.everybody.values():
            if partner.sortie is not None and partner.lot is None:
                outlet = self.outlets.of(partner)
                permits = await outlet.permits(now)
                if full:
                    permits = min(permits, FIRST_LANES - outlet.flying)
                if permits <= 0:
                    outlet.crowded = True
                else:
                    allowed.append((outlet, permits))
        self._turn += 1
        first = self._turn % len(allowed) if allowed else 0
        in_turn = allowed[first:] + allowed[:first]
        return sorted(in_turn, key=lambda each: each[0].flying)

    async def _prepare(
        self,
        connection: Connection,
        claims: Mapping[LaneClaim, Sequence[Row]],
        registry: Registry,
        claimed_at: float,
    ) -> Mapping[LaneClaim, Sequence[DueDelivery]]:
        sealed: dict[UUID, Sealed] = {}
        unreadable: dict[UUID, Exception] = {}
        for row in chain.from_iterable(claims.values()):
            try:
                sealed[row.id] = Sealed.of(row, registry.everybody[row.partner])
            except Exception as exc:  # noqa: BLE001  raised again, and handled, when it is rendered
                unreadable[row.id] = exc
        if newer := sum(isinstance(exc, OfANewerVersion) for exc in unreadable.values()):
            logger.warning("dispatcher.too_old", deliveries=newer)
        self._keys_and_ids.remember(chain.from_iterable(claims.values()), claimed_at)
        wanted = [row for row in chain.from_iterable(claims.values()) if row.id in sealed]
        parts = await parts_of_lists(connection, wanted, registry)
        lines = chain.from_iterable(part.lines for part in parts.values())
        ciphers, names = await self._keys_and_ids.load(connection, [*sealed.values(), *lines])

        def due(row: Row) -> DueDelivery:
            content = sealed.get(row.id) or unreadable[row.id]
            attributes = content.attributes if isinstance(content, Sealed) else event_attributes(row)
            return DueDelivery(
                row.id,
                row.etat,
                attributes,
                content=content,
                ciphers=ciphers,
                names=names,
                part=parts.get(row.id),
            )

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
            former = not self.outlets.uses(
                outlet
            )  # the partner's entry has changed: close it after its last lane
            if (
                more or former or outlet.crowded or outlet.breaker.open
            ):  # after a probe, other lanes may be claimed
                self._wake.set()
            if wait_s:
                self._wake.within(wait_s)
            if outlet.turned:
                self._turned.set()
