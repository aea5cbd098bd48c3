"""Send the due deliveries of one lane in order, and collect their results.

A failed delivery ends the sending. What follows a time-out depends on the partner. If it recognises repetitions,
it gets the same bytes again, under the same idempotency key. If it can be asked, it is first asked whether it has
the delivery. If it can do neither, an operator decides. A delivery that may have arrived stays recorded as in
flight.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID

import structlog

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
from contracts.ports import Receipt, Sink
from router.delivery.due import Due
from router.delivery.outlet import Outlet
from router.delivery.rendering import Forgotten, OfANewerVersion
from router.privacy.seen import Seen, seen
from router.process.group_commit import GroupCommit
from router.settings import DispatcherSettings
from router.store import lanes
from router.store.database import Database
from router.store.lanes import Finished, LaneClaim
from router.telemetry import traces
from router.triage import cause_of, in_short

logger = structlog.get_logger()
LEASE_MARGIN_SECONDS = 2.0
LEASE_SECONDS = 8.0
"""Seconds after the claim of a lane within which its deliveries may start. The lane's lease lasts longer, by the
partner's time-out and a margin."""


def lease_of(delai_s: float) -> float:
    """Return for how many seconds to claim a partner's lane. `delai_s` is the longest wait for the partner's
    response, in seconds."""
    return LEASE_SECONDS + delai_s + LEASE_MARGIN_SECONDS


class Sender:
    """Sender of the deliveries in the lanes that a process has claimed."""

    def __init__(
        self,
        database: Database,
        sinks: Callable[[Partner], Sink],
        settings: DispatcherSettings,
        forgot_since: Callable[[float], bool],
    ) -> None:
        """`forgot_since` tells whether a household was forgotten since a monotonic time, in seconds."""
        self._database = database
        self._forgot_since = forgot_since
        self._sinks = sinks
        self._settings = settings
        self._leaving = GroupCommit(self._mark_in_flight, "departs", max_group=settings.max_in_flight)
        self.stopping = False
        """True once the process stops: then no further delivery leaves."""

    async def send(self, claim: LaneClaim, outlet: Outlet, due: Sequence[Due], claimed_at: float) -> Finished:
        """Send a lane's due deliveries in order, and return the results. If the partner does not recognise
        repetitions, send only the first delivery, so that after a crash the outcome of at most one delivery is
        unknown. `claimed_at` is the monotonic time just before the claim, in seconds. Nothing is sent if the
        lease could end before the partner's response. Nothing is sent either if a household was forgotten after
        the claim, because `due` may still name this household."""
        result = Finished(claim)
        if not due:  # nothing can be sent: do not claim the lane again at once
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
        """Send a delivery, and note its outcome in `result`. Return True if the lane's next delivery may follow
        at once."""
        if _too_late(claimed_at, outlet.delai_s) or self._forgot_since(claimed_at):
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
        except OfANewerVersion:  # not counted by the breaker, because the partner is not at fault
            result.wait_s = self._settings.backoff_first_s
            return False
        except Exception as exc:  # noqa: BLE001  `_note_failure` handles it by its type
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
        """Ask the partner whether it has a delivery that may have arrived, and note the outcome in `result`. Do
        not send the delivery again. Return False if the outcome is not known yet: the partner cannot be asked
        now, or this process cannot render the delivery."""
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
        except Exception as exc:  # noqa: BLE001  `_note_failure` handles it by its type
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
        """Send a delivery. Return its receipt, and the hash of the bytes with its nonce; None in place of the
        hash if the arrival is not proven. If the delivery must not be sent now, return None alone: it was
        closed, another process may be sending it, or the database cannot be used.

        If the delivery may have arrived earlier, and the partner can be asked (`INTERROGEABLE`), first ask
        whether the partner has it. If so, send nothing, and return an empty receipt with the hash.
        """
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
        if _too_late(claimed_at, outlet.delai_s):  # the question took too long: another process may soon send
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
            result.error, result.reply = exc.told, due.keep(reply)
            result.tried = due.id
            result.in_doubt = isinstance(exc, OutcomeUnknown) or due.etat == "en_vol"
        elif isinstance(exc, Refused) and (why := _why_it_may_be_there(outlet, due, exc)):
            outlet.refused(now, due.types, exc)
            result.settled += due.settled("incertaine", f"{why} : {exc}", reply)
        else:
            _blame(outlet, due, exc, now)
            result.settled += due.settled("refusee", in_short(exc), reply)

    def _waits(self, outlet: Outlet, claim: LaneClaim, exc: HubError, now: float) -> float:
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
        """Try to record a delivery or lot as in flight, and return whether it was recorded. If False, it must not be
        sent: it was closed, another process has its lane, or the database cannot be used."""
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
    try:
        yield
    except HubError:
        raise
    except Exception as exc:
        where = cause_of(exc)[1]
        logger.error("delivery.bug", partner=outlet.partner.id, delivery=str(due.id), where=where)
        raise OutcomeUnknown("Le hub n'a pas su lire ce que le partenaire a répondu") from exc


def _blame(outlet: Outlet, due: Due, exc: Exception, now: float) -> None:
    if isinstance(exc, Refused):
        outlet.refused(now, due.types, exc)
    elif not isinstance(exc, HubError):
        where = cause_of(exc)[1]
        logger.error("delivery.bug", partner=outlet.partner.id, delivery=str(due.id), where=where)


def _held_s(outlet: Outlet, due: Sequence[Due]) -> float:
    if not outlet.refusals.by_type or due[0].etat == "en_vol":
        return 0.0
    lane = frozenset().union(*(each.types for each in due))
    return outlet.refusals.waits_s(due[0].types, lane, time.monotonic())


def _why_it_may_be_there(outlet: Outlet, due: Due, exc: Refused) -> str | None:
    if not due.is_lot:
        return None
    if isinstance(exc, NameTaken):
        return "peut-être arrivée : le fichier du lot est là, et n'est plus le même"
    if due.etat == "en_vol" and outlet.classe is ClasseLivraison.DEDUPLIQUE:
        return "peut-être arrivée : l'issue d'un premier envoi du lot est inconnue, et il est refusé depuis"
    return None


def _too_late(claimed_at: float, delai_s: float) -> bool:
    """Tell whether a lane's lease might end before the response to a delivery that starts now. `claimed_at` is
    the monotonic time just before the lane's claim, and `delai_s` the longest wait for the response, both in
    seconds."""
    return time.monotonic() - claimed_at + delai_s + LEASE_MARGIN_SECONDS > lease_of(delai_s)
