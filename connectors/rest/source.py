"""Fiches that have changed: listed, read object by object, and offered as one JSON document each."""

import hashlib
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from pydantic_core import from_json, to_json

from connectors.byte_budget import ByteBudget
from connectors.rest.session import RestSession
from contracts.errors import HubError, Misconfigured, PartnerUnavailable
from contracts.ports import IntakeReport, Native
from contracts.rest import DEPUIS, FICHE, EntreeRest

LIST_MAX_BYTES = 20 * 1024 * 1024
OBJECT_MAX_BYTES = 1024 * 1024
FAILURES_TO_STOP = 8
"""Fiches that may fail before the others wait for the next look."""
FROM_THE_BEGINNING = datetime(1970, 1, 1)  # noqa: DTZ001  moments of the service's own clock, in no zone
OVERLAP = timedelta(days=1)
"""What has changed so long before the newest change is listed again: changes may become visible out of order."""

_NUMBER = re.compile(r"\d{1,18}")


@dataclass(frozen=True, slots=True)
class Fiche:
    """One line of the list: whose it is, and what distinguishes it from the same fiche before."""

    number: str
    state: bytes
    moment: datetime | None
    """When it changed, where the service says it in ISO 8601."""


class RestSource:
    """The fiches of one service. What is settled is remembered here alone: a new process reads all of them again, and
    the hub knows by their keys which it has."""

    def __init__(
        self,
        entree: EntreeRest,
        budget: ByteBudget | None = None,
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Raises Misconfigured for an impossible URL."""
        self._entree = entree
        self._session = RestSession(entree, now=now)
        self._budget = budget or ByteBudget(LIST_MAX_BYTES)
        self._since = FROM_THE_BEGINNING
        self._newest: datetime | None = None
        """Up to which the last look saw and read everything."""
        self._offered: dict[str, Fiche] = {}
        self._settled: dict[str, bytes] = {}

    async def fetch(self) -> AsyncIterator[Native]:
        """Each fiche that has changed since it was settled, in the order of the list.

        One that cannot be read does not stand before the others: it is tried again at the next look. Raises at the
        end, or after eight, PartnerUnavailable, Throttled or Misconfigured.
        """
        self._advance()
        fiches = await self._changed()
        failures: list[HubError] = []
        for fiche in fiches:
            try:
                native = await self._read(fiche)
            except PartnerUnavailable as exc:
                failures.append(exc)
                if len(failures) == FAILURES_TO_STOP:
                    break
            else:
                self._offered[native.cle or ""] = fiche
                await self._budget.wait_for(len(native.body))
                yield native
        if failures:
            raise failures[0]
        moments = [fiche.moment for fiche in fiches if fiche.moment is not None]
        self._newest = max(moments) if len(moments) == len(fiches) > 0 else None

    async def done(self, native: Native, report: IntakeReport) -> None:
        """Remember that this state of the fiche is taken in. The service has no place for a report. Idempotent."""
        fiche = self._offered.pop(native.cle or "", None)
        if fiche is not None:
            self._settled[fiche.number] = fiche.state

    async def close(self) -> None:
        """Close the session. Idempotent."""
        await self._session.close()

    async def _changed(self) -> list[Fiche]:
        path = self._entree.liste.replace(DEPUIS, quote(self._since.isoformat()))
        body = await self._session.read(path, LIST_MAX_BYTES)
        try:
            tree = from_json(body or b"[]")
            lines = tree["result"] if isinstance(tree, dict) else tree
            fiches = [_fiche(line) for line in lines]
        except (ValueError, KeyError, TypeError) as exc:
            raise Misconfigured(
                "La liste des fiches n'a pas la forme attendue : « liste » est-il juste ?"
            ) from exc
        return [fiche for fiche in fiches if self._settled.get(fiche.number) != fiche.state]

    async def _read(self, fiche: Fiche) -> Native:
        parts = [
            to_json(document.nom) + b":" + await self._object(document.chemin, fiche)
            for document in self._entree.documents
        ]
        body = b"{" + b",".join(parts) + b"}"
        key = hashlib.sha256(fiche.state + b"\0" + body).hexdigest()
        return Native(body, "application/json", cle=key)

    async def _object(self, path: str, fiche: Fiche) -> bytes:
        """One object as the service wrote it; `null` where it has none."""
        body = await self._session.read(path.replace(FICHE, fiche.number), OBJECT_MAX_BYTES) or b"null"
        try:
            from_json(body)
        except ValueError as exc:
            raise PartnerUnavailable("Le partenaire a répondu autre chose que du JSON") from exc
        return body

    def _advance(self) -> None:
        """List less from now on, where all that the last look saw is settled."""
        if self._newest is not None and not self._offered:
            self._since = max(self._since, self._newest - OVERLAP)
        self._newest = None
        self._offered.clear()


def _fiche(line: Mapping[str, Any]) -> Fiche:
    number = str(line["ficheId"])
    if not _NUMBER.fullmatch(number):
        raise ValueError("numéro de fiche")
    return Fiche(number, to_json(line), _moment(line.get("dateModification")))


def _moment(value: object) -> datetime | None:
    with suppress(ValueError):
        return datetime.fromisoformat(str(value)).replace(tzinfo=None)
    return None
