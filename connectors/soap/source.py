"""Ask the SNE (the national register of demands for social housing) which demands were removed or have come
back, and report this for each candidacy of such a demand that the hub knows."""

import hashlib
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiohttp import ClientSession

from connectors.byte_budget import ByteBudget
from connectors.http_client import exchange, media_type_of, new_session, parsed, read_at_most
from connectors.http_outcome import outcome
from connectors.reading import AT_ONCE, AnswerReading
from connectors.soap.envelope import http_headers
from connectors.soap.radiations import ACTION, Radiation, file_about, question, radiations_of
from connectors.soap.tls import context_of, is_about_our_certificate, text_of
from contracts.errors import InvalidNative, Misconfigured, OutcomeUnknown, PartnerUnavailable, Refused
from contracts.ports import Candidacies, IntakeReport, Native
from contracts.sne import EntreeSne

ANSWER_MAX_BYTES = 7 * 1024 * 1024
"""Size of the largest reply of the SNE that is read. Even in base64, such a reply still fits into the XML
parser."""
HEADERS = http_headers("1.2", ACTION)


class SneSource:
    """Source of removals from the SNE. Each call of `fetch` asks for the removals of the last `jours` days,
    and yields one file for each candidacy of a removed demand. Settled files are remembered only in memory:
    after a restart all are offered again, and the hub recognises them by their idempotency keys."""

    def __init__(
        self,
        entree: EntreeSne,
        candidacies: Candidacies,
        budget: ByteBudget | None = None,
        reading: AnswerReading = AT_ONCE,
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Prepare the source. Each file takes its bytes from `budget`, by default one of 7 MiB for this
        source alone; whoever receives the file gives them back. Raises Misconfigured for an impossible URL.

        `candidacies` finds the candidacies of a demand. `reading` parses the responses of the SNE, by default
        in this process. `now`: clock, which returns seconds since the epoch.
        """
        self._entree = entree
        self._url = parsed(entree.url)
        self._candidacies = candidacies
        self._budget = budget or ByteBudget(ANSWER_MAX_BYTES)
        self._reading = reading
        self._now = now
        self._session: ClientSession | None = None
        self._settled: set[str] = set()

    async def fetch(self) -> AsyncIterator[Native]:
        """Ask the SNE which demands were removed, and yield these removals, earliest first: one file for each
        candidacy of the removed demand. Files that are already settled are left out.

        Raises PartnerUnavailable or Throttled if the SNE gives no list of removals now; Misconfigured if it
        refuses the certificate or the question, or if its reply is too long.
        """
        since = datetime.fromtimestamp(self._now(), UTC) - timedelta(days=self._entree.jours)
        removals = await self._asked(since)
        known = await self._candidacies({each.number for each in removals})
        seen = set[str]()
        for each in removals:
            for candidacy in known.get(each.number, ()):
                body = file_about(each, candidacy)
                key = hashlib.sha256(body).hexdigest()
                seen.add(key)
                if key in self._settled:
                    continue
                await self._budget.wait_for(len(body))
                yield Native(body, "application/xml", cle=key)
        self._settled &= seen

    async def done(self, native: Native, report: IntakeReport) -> None:
        """Mark the file `native` as settled. Idempotent."""
        self._settled.add(native.cle or "")

    async def close(self) -> None:
        """Close the connections to the SNE. Idempotent."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _asked(self, since: datetime) -> list[Radiation]:
        try:
            return await self._answered(since, time.monotonic() + self._entree.delai_s)
        except Refused as exc:
            raise Misconfigured("Le SNE refuse la question : le certificat est-il habilité ?") from exc
        except InvalidNative as exc:
            raise PartnerUnavailable("Le SNE a répondu autre chose que ce que dit son WSDL") from exc
        except OutcomeUnknown as exc:
            if is_about_our_certificate(exc):
                raise Misconfigured("Le SNE n'accepte pas le certificat du partenaire") from exc
            raise

    async def _answered(self, since: datetime, deadline: float) -> list[Radiation]:
        certificat = Path(self._entree.certificat)
        tls = context_of(self._entree.certificat, self._entree.autorite)  # at each look: it may be a new one
        body = question(since, certificat.name, text_of(certificat))
        self._session = self._session or new_session()
        async with exchange(self._session, "POST", self._url, body, HEADERS, deadline, tls=tls) as response:
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
