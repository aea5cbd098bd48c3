"""One lease of a lane: send what is due, in order, and note what came of each delivery.

A delivery that did not get through ends the lease: what follows it goes out once that is on record. What a time-out
means depends on the partner's class: the same bytes again under the same key, or never again without a human. Whatever
its class, what may have arrived stays in flight: the class may be another one by the next lease.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

import structlog

from contracts.envelope import Attributes
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
from router.delivery.outlet import Outlet
from router.delivery.rendering import Forgotten, OfANewerVersion, Opened
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
"""How long a lane may go on sending. Its lease lasts one time-out and the margin longer: what its successor sends comes
after."""
UNWRITTEN = "le hub n'a pu écrire tout ce qu'il en est advenu"


def lease_of(delai_s: float) -> float:
    """Seconds for which a lane of a partner with this time-out is claimed."""
    return LEASE_SECONDS + delai_s + LEASE_MARGIN_SECONDS


def keep_nothing(_: Native | None) -> None:
    """`Due.keep` where no key may seal an answer: a lot may name several households, and what cannot be read none."""


class Due(NamedTuple):
    """One delivery, or one lot of them, ready to be sent; `render` raises where it cannot be."""

    id: UUID
    etat: str
    attributes: Attributes
    opened: Callable[[], Opened]
    """What its partner may see of it."""
    render: Callable[[], Native]
    keep: Callable[[Native | None], bytes | None]
    """What is kept of the partner's answer: cut and sealed."""
    lines: Sequence[tuple[LaneClaim, UUID]] = ()
    """Lanes and deliveries that leave as one, where they are a lot."""

    @property
    def is_lot(self) -> bool:
        """Whether it stands for several deliveries. Then it is on record that it has left, whatever its partner
        recognises: what is refused leaves again in other lots, under other keys."""
        return bool(self.lines)


@dataclass(slots=True)
class LaneResult:
    """What one lease of a lane came to, while it is under way."""

    claim: LaneClaim
    settled: list[Settled] = field(default_factory=list)
    received: list[tuple[Due, datetime]] = field(default_factory=list)
    """What the partner proved to have received, and when."""
    wait_s: float = 0.0
    tried: UUID | None = None
    """The delivery that was tried and did not get through, as far as is known, for which the lane waits."""
    in_doubt: bool = False
    """Whether it may have arrived all the same, then or earlier."""
    why: str | None = None
    """Why the lane waits."""
    reply: bytes | None = None
    """What the partner answered to the delivery that was tried."""

    def settle(self, due: Due, etat: str, error: str | None = None, reply: Native | None = None) -> None:
        """Nothing more is to be done for a delivery, or a human decides."""
        self.settled.append(Settled(due.id, etat, error, due.keep(reply)))

    @property
    def least(self) -> "LaneResult":
        """What must be written of it where the whole cannot be: no answer and no receipt. So what has arrived is
        uncertain, and a human says so in its stead."""
        settled = [
            Settled(each.delivery, "incertaine" if each.etat == "livree" else each.etat, UNWRITTEN)
            for each in self.settled
        ]
        return LaneResult(self.claim, settled, wait_s=self.wait_s, tried=self.tried, in_doubt=self.in_doubt)

    @property
    def finished(self) -> Finished:
        """As the store writes it."""
        return Finished(
            self.claim, self.settled, self.wait_s, self.tried, self.in_doubt, self.why, self.reply
        )


class Sender:
    """Sends for all lanes of a process. Waits for partners only, and for the record of what is about to leave."""

    def __init__(
        self, database: Database, sinks: Callable[[Partner], Sink], settings: DispatcherSettings
    ) -> None:
        self._database = database
        self._sinks = sinks
        self._settings = settings
        self._leaving = GroupCommit(self._mark_in_flight, "departs", max_group=settings.max_in_flight)
        self.stopping = False
        """Whether nothing more may be begun."""

    async def send(
        self, claim: LaneClaim, outlet: Outlet, due: Sequence[Due], claimed_at: float
    ) -> LaneResult:
        """Send what is due of a lane that was claimed at this monotonic time. A partner that does not recognise a
        repetition is sent one delivery a lease: a crash leaves no more in doubt than that."""
        result = LaneResult(claim)
        if not due:  # its deliveries were decided on meanwhile, or cannot be read: nothing here may spin
            result.wait_s = self._settings.backoff_first_s
        batch = due if outlet.classe is ClasseLivraison.DEDUPLIQUE else due[:1]
        for delivery in batch:
            if self.stopping or not await self._send_one(outlet, delivery, result, claimed_at):
                break
        return result

    async def _send_one(self, outlet: Outlet, due: Due, result: LaneResult, claimed_at: float) -> bool:
        """Send one delivery and note what came of it; whether the next one may leave under the same lease."""
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
                receipt = await self._attempt(outlet, due, result.claim, claimed_at)
        except Forgotten:
            result.settle(due, "oubliee")
            return True
        except OfANewerVersion:  # the partner has nothing to do with it: its breaker does not hear of it
            result.wait_s = self._settings.backoff_first_s
            return False
        except Exception as exc:  # noqa: BLE001  decided by kind: a bug in one delivery is that delivery's task
            self._note_failure(outlet, due, result, exc)
            return False
        if receipt is None:
            deduplicates = outlet.classe is ClasseLivraison.DEDUPLIQUE
            result.tried, result.in_doubt = due.id, deduplicates and due.etat == "en_vol"
            return False
        outlet.answered()
        result.settle(due, "livree" if receipt.proven else "deposee", reply=receipt.reply)
        if receipt.proven:
            result.received.append((due, datetime.now(UTC)))
        return True

    async def _ask_only(self, outlet: Outlet, due: Due, result: LaneResult) -> bool:
        """Settle what may have left, to a partner that is never sent the same twice: it has arrived where the partner
        can be asked and says so. One that does not answer is asked again; all else is for a human. Whether the next
        delivery may leave under the same lease."""
        if not outlet.partner.can_be_asked:
            result.settle(due, "incertaine", "interrompue pendant l'envoi")
            return True
        try:
            arrived = await outlet.sink(self._sinks).has_received(due.render(), str(due.id))
        except Forgotten:
            result.settle(due, "oubliee")
        except OfANewerVersion:
            result.wait_s = self._settings.backoff_first_s
            return False
        except (Transient, Misconfigured) as exc:
            result.wait_s = self._waits(outlet, result.claim, exc, time.monotonic())
            return False
        except Exception as exc:  # noqa: BLE001  decided by kind, as where it is sent
            _blame(outlet, due, exc, time.monotonic())
            result.settle(due, "incertaine", f"le partenaire n'a pu être interrogé : {in_short(exc)}")
        else:
            outlet.answered()
            if arrived:
                result.settle(due, "livree")
                result.received.append((due, datetime.now(UTC)))
            else:
                result.settle(due, "incertaine", "interrogé, le partenaire ne l'a pas, ou plus")
        return True

    async def _attempt(self, outlet: Outlet, due: Due, claim: LaneClaim, claimed_at: float) -> Receipt | None:
        """The receipt of a delivery, asked for where the partner may have it already; None where it did not leave,
        for the lane is no longer ours or too little is left of its lease. Raises what rendering or the sink does."""
        key = str(due.id)
        native = due.render()
        sink = outlet.sink(self._sinks)
        asks = due.etat == "en_vol" and outlet.classe is ClasseLivraison.INTERROGEABLE
        with _may_have_arrived(outlet, due):
            if asks and await sink.has_received(native, key):
                return Receipt()
        on_record = outlet.classe is not ClasseLivraison.DEDUPLIQUE or due.is_lot
        if on_record and not await self._may_leave(claim, due):
            return None
        if _too_late(claimed_at, outlet.delai_s):  # to ask took its time: a successor may be about to send
            return None
        with _may_have_arrived(outlet, due):
            return await sink.send(native, key)

    def _note_failure(self, outlet: Outlet, due: Due, result: LaneResult, exc: Exception) -> None:
        """What an error means for the delivery, its lane and its partner."""
        now = time.monotonic()
        reply = exc.reply if isinstance(exc, HubError) else None
        if isinstance(exc, OutcomeUnknown) and outlet.classe is ClasseLivraison.AUCUNE:
            outlet.failed(now, exc)
            result.settle(due, "incertaine", str(exc), reply)
        elif isinstance(exc, Transient | Misconfigured):
            result.wait_s = self._waits(outlet, result.claim, exc, now)
            result.why, result.reply = str(exc), due.keep(reply)
            result.tried = due.id
            result.in_doubt = isinstance(exc, OutcomeUnknown) or due.etat == "en_vol"
        elif isinstance(exc, Refused) and (why := _why_it_may_be_there(outlet, due, exc)):
            outlet.refused(now, exc)
            result.settle(due, "incertaine", f"{why} : {exc}", reply)
        else:
            _blame(outlet, due, exc, now)
            result.settle(due, "refusee", in_short(exc), reply)

    def _waits(self, outlet: Outlet, claim: LaneClaim, exc: HubError, now: float) -> float:
        """Seconds that the lane waits; where the partner as a whole does, its breaker knows better when."""
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
        """Record that the bytes are about to leave; False when that could not be written, or a lane is no longer
        ours."""
        try:
            if not due.lines:
                return await self._leaving.submit((claim, due.id))
            return all(await asyncio.gather(*map(self._leaving.submit, due.lines)))
        except (Transient, Misconfigured):  # the log has it
            return False

    async def _mark_in_flight(self, leaving: Sequence[tuple[LaneClaim, UUID]]) -> list[bool]:
        async with self._database.statement() as connection:
            marked = await lanes.mark_in_flight(connection, leaving)
        return [delivery in marked for _, delivery in leaving]


@contextmanager
def _may_have_arrived(outlet: Outlet, due: Due) -> Iterator[None]:
    """Turn a bug of a transport into OutcomeUnknown. Its bytes may have left before, and what breaks over an answer
    says neither that the partner took the delivery nor that it refused it."""
    try:
        yield
    except HubError:
        raise
    except Exception as exc:
        where = cause_of(exc)[1]
        logger.error("delivery.bug", partner=outlet.partner.id, delivery=str(due.id), where=where)
        raise OutcomeUnknown("Le hub n'a pas su lire ce que le partenaire a répondu") from exc


def _blame(outlet: Outlet, due: Due, exc: Exception, now: float) -> None:
    """A refusal is the partner's and counts for its breaker; a bug is ours and goes to our log."""
    if isinstance(exc, Refused):
        outlet.refused(now, exc)
    elif not isinstance(exc, HubError):
        where = cause_of(exc)[1]
        logger.error("delivery.bug", partner=outlet.partner.id, delivery=str(due.id), where=where)


def _why_it_may_be_there(outlet: Outlet, due: Due, exc: Refused) -> str | None:
    """Why a lot may have arrived before although it is refused; None where the refusal proves that it has not. Who can
    be asked was, before it was sent again."""
    if not due.is_lot:
        return None
    if isinstance(exc, NameTaken):
        return "peut-être arrivée : le fichier du lot est là, et n'est plus le même"
    if due.etat == "en_vol" and outlet.classe is ClasseLivraison.DEDUPLIQUE:
        return "peut-être arrivée : l'issue d'un premier envoi du lot est inconnue, et il est refusé depuis"
    return None


def _too_late(claimed_at: float, delai_s: float) -> bool:
    """Whether an answer could come after the lease of the lane."""
    return time.monotonic() - claimed_at + delai_s + LEASE_MARGIN_SECONDS > lease_of(delai_s)
