"""Offer the changed records of a partner's REST service to the hub, each as one JSON document."""

import hashlib
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from urllib.parse import quote

import structlog
from pydantic_core import to_json

from connectors.byte_budget import ByteBudget
from connectors.reading import AT_ONCE, AnswerReading
from connectors.rest.fiches import Fiche, Settled
from connectors.rest.reading import VALUES, TooMuch, check, lines_of
from connectors.rest.session import RestSession
from contracts.errors import HubError, Misconfigured, PartnerUnavailable
from contracts.ports import IntakeReport, Native
from contracts.rest import DEPUIS, FICHE, EntreeRest

LIST_MAX_BYTES = 8 * 1024 * 1024
OBJECT_MAX_BYTES = 1024 * 1024
FAILURES_TO_STOP = 8
"""Number of unreadable records at which one reading of the list stops."""
FROM_THE_BEGINNING = datetime(1970, 1, 1)  # noqa: DTZ001  moments of the service's own clock, in no zone
OVERLAP = timedelta(days=1)
"""Time by which two successive lists of changes overlap, because changes may appear out of order."""
AGAIN_SECONDS, AGAIN_AT_ONCE = 300.0, 100
"""Time after which a record that may still change is read again, and maximum number of such records that one
call reads again."""

T = TypeVar("T")

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Read:
    """Record of the partner's REST service, as offered to the hub, with two times: when the response that names
    the record was read, and when the record itself was read."""

    fiche: Fiche
    listed_at: float
    read_at: float


class RestSource:
    """Source of the records of one REST service. Settled contents are remembered only in memory: after a
    restart all records are offered again, and the hub recognises them by their idempotency keys."""

    def __init__(
        self,
        entree: EntreeRest,
        budget: ByteBudget | None = None,
        reading: AnswerReading = AT_ONCE,
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Prepare the source. The source takes each record's bytes from `budget`, and whoever receives the
        record gives them back. Raises Misconfigured for an impossible URL.

        `reading` parses the responses of the REST service, by default in this process. `now`: clock, which
        returns seconds since the epoch.
        """
        self._entree = entree
        self._session = RestSession(entree, now=now)
        self._reading = reading
        self._budget = budget or ByteBudget(LIST_MAX_BYTES)
        self._now = now
        self._since = FROM_THE_BEGINNING
        self._newest: datetime | None = None
        """Date of the latest change among the records that the last call of `fetch` found changed, without
        dates in the future. None if there is none, if the call could not read all of these records, or if one
        of them has no readable date."""
        self._offered: dict[str, _Read] = {}
        self._settled: dict[str, Settled] = {}

    async def fetch(self) -> AsyncIterator[Native]:
        """Yield the records that are new or changed. Pass over an unreadable record, and try it again at the
        next call. After eight unreadable records, leave the rest for the next call.

        Raises PartnerUnavailable at once if the list of records cannot be read, or after the last record if
        any record was unreadable. Raises Throttled or Misconfigured at once.
        """
        self._advance()
        fiches = await self._listed()
        listed_at = self._now()
        changed = [fiche for fiche in fiches if self._known(fiche) is None]
        failures: list[HubError] = []
        for fiche in [*changed, *self._to_read_again(fiches, listed_at)]:
            read = _Read(fiche, listed_at, self._now())
            try:
                native = await self._read(read)
            except PartnerUnavailable as exc:
                failures.append(exc)
                if len(failures) == FAILURES_TO_STOP:
                    break
            else:
                if native is None:
                    continue
                self._offered[native.cle or ""] = read
                await self._budget.wait_for(len(native.body))
                yield native
        if failures:
            raise failures[0]
        self._newest = self._newest_of(changed, listed_at)

    async def done(self, native: Native, report: IntakeReport) -> None:
        """Note that the hub has accepted or refused the record in `native`. The source offers this record again
        only if the record changes, or if its line changes in the list of records that the partner's service
        gives. Idempotent."""
        key = native.cle or ""
        read = self._offered.pop(key, None)
        if read is None:
            return
        known = self._known(read.fiche)
        keys, until = (
            ((), read.fiche.may_change_until(read.listed_at))
            if known is None
            else (known.keys, known.may_change_until)
        )
        self._settled[read.fiche.number] = Settled(
            read.fiche.state, (*keys, key), until, read.read_at, read.read_at
        )

    async def close(self) -> None:
        """Close the session with the service. Idempotent."""
        await self._session.close()

    def _known(self, fiche: Fiche) -> Settled | None:
        settled = self._settled.get(fiche.number)
        return settled if settled is not None and settled.state == fiche.state else None

    def _to_read_again(self, fiches: Sequence[Fiche], now: float) -> list[Fiche]:
        due = [
            (known.tried_at, fiche)
            for fiche in fiches
            if (known := self._known(fiche)) is not None
            and not known.is_final()
            and now - known.tried_at >= AGAIN_SECONDS
        ]
        due.sort(key=lambda each: each[0])
        return [fiche for _, fiche in due[:AGAIN_AT_ONCE]]

    async def _listed(self) -> list[Fiche]:
        path = self._entree.liste.replace(DEPUIS, quote(self._since.isoformat()))
        body = await self._session.read(path, LIST_MAX_BYTES)
        try:
            return await self._read_apart(lines_of, body or b"[]")
        except TooMuch as exc:
            raise Misconfigured(
                f"La liste des fiches est trop longue (plus de {VALUES} valeurs) : « liste » ne doit donner que"
                " les ménages prêts au logement qui ont changé"
            ) from exc
        except (ValueError, KeyError, TypeError) as exc:
            raise Misconfigured(
                "La liste des fiches n'a pas la forme attendue : « liste » est-il juste ?"
            ) from exc

    async def _read(self, read: _Read) -> Native | None:
        fiche, known = read.fiche, self._known(read.fiche)
        if known is not None:
            known.tried_at = read.read_at
        parts = [
            to_json(document.nom) + b":" + await self._object(document.chemin, fiche)
            for document in self._entree.documents
        ]
        body = b"{" + b",".join(parts) + b"}"
        key = hashlib.sha256(fiche.state + b"\0" + body).hexdigest()
        if known is not None:
            if key == known.keys[-1].partition("/")[0]:
                known.read_at = read.read_at
                return None
            known.tried_at = 0.0  # if it is not settled, the next look tries it again
            if key in known.keys:  # an earlier content is back: no repetition
                key = f"{key}/{len(known.keys)}"
        return Native(body, "application/json", cle=key)

    async def _object(self, path: str, fiche: Fiche) -> bytes:
        body = await self._session.read(path.replace(FICHE, fiche.number), OBJECT_MAX_BYTES) or b"null"
        try:
            await self._read_apart(check, body)
        except TooMuch as exc:
            raise PartnerUnavailable(f"Une fiche du partenaire tient plus de {VALUES} valeurs") from exc
        except ValueError as exc:
            raise PartnerUnavailable("Le partenaire a répondu autre chose que du JSON") from exc
        return body

    async def _read_apart(self, function: Callable[[bytes], T], body: bytes) -> T:
        deadline = time.monotonic() + self._entree.delai_s
        return await self._reading.of(len(body), deadline, function, body)

    def _newest_of(self, changed: Sequence[Fiche], now: float) -> datetime | None:
        ahead = sum(fiche.is_ahead(now) for fiche in changed)
        if ahead:
            _log.warning("source.dated_ahead", number=ahead)
        moments = [fiche.moment for fiche in changed if not fiche.is_ahead(now)]
        dated = [moment for moment in moments if moment is not None]
        # a change without a date may be the latest
        return max(dated, default=None) if len(dated) == len(moments) else None

    def _advance(self) -> None:
        if self._newest is not None and not self._offered:
            since = max(self._newest, FROM_THE_BEGINNING + OVERLAP) - OVERLAP
            self._since = max(self._since, since.replace(hour=0, minute=0, second=0, microsecond=0))
        self._newest = None
        self._offered.clear()
