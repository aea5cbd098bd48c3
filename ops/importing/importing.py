"""Import the export of an old application in pieces. Each piece is sent as one message. The message's
idempotency key is derived from the file, so that an interrupted import can be run again."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from adapters.tabulaire.ecriture import csv_file
from adapters.tabulaire.feuille import Cellules
from contracts.errors import BusUnavailable, InvalidNative, Throttled
from contracts.partner import Partner
from contracts.ports import IntakeReport, Native, Rejet
from ops.importing.screening import REFUSEES, Screen
from router.intake.receive import Intake

PIECE_ROWS = 500
"""Rows of the export in one message."""
AGAIN_SECONDS = 2.0
MOST_REFUSED = 20_000
"""Maximum number of refused rows. With more, the import stops: the profile is probably wrong."""
TOO_MANY = f"plus de {MOST_REFUSED} lignes refusées : corrigez le profil, ou l'export, et recommencez"
Row = tuple[int, Cellules, Rejet | None]


@dataclass(frozen=True, slots=True)
class Refused:
    """Row of the export that is not imported, with the reason in French."""

    number: int
    cells: Cellules
    why: str


@dataclass(frozen=True)
class Source:
    """Old application whose data are imported. `partner` is its registry entry. The other fields say in which
    form the rows of the export are sent to the hub."""

    partner: Partner
    dialect: str
    separator: str
    encoding: str
    key: str
    """Prefix of the messages' idempotency keys."""


@dataclass(frozen=True, slots=True)
class Piece:
    """The outcome of one piece: some rows of the export, sent to the hub as one message."""

    accepted: int
    refused: Sequence[Refused]
    last: int
    """Number of the piece's last row, in the whole export."""


async def pieces(
    intake: Intake, source: Source, screen: Screen, rows: Iterator[Row], *, trial: bool
) -> AsyncIterator[Piece]:
    """Send the rows of an export to the hub, piece by piece, and yield the outcome of each message. `source`
    says from which old application the rows come, and in which form to send them. `screen` is the filter that
    the rows have passed: it has their column names, and counts refused rows. With `trial`, nothing is stored.
    Raises InvalidNative after more than `MOST_REFUSED` refused rows."""
    number = 0
    while batch := list(islice(rows, PIECE_ROWS)):
        number += 1
        refused = [Refused(n, cells, rejet.message) for n, cells, rejet in batch if rejet is not None]
        carried = [(n, cells) for n, cells, rejet in batch if rejet is None]
        accepted = 0
        if carried:
            said = await _sent(intake, source, _native(source, screen, carried), number, trial=trial)
            accepted, more = said.acceptes, list(_refused(said, carried))
            refused += more
        screen.counts[REFUSEES] += len(refused)
        if screen.counts[REFUSEES] > MOST_REFUSED:
            raise InvalidNative(TOO_MANY)
        yield Piece(accepted, refused, batch[-1][0])


def _native(source: Source, screen: Screen, rows: Sequence[tuple[int, Cellules]]) -> Native:
    header = [screen.header[place] for place in screen.kept]
    body = csv_file(header, (cells for _, cells in rows), source.separator, source.encoding, "%Y-%m-%d")
    return Native(body, "text/csv")


async def _sent(intake: Intake, source: Source, native: Native, number: int, *, trial: bool) -> IntakeReport:
    key = f"{source.key} {number} {hashlib.sha256(native.body).hexdigest()[:32]}"
    while True:
        try:
            await intake.backlog.look()
            return await intake.receive(native, source.partner, source.dialect, key, dry_run=trial)
        except Throttled as exc:
            await asyncio.sleep(exc.retry_after_seconds)
        except BusUnavailable:
            await asyncio.sleep(AGAIN_SECONDS)


def _refused(report: IntakeReport, rows: Sequence[tuple[int, Cellules]]) -> Iterator[Refused]:
    why: dict[int | None, list[str]] = {}
    for rejet in report.rejets:
        where = f"{rejet.champ} : " if rejet.champ else ""
        why.setdefault(rejet.ligne, []).append(f"{where}{rejet.message}")
    whole = why.get(None, []) if report.etat == "refuse" else []
    for line, (number, cells) in enumerate(rows, 2):
        if said := [*whole, *why.get(line, [])]:
            yield Refused(number, cells, " / ".join(said))
