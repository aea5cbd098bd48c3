"""Deliveries to partners: claim lanes, send each lane in order, write what happened.

A delivery is recorded before it is attempted; a failed one holds only its own lane. What follows a time-out
depends on the partner's class: the same bytes again under the same key, or never again without a human.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

import structlog

from contracts.envelope import Attributes
from contracts.errors import (
    HubError,
    Misconfigured,
    OutcomeUnknown,
    Permanent,
    Refused,
    Throttled,
    Transient,
)
from contracts.partner import ClasseLivraison, Partner
from contracts.ports import Native, Receipt, Sink
from contracts.v1 import CONTRATS
from contracts.v1.livraison import LivraisonRemise
from router.applying import derived_entry
from router.delivery.outlet import Outlet
from router.delivery.rendering import Forgotten, Renderer, Sealed, event_attributes
from router.domain.messages import facts_of
from router.domain.partners import Registry
from router.group_commit import GroupCommit
from router.leases import Lease
from router.settings import DispatcherSettings
from router.store import lanes, log
from router.store.database import OUTBOX, Database
from router.store.lanes import LaneClaim, Settled
from router.triage import cause_of, in_short
from router.wakeup import PACE_SECONDS, WakeUp

logger = structlog.get_logger()

LEASE_MARGIN_SECONDS = 2.0
LEASE_SECONDS = 8.0
"""How long a lane may go on sending; its lease also covers one time-out and the margin, so that what its
successor sends comes after."""


def lease_of(delai_s: float) -> float:
    """Seconds for which a lane of a partner with this time-out is claimed."""
    return LEASE_SECONDS + delai_s + LEASE_MARGIN_SECONDS


@dataclass(slots=True)
class LaneResult:
    """What one lease of a lane came to."""

    claim: LaneClaim
    settled: list[Settled] = field(default_factory=list)
    receipts: list[tuple[UUID, log.Entry]] = field(default_factory=list)
    wait_s: float = 0.0
    tried: UUID | None = None
    """The delivery that provably did not get through, for which the lane waits."""


class _Due(NamedTuple):
    """One delivery ready to be sent, or the reason why it cannot be."""

    id: UUID
    etat: str
    attributes: Attributes
    render: Callable[[], Native]


class Dispatcher:
    """Sends what is due, many lanes at once, at most `max_in_flight`, and to each partner at most its `en_vol` and
    what its breaker lets through."""

    def __init__(
        self,
        database: Database,
        renderer: Renderer,
        registry: Callable[[], Registry],
        sinks: Callable[[Partner], Sink],
        settings: DispatcherSettings,
        wake: WakeUp,
        lease: Callable[[str], Lease],
    ) -> None:
        self._database = database
        self._renderer = renderer
        self._registry = registry
        self._factory = sinks
        self._settings = settings
        self._wake = wake
        self._lease = lease
        self._outlets: dict[str, Outlet] = {}
        self._retired: list[Outlet] = []
        self._turn = 0
        self._stopping = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._leaving = GroupCommit(self._mark_in_flight, max_group=settings.max_in_flight)
        self._results = GroupCommit(self._write, max_group=settings.max_in_flight, gather_s=PACE_SECONDS)

    async def run(self) -> None:
        """Deliver until cancelled; on the way out, wait for what is in flight, and send nothing more."""
        try:
            while True:
                try:
                    await self._claim_and_send()
                except (Transient, Misconfigured) as exc:
                    logger.warning("dispatcher.waits", reason=str(exc))
                    await asyncio.sleep(1)
                await self._wake.wait(self._settings.poll_s)
        finally:
            self._stopping = True
            await asyncio.gather(*self._tasks, return_exceptions=True)
            for outlet in (*self._outlets.values(), *self._retired):
                await outlet.close()

    async def _claim_and_send(self) -> None:
        await self._close_retired()
        registry = self._registry()  # one view for all of it: the lease fits the time-out that is waited for
        rooms, total = await self._rooms(registry), self._settings.max_in_flight - len(self._tasks)
        if not rooms or total <= 0:
            return
        claimed_at = time.monotonic()
        async with self._database.transaction() as connection:
            claims = await lanes.claim(connection, rooms, total)
        if not claims:
            return
        due: Mapping[tuple[str, UUID], Sequence[_Due]] = {}
        try:  # by itself, for it locks nothing, however long it takes
            async with self._database.transaction() as connection:
                rows = await lanes.waiting(connection, claims, self._settings.lane_batch)
                due = await self._prepare(connection, rows, registry)
        finally:  # a lane of which nothing could be read is given back
            for claim in claims:
                self._begin(claim, due.get((claim.partner, claim.subject), ()), claimed_at)

    def _begin(self, claim: LaneClaim, due: Sequence[_Due], claimed_at: float) -> None:
        outlet = self._outlets[claim.partner]
        outlet.flying += 1
        task = asyncio.create_task(self._send_lane(claim, outlet, due, claimed_at))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _rooms(self, registry: Registry) -> list[tuple[str, int, float]]:
        """(partner, lanes that may be claimed, seconds of their lease) for each partner with a way out; each
        is the first in its turn."""
        now = time.monotonic()
        rooms: list[tuple[str, int, float]] = []
        for partner in registry.partners.values():
            if partner.sortie is not None:
                outlet = self._outlet(partner)
                if (room := await outlet.room(now)) > 0:
                    rooms.append((partner.id, room, lease_of(outlet.delai_s)))
        self._turn += 1
        first = self._turn % len(rooms) if rooms else 0
        return rooms[first:] + rooms[:first]

    def _outlet(self, partner: Partner) -> Outlet:
        known = self._outlets.get(partner.id)
        if known is None or known.partner != partner:
            if known is not None:
                self._retired.append(known)
            lease = self._lease(f"probe:{partner.id}")
            self._outlets[partner.id] = known = Outlet(partner, lease)
        return known

    async def _close_retired(self) -> None:
        """Close the sinks of entries that were changed, once their last lane is home."""
        idle = [outlet for outlet in self._retired if not outlet.flying]
        self._retired = [outlet for outlet in self._retired if outlet.flying]
        for outlet in idle:
            await outlet.close()

    async def _prepare(
        self, connection: Any, rows: Sequence[Any], registry: Registry
    ) -> Mapping[tuple[str, UUID], list[_Due]]:
        sealed: dict[UUID, Sealed] = {}
        unreadable: dict[UUID, Permanent] = {}
        for row in rows:
            try:
                sealed[row.id] = Sealed.of(row, registry.partners[row.partner])
            except Permanent as exc:
                unreadable[row.id] = exc
        ciphers, ids = await self._renderer.prepare(connection, list(sealed.values()))
        due: defaultdict[tuple[str, UUID], list[_Due]] = defaultdict(list)
        for row in rows:
            item = sealed.get(row.id)
            attributes = item.attributes if item else event_attributes(row)
            render = partial(item.render, ciphers, ids) if item else partial(_give_up, unreadable[row.id])
            due[row.partner, row.subject].append(_Due(row.id, row.etat, attributes, render))
        return due

    async def _send_lane(
        self, claim: LaneClaim, outlet: Outlet, due: Sequence[_Due], claimed_at: float
    ) -> None:
        """Who does not recognise a repetition is sent one at a time: a crash leaves no more in doubt than that."""
        result = LaneResult(claim)
        batch = due if outlet.classe is ClasseLivraison.DEDUPLIQUE else due[:1]
        try:
            for delivery in batch:
                if self._stopping or not await self._send_one(outlet, delivery, result, claimed_at):
                    break
            await self._put_on_record(result, outlet, claimed_at)
        finally:
            outlet.flying -= 1
            self._wake.set()

    async def _put_on_record(self, result: LaneResult, outlet: Outlet, claimed_at: float) -> None:
        """Write what a lease came to, again for as long as it lasts: what is known must not become unknown."""
        while True:
            try:
                return await self._results.submit(result)
            except (Transient, Misconfigured) as exc:
                logger.warning("dispatcher.result_not_written", partner=outlet.partner.id, reason=str(exc))
            if time.monotonic() - claimed_at > lease_of(outlet.delai_s):
                return None
            await asyncio.sleep(1)

    async def _send_one(self, outlet: Outlet, due: _Due, result: LaneResult, claimed_at: float) -> bool:
        """Send one delivery; False when the lane has to wait."""
        if _too_late(claimed_at, outlet.delai_s):
            return False
        if due.etat == "en_vol" and outlet.classe is ClasseLivraison.AUCUNE:
            result.settled.append(Settled(result.claim, due.id, "incertaine", "interrompue pendant l'envoi"))
            return True
        try:
            receipt = await self._attempt(outlet, due, result, claimed_at)
        except Forgotten:
            result.settled.append(Settled(result.claim, due.id, "oubliee"))
            return True
        except Exception as exc:  # noqa: BLE001  decided by kind: a bug in one delivery is that delivery's task
            return self._decide(outlet, due, result, exc)
        if receipt is None:
            result.tried = due.id
            return False
        outlet.answered()
        result.settled.append(Settled(result.claim, due.id, "livree" if receipt.proven else "deposee"))
        if receipt.proven:
            self._note_receipt(outlet.partner, due, result)
        return True

    async def _attempt(
        self, outlet: Outlet, due: _Due, result: LaneResult, claimed_at: float
    ) -> Receipt | None:
        """The receipt of a delivery, asked for where the partner may have it already; None where it did not leave,
        for the lane is no longer ours or too little is left of its lease. Raises what rendering or the sink does."""
        key = str(due.id)
        native = due.render()
        sink = outlet.sink(self._factory)
        asks = due.etat == "en_vol" and outlet.classe is ClasseLivraison.INTERROGEABLE
        if asks and await sink.has_received(native, key):
            return Receipt()
        on_record = outlet.classe is not ClasseLivraison.DEDUPLIQUE
        if on_record and not await self._may_leave(result.claim, due.id):
            return None
        if _too_late(claimed_at, outlet.delai_s):  # to ask took its time: a successor may be about to send
            return None
        return await sink.send(native, key)

    def _decide(self, outlet: Outlet, due: _Due, result: LaneResult, exc: Exception) -> bool:
        """What an error means for the delivery, its lane and its partner. The lane ends here for now: what follows
        goes out once this is on record, for it may be taken after all, repeated after a crash."""
        now = time.monotonic()
        if isinstance(exc, OutcomeUnknown) and outlet.classe is ClasseLivraison.AUCUNE:
            outlet.failed(now, exc)
            result.settled.append(Settled(result.claim, due.id, "incertaine", str(exc)))
        elif isinstance(exc, Transient | Misconfigured):
            result.wait_s = self._waits(outlet, result.claim, exc, now)
            asked_next = outlet.classe is ClasseLivraison.INTERROGEABLE and (
                isinstance(exc, OutcomeUnknown) or due.etat == "en_vol"
            )
            result.tried = None if asked_next else due.id
        else:
            if isinstance(exc, Refused):
                outlet.refused(now)
            elif not isinstance(exc, HubError):
                logger.error(
                    "delivery.bug", partner=outlet.partner.id, delivery=str(due.id), where=cause_of(exc)[1]
                )
            result.settled.append(Settled(result.claim, due.id, "refusee", in_short(exc)))
        return False

    def _waits(self, outlet: Outlet, claim: LaneClaim, exc: HubError, now: float) -> float:
        """Seconds that the lane waits; where the partner as a whole does, its breaker knows better when."""
        if isinstance(exc, Throttled):
            outlet.breaker.pause(now, exc.retry_after_seconds)
            return exc.retry_after_seconds
        if isinstance(exc, Misconfigured):
            left_alone = outlet.denied(now, claim.subject, exc)
            return self._settings.backoff_first_s if left_alone else self._back_off(claim.attempts)
        outlet.failed(now, exc)
        return self._back_off(claim.attempts)

    def _back_off(self, attempts: int) -> float:
        settings = self._settings
        return min(settings.backoff_first_s * 2.0 ** min(attempts, 20), settings.backoff_max_s)

    def _note_receipt(self, partner: Partner, due: _Due, result: LaneResult) -> None:
        entry = receipt_of(due.attributes, partner.id, datetime.now(UTC))
        if entry is not None:
            result.receipts.append((due.id, entry))

    async def _may_leave(self, claim: LaneClaim, delivery: UUID) -> bool:
        """Record that the bytes are about to leave; False when that could not be written, or the lane is no
        longer ours."""
        try:
            return await self._leaving.submit((claim, delivery))
        except (Transient, Misconfigured) as exc:
            logger.warning("dispatcher.may_not_leave", partner=claim.partner, reason=str(exc))
            return False

    async def _mark_in_flight(self, leaving: Sequence[tuple[LaneClaim, UUID]]) -> list[bool]:
        async with self._database.transaction() as connection:
            marked = await lanes.mark_in_flight(connection, leaving)
        return [delivery in marked for _, delivery in leaving]

    async def _write(self, results: Sequence[LaneResult]) -> list[None]:
        """One transaction for the lanes that finished meanwhile: results, receipts, lanes given back."""
        async with self._database.transaction() as connection:
            await lanes.lock(connection, [r.claim for r in results])
            written = await lanes.settle(connection, [s for r in results for s in r.settled])
            receipts = [entry for r in results for delivery, entry in r.receipts if delivery in written]
            await log.append(connection, receipts)
            await lanes.free(connection, [(r.claim, r.wait_s, r.tried) for r in results])
            if receipts:
                await self._database.notify(connection, OUTBOX)
        return [None] * len(results)


def _too_late(claimed_at: float, delai_s: float) -> bool:
    """Whether an answer could come after the lease of the lane."""
    return time.monotonic() - claimed_at + delai_s + LEASE_MARGIN_SECONDS > lease_of(delai_s)


def _give_up(exc: Permanent) -> Native:
    raise exc


def receipt_of(attributes: Attributes, partner: str, at: datetime) -> log.Entry | None:
    """The receipt event of a delivery that a partner owes an answer to."""
    if not facts_of(CONTRATS[attributes.type]).owed_an_answer:
        return None
    return derived_entry(
        attributes, LivraisonRemise(objet=attributes.subject, partenaire=partner, remise_le=at)
    )
