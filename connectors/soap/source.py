"""Read from the SNE which demands of households that the hub knows have left the register, or have come back."""

import hashlib
import ssl
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiohttp import ClientSession

from connectors.byte_budget import ByteBudget
from connectors.http_client import Exchange, media_type_of, new_session, parsed, read_at_most
from connectors.http_outcome import outcome
from connectors.reading import AT_ONCE, AnswerReading
from connectors.soap.radiations import ACTION, Radiation, file_about, question, radiations_of
from connectors.soap.tls import context_of, is_about_our_certificate
from contracts.errors import InvalidNative, Misconfigured, OutcomeUnknown, PartnerUnavailable, Refused
from contracts.ports import Candidacies, IntakeReport, Native
from contracts.sne import EntreeSne

ANSWER_MAX_BYTES = 7 * 1024 * 1024
"""Largest answer of the SNE in bytes. In base64 it still fits into one text that the XML parser takes (ten
million characters)."""
OVERLAP = timedelta(days=31)
"""Time before the last complete look at the SNE from which removals are asked for again: an office may enter
a removal late, under its true day."""
HEADERS = {"Content-Type": f'application/soap+xml; charset=utf-8; action="{ACTION}"'}


class SneSource:
    """Source of the removals of demands that the SNE reports to one partner: one file for each candidacy that
    the hub knows under the number of a removed demand. All other demands are dropped unread.

    It remembers the settled removals in memory only: a new process asks for `jours` again, and the hub
    recognises by their keys the removals that it already has.
    """

    def __init__(
        self,
        entree: EntreeSne,
        candidacies: Candidacies,
        budget: ByteBudget | None = None,
        reading: AnswerReading = AT_ONCE,
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Prepare the source. `now` is in seconds since the epoch. Raises Misconfigured for an impossible URL."""
        self._entree = entree
        self._url = parsed(entree.url)
        self._candidacies = candidacies
        self._budget = budget or ByteBudget(ANSWER_MAX_BYTES)
        self._reading = reading
        self._now = now
        self._session: ClientSession | None = None
        self._tls: ssl.SSLContext | None = None
        self._looked_at: datetime | None = None
        """Moment of the last look whose removals are all settled; None before the first."""
        self._looking_at: datetime | None = None
        """Moment of the last look, if it offered everything; None if it did not."""
        self._offered: set[str] = set()
        self._settled: set[str] = set()

    async def fetch(self) -> AsyncIterator[Native]:
        """Yield a file for each removal of a demand that the hub has not accepted or refused yet, earliest
        first.

        Raises PartnerUnavailable if the SNE is away, Throttled if it asks to wait, or Misconfigured (a
        certificate that is refused, or an answer that is too long).
        """
        self._advance()
        looking_at = datetime.fromtimestamp(self._now(), UTC)
        removals = await self._asked(self._since(looking_at))
        known = await self._candidacies({each.number for each in removals})
        seen = set[str]()
        for each in removals:
            for candidacy in known.get(each.number, ()):
                body = file_about(each, candidacy)
                key = hashlib.sha256(body).hexdigest()
                seen.add(key)
                if key in self._settled:
                    continue
                self._offered.add(key)
                await self._budget.wait_for(len(body))
                yield Native(body, "application/xml", cle=key)
        self._settled &= seen
        self._looking_at = looking_at

    async def done(self, native: Native, report: IntakeReport) -> None:
        """Remember that the hub has accepted this removal of a demand. The SNE has no place for a report.
        Idempotent."""
        key = native.cle or ""
        self._offered.discard(key)
        self._settled.add(key)

    async def close(self) -> None:
        """Close the connections to the SNE. Idempotent."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _since(self, now: datetime) -> datetime:
        """Return the moment since which removals of demands are to be asked for."""
        earliest = now - timedelta(days=self._entree.jours)
        return earliest if self._looked_at is None else max(earliest, self._looked_at - OVERLAP)

    def _advance(self) -> None:
        """Make later looks ask for newer removals only, if every removal that the last look offered is
        settled: accepted or refused."""
        if self._looking_at is not None and not self._offered:
            self._looked_at = self._looking_at
        self._looking_at = None
        self._offered.clear()

    async def _asked(self, since: datetime) -> list[Radiation]:
        try:
            return await self._answered(since, time.monotonic() + self._entree.delai_s)
        except Refused as exc:
            raise Misconfigured("Le SNE refuse la question : le certificat est-il habilité ?") from exc
        except InvalidNative as exc:
            raise PartnerUnavailable("Le SNE a répondu autre chose que ce que dit son WSDL") from exc
        except OutcomeUnknown as exc:
            self._tls = None  # a renewed certificate is read at the next attempt
            if is_about_our_certificate(exc):
                raise Misconfigured("Le SNE n'accepte pas le certificat du partenaire") from exc
            raise

    async def _answered(self, since: datetime, deadline: float) -> list[Radiation]:
        self._tls = self._tls or context_of(self._entree.certificat, self._entree.autorite)
        self._session = self._session or new_session()
        body = _question(since, Path(self._entree.certificat))
        async with Exchange(
            self._session, "POST", self._url, body, HEADERS, deadline, tls=self._tls
        ) as response:
            said = await read_at_most(response.content, ANSWER_MAX_BYTES + 1)
            reply = Native(said, media_type_of(response))
            error = outcome(response.status, response.headers, self._now)
        if len(said) > ANSWER_MAX_BYTES:
            raise Misconfigured(
                f"Le SNE répond plus de {ANSWER_MAX_BYTES // 1024**2} Mio : diminuez « jours »"
            )
        if error is not None and not (said and isinstance(error, Refused | OutcomeUnknown)):
            raise error
        found = await self._reading.of(len(said), deadline, radiations_of, reply)
        if error is not None:
            raise error
        return found


def _question(since: datetime, certificate: Path) -> bytes:
    return question(since, certificate.name, certificate.read_text("latin-1"))
