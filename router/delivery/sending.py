"""Send the due deliveries of one lane, in order, and note the result of each.

A failed delivery ends the lease of the lane: the deliveries behind it leave once the failure is recorded. The
class of the partner decides what follows a time-out: the same bytes again under the same key, or a person's
decision. A delivery that may have arrived stays recorded as in flight, because the class may change before
the next lease.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import structlog

from contracts.envelope import Attributes, Event
from contracts.errors import (
    HubError,
    Misconfigured,
    NameTaken,
    OutcomeUnknown,
    Refused,
    Throttled,
    Transient,
)
from contracts.partner import ClasseLivraison, Partner
from contracts.ports import Native, Receipt, Sink
from router.delivery.lists import PartOfAList
from router.delivery.outlet import Outlet
from router.delivery.rendering import Forgotten, OfANewerVersion, Sealed, rendered, view_of
from router.privacy.crosswalk import Names
from router.privacy.seen import Seen, seen
from router.process.group_commit import GroupCommit
from router.settings import DispatcherSettings
from router.store import lanes
from router.store.database import Database
from router.store.lanes import Finished, LaneClaim, Settled
from router.telemetry import traces
from router.triage import cause_of, in_short

logger = structlog.get_logger()
LEASE_MARGIN_SECONDS = 2.0
LEASE_SECONDS = 8.0
"""Seconds for which a lane may go on sending. The lease lasts for one time-out and a margin more, so that the
last delivery of this lease is over before another process sends."""


def lease_of(delai_s: float) -> float:
    """Return the seconds for which a lane is claimed, for a partner whose time-out is `delai_s`."""
    return LEASE_SECONDS + delai_s + LEASE_MARGIN_SECONDS


@dataclass(frozen=True, slots=True)
class Due:
    """One delivery or one lot, ready to be sent."""

    id: UUID
    etat: str
    attributes: Attributes
    lines: Sequence[tuple[LaneClaim, UUID]] = ()
    """Lanes and deliveries that leave in the lot; empty for a single delivery."""

    @property
    def types(self) -> frozenset[str]:
        """Return the message types in the delivery or lot."""
        return frozenset((self.attributes.type,))

    def render(self) -> Native:
        """Return the bytes for the partner. Raises Forgotten, OfANewerVersion, or the errors of rendering."""
        raise NotImplementedError

    def keep(self, reply: Native | None) -> bytes | None:
        """Return the partner's answer as it is stored, cut and sealed; None if there is no key to seal it."""
        return None

    def settled(self, etat: str, error: str | None = None, reply: Native | None = None) -> list[Settled]:
        """Return each delivery in this state: nothing more is to be done for it, or a human decides."""
        raise NotImplementedError

    def arrived(self, seen: Seen, reply: Native | None = None) -> list[Settled]:
        """Return each delivery as proved to be with the partner."""
        raise NotImplementedError

    @property
    def is_lot(self) -> bool:
        """Tell whether this is a lot of several deliveries. A lot is recorded before it leaves, even to a
        partner that recognises repetitions: its refused lines leave again in other lots, under other keys."""
        return bool(self.lines)


@dataclass(frozen=True, slots=True)
class DueAlone(Due):
    """Delivery that leaves alone, or as a line of a lot."""

    content: Sealed | Exception = field(kw_only=True)
    """Sealed content of the delivery, or the error that reading it raised."""
    ciphers: Mapping[UUID, Any] = field(kw_only=True)
    names: Names = field(kw_only=True)

    @property
    def sealed(self) -> Sealed:
        """Return the sealed content. Raises the error that its reading raised."""
        if isinstance(self.content, Exception):
            raise self.content
        return self.content

    def opened(self) -> Event:
        """Return the event as its partner may see it. Raises the error that reading the delivery raised
        (`content`), Forgotten, or InvalidContract."""
        return self.sealed.opened(self.ciphers, self.names)

    def render(self) -> Native:
        return rendered([self.opened()], view_of(self.sealed.partner, [self.sealed], self.names))

    def keep(self, reply: Native | None) -> bytes | None:
        if isinstance(self.content, Exception):
            return None
        return self.content.keep_reply(self.ciphers, self.id, reply)

    def settled(self, etat: str, error: str | None = None, reply: Native | None = None) -> list[Settled]:
        return [Settled(self.id, etat, error, self.keep(reply))]

    def arrived(self, seen: Seen, reply: Native | None = None) -> list[Settled]:
        return [self.proved(seen, datetime.now(UTC))._replace(reply=self.keep(reply))]

    def proved(self, seen: Seen, at: datetime, lot: UUID | None = None, size: int | None = None) -> Settled:
        """Return the delivery as proved at this time to be with the partner, with the fingerprint of the bytes if
        there is a key to seal its nonce."""
        proof = Settled(self.id, "livree", arrived=(self.attributes, at))
        if isinstance(self.content, Exception):
            return proof
        nonce = self.content.seal_nonce(self.ciphers, self.id, seen.nonce)
        if nonce is None:
            return proof
        return proof._replace(digest=seen.digest.hex(), nonce=nonce, lot=lot, size=size)


@dataclass(frozen=True, slots=True)
class DueList(DueAlone):
    """Part of a reader's whole list. It always leaves alone, even to a partner that gets lots."""

    part: PartOfAList = field(kw_only=True)

    def render(self) -> Native:
        return self.part.render(self.sealed.partner, self.ciphers, self.names)


class Sender:
    """Sender of all lanes of a process. It waits only for the partner's answer, and for the database to
    record a delivery before it leaves."""

    def __init__(
        self, database: Database, sinks: Callable[[Partner], Sink], settings: DispatcherSettings
    ) -> None:
        self._database = database
        self._sinks = sinks
        self._settings = settings
        self._leaving = GroupCommit(self._mark_in_flight, "departs", max_group=settings.max_in_flight)
        self.stopping = False
        """True once the process stops: then no further delivery leaves."""

    async def send(self, claim: LaneClaim, outlet: Outlet, due: Sequence[Due], claimed_at: float) -> Finished:
        """Send the due deliveries of a lane that was claimed at `claimed_at` (monotonic). A partner that does
        not recognise a repetition gets one delivery a lease: a crash then leaves a single one in doubt."""
        result = Finished(claim)
        if not due:  # settled or unreadable: wait, instead of claiming the lane again at once
            result.wait_s = self._settings.backoff_first_s
        batch = due if outlet.classe is ClasseLivraison.DEDUPLIQUE else due[:1]
        for n, delivery in enumerate(batch):
            result.wait_s = result.wait_s or _held_s(outlet, due[n:])
            if (
                self.stopping
                or result.wait_s
                or not await self._send_one(outlet, delivery, result, claimed_at)
            ):
                break
        return result

    async def _send_one(self, outlet: Outlet, due: Due, result: Finished, claimed_at: float) -> bool:
        """Send one delivery and note its result. Return True if the next one may leave under this lease."""
        if _too_late(claimed_at, outlet.delai_s):
            return False
        if due.etat == "en_vol" and outlet.classe is ClasseLivraison.AUCUNE:
            return await self._ask_only(outlet, due, result)
        try:
            with traces.span(
                "deliver",
                "CLIENT",
                due.attributes.traceparent,
                partner=outlet.partner.id,
                delivery=str(due.id),
            ):
                sent = await self._attempt(outlet, due, result.claim, claimed_at)
        except Forgotten:
            result.settled += due.settled("oubliee")
            return True
        except OfANewerVersion:  # not the partner's fault: its breaker does not count it
            result.wait_s = self._settings.backoff_first_s
            return False
        except Exception as exc:  # noqa: BLE001  decided by kind: a bug in one delivery is that delivery's task
            self._note_failure(outlet, due, result, exc)
            return False
        if sent is None:
            deduplicates = outlet.classe is ClasseLivraison.DEDUPLIQUE
            result.tried, result.in_doubt = due.id, deduplicates and due.etat == "en_vol"
            return False
        outlet.answered(due.types)
        receipt, fingerprint = sent
        if fingerprint is None:
            result.settled += due.settled("deposee", reply=receipt.reply)
        else:
            result.settled += due.arrived(fingerprint, receipt.reply)
        return True

    async def _ask_only(self, outlet: Outlet, due: Due, result: Finished) -> bool:
        """Settle a delivery that may have left, to a partner that never gets a repetition. Ask the partner if
        possible: a yes means that the delivery arrived, and silence that the partner is asked again later. In
        any other case a person decides. Return True if the next delivery may leave under this lease."""
        if not outlet.partner.can_be_asked:
            result.settled += due.settled("incertaine", "interrompue pendant l'envoi")
            return True
        try:
            native = due.render()
            arrived = await outlet.sink(self._sinks).has_received(native, str(due.id))
        except Forgotten:
            result.settled += due.settled("oubliee")
        except OfANewerVersion:
            result.wait_s = self._settings.backoff_first_s
            return False
        except (Transient, Misconfigured) as exc:
            result.wait_s = self._waits(outlet, result.claim, exc, time.monotonic())
            return False
        except Exception as exc:  # noqa: BLE001  decided by kind: a bug in one delivery is that delivery's task
            _blame(outlet, due, exc, time.monotonic())
            result.settled += due.settled(
                "incertaine", f"le partenaire n'a pu être interrogé : {in_short(exc)}"
            )
        else:
            outlet.answered()
            if arrived:
                result.settled += due.arrived(await seen(native.body))
            else:
                result.settled += due.settled("incertaine", "interrogé, le partenaire ne l'a pas, ou plus")
        return True

    async def _attempt(
        self, outlet: Outlet, due: Due, claim: LaneClaim, claimed_at: float
    ) -> tuple[Receipt, Seen | None] | None:
        """Send a delivery, after asking the partner whether it has the delivery already. Return its receipt,
        with the fingerprint of the bytes if the receipt is a proof. Return None if nothing left, because the
        lane is no longer ours or its lease is nearly over. Raises the errors of rendering and of the sink."""
        key = str(due.id)
        native = due.render()
        sink = outlet.sink(self._sinks)
        asks = due.etat == "en_vol" and outlet.classe is ClasseLivraison.INTERROGEABLE
        with _may_have_arrived(outlet, due):
            if asks and await sink.has_received(native, key):
                return Receipt(), await seen(native.body)
        on_record = outlet.classe is not ClasseLivraison.DEDUPLIQUE or due.is_lot
        if on_record and not await self._may_leave(claim, due):
            return None
        if _too_late(claimed_at, outlet.delai_s):  # asking took time: a successor may be about to send
            return None
        with _may_have_arrived(outlet, due):
            receipt = await sink.send(native, key)
        return receipt, await seen(native.body) if receipt.proven else None

    def _note_failure(self, outlet: Outlet, due: Due, result: Finished, exc: Exception) -> None:
        now = time.monotonic()
        reply = exc.reply if isinstance(exc, HubError) else None
        if isinstance(exc, OutcomeUnknown) and outlet.classe is ClasseLivraison.AUCUNE:
            outlet.failed(now, exc)
            result.settled += due.settled("incertaine", str(exc), reply)
        elif isinstance(exc, Transient | Misconfigured):
            result.wait_s = self._waits(outlet, result.claim, exc, now)
            result.error, result.reply = str(exc), due.keep(reply)
            result.tried = due.id
            result.in_doubt = isinstance(exc, OutcomeUnknown) or due.etat == "en_vol"
        elif isinstance(exc, Refused) and (why := _why_it_may_be_there(outlet, due, exc)):
            outlet.refused(now, due.types, exc)
            result.settled += due.settled("incertaine", f"{why} : {exc}", reply)
        else:
            _blame(outlet, due, exc, now)
            result.settled += due.settled("refusee", in_short(exc), reply)

    def _waits(self, outlet: Outlet, claim: LaneClaim, exc: HubError, now: float) -> float:
        """Note the error in the partner's breaker, and return the seconds that the lane waits. The wait is
        short if the whole partner is paused, because then the breaker decides when the lane leaves."""
        if isinstance(exc, Throttled):
            outlet.throttled(now, exc)
            return exc.retry_after_seconds
        if isinstance(exc, Misconfigured):
            left_alone = outlet.denied(now, claim.subject, exc)
            return self._settings.backoff_first_s if left_alone else self._back_off(claim.attempts)
        outlet.failed(now, exc)
        return self._back_off(claim.attempts)

    def _back_off(self, attempts: int) -> float:
        settings = self._settings
        return min(settings.backoff_first_s * 2.0 ** min(attempts, 20), settings.backoff_max_s)

    async def _may_leave(self, claim: LaneClaim, due: Due) -> bool:
        """Record that the bytes are about to leave. Return False if that could not be written, or if the lane
        is no longer ours."""
        try:
            if not due.lines:
                return await self._leaving.submit((claim, due.id))
            return all(await asyncio.gather(*map(self._leaving.submit, due.lines)))
        except (Transient, Misconfigured):  # already logged
            return False

    async def _mark_in_flight(self, leaving: Sequence[tuple[LaneClaim, UUID]]) -> list[bool]:
        async with self._database.statement() as connection:
            marked = await lanes.mark_in_flight(connection, leaving)
        return [delivery in marked for _, delivery in leaving]


@contextmanager
def _may_have_arrived(outlet: Outlet, due: Due) -> Iterator[None]:
    """Turn any error of ours in a transport into OutcomeUnknown: bytes may have left before the error, so
    nobody knows whether the partner has the delivery."""
    try:
        yield
    except HubError:
        raise
    except Exception as exc:
        where = cause_of(exc)[1]
        logger.error("delivery.bug", partner=outlet.partner.id, delivery=str(due.id), where=where)
        raise OutcomeUnknown("Le hub n'a pas su lire ce que le partenaire a répondu") from exc


def _blame(outlet: Outlet, due: Due, exc: Exception, now: float) -> None:
    """Count the error as a refusal by the partner, or log it as a bug of ours."""
    if isinstance(exc, Refused):
        outlet.refused(now, due.types, exc)
    elif not isinstance(exc, HubError):
        where = cause_of(exc)[1]
        logger.error("delivery.bug", partner=outlet.partner.id, delivery=str(due.id), where=where)


def _held_s(outlet: Outlet, due: Sequence[Due]) -> float:
    """Return the seconds for which a lane waits because its partner refuses all message types in the lane. 0
    for a delivery that may have arrived, which is settled at once."""
    if not outlet.refusals.rows or due[0].etat == "en_vol":
        return 0.0
    lane = frozenset().union(*(each.types for each in due))
    return outlet.refusals.waits_s(due[0].types, lane, time.monotonic())


def _why_it_may_be_there(outlet: Outlet, due: Due, exc: Refused) -> str | None:
    """Return why a refused lot may have arrived at an earlier attempt; None if the refusal proves the
    contrary."""
    if not due.is_lot:
        return None
    if isinstance(exc, NameTaken):
        return "peut-être arrivée : le fichier du lot est là, et n'est plus le même"
    if due.etat == "en_vol" and outlet.classe is ClasseLivraison.DEDUPLIQUE:
        return "peut-être arrivée : l'issue d'un premier envoi du lot est inconnue, et il est refusé depuis"
    return None


def _too_late(claimed_at: float, delai_s: float) -> bool:
    """Tell whether an answer could come after the end of the lane's lease."""
    return time.monotonic() - claimed_at + delai_s + LEASE_MARGIN_SECONDS > lease_of(delai_s)
