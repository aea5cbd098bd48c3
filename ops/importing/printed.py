"""Output of `siao-hub importer`, which imports the data of an old application."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from adapters.registry import TABULAIRES
from adapters.tabulaire.dialecte import Tabulaire
from adapters.tabulaire.ecriture import xlsx_file
from adapters.tabulaire.entete import COLONNE, Entete
from adapters.tabulaire.profil import Profil
from adapters.vocabulaire import fold
from contracts.errors import Misconfigured
from contracts.partner import Partner
from ops.importing import correspondence, export, sql
from ops.importing.importing import Refused, Source, pieces
from ops.importing.screening import LUES, SAID, Screen
from ops.retention.sweeping import HOUSEHOLD
from ops.running.hub import Hub
from ops.terminal.printing import console, report
from router.settings import Settings
from router.store.audit import record

SHEET = "a-corriger"


@dataclass(frozen=True)
class Asked:
    """Options of the command `importer`."""

    file: Path
    partner: str
    contact: str
    rejected: Path | None
    actor: str
    why: str
    crosswalk: Path | None = None


async def run(settings: Settings, asked: Asked, *, trial: bool, as_json: bool) -> int:
    """Import the file that `asked` names, print the counts, and write refused rows to a workbook. With `trial`,
    check the rows without storing them. Return exit code 1 if rows were refused, else 0. Raises Misconfigured
    if a file to write exists already."""
    for file in (asked.rejected, asked.crosswalk):
        if file is not None and file.exists():
            raise Misconfigured(f"{file} existe déjà : rien n'est écrasé")
    async with Hub(settings) as hub:
        partner, dialect, page = _source(hub, asked.partner)
        total = _length(asked.file, page)
        with export.opened(asked.file, page) as opened:
            screen = _screen(opened.entete, asked.contact)
            key = f"import {export.fingerprint(asked.file)} {screen.oldest}"
            encoding = page.encodage_lu or "utf-8"
            source = Source(partner, dialect, page.separateur, encoding, key)
            if not trial:
                await _audit(hub, asked, screen)
            accepted, refused = await _sent(hub, source, screen, opened, total, trial=trial, quiet=as_json)
        async with hub.database.statement() as connection:
            events, deliveries = await sql.under_way(connection, partner.id)
        known = 0
        if asked.crosswalk is not None and not trial:
            known = await correspondence.write(hub.database, hub.crosswalk, partner.id, asked.crosswalk)
    if asked.rejected is not None and refused:
        _write(asked.rejected, screen, refused)
    counts = {name: screen.counts[name] for name in SAID}
    facts = {"essai": trial, "acceptees": accepted, **counts, "a_appliquer": events, "a_livrer": deliveries}
    facts["correspondances"] = known
    report(as_json, facts, *_lines(accepted, screen, events, deliveries))
    return 1 if refused else 0


def _source(hub: Hub, name: str) -> tuple[Partner, str, Profil]:
    partner = hub.registry.partners.get(name)
    dialect = next((d for d in partner.dialectes if d in TABULAIRES), None) if partner else None
    if partner is None or dialect is None:
        raise Misconfigured(f"« {name} » n'est pas au registre, ou n'y a aucun dialecte à tableau")
    tables: Tabulaire = TABULAIRES[dialect]
    return partner, dialect, tables.profil_de(partner)


def _screen(entete: Entete, contact: str) -> Screen:
    places = [place for place, cell in enumerate(entete.cellules) if fold(cell) == fold(contact)]
    if not places:
        raise Misconfigured(f"aucune colonne « {contact} » dans l'export")
    oldest = (datetime.now(UTC) - HOUSEHOLD).date()
    kept = sorted({*export.kept_columns(entete), places[0]})
    return Screen(list(entete.cellules), kept, places[0], oldest)


def _length(file: Path, page: Profil) -> int:
    with export.opened(file, page) as opened:
        return sum(1 for _ in opened.rows())


async def _sent(
    hub: Hub, source: Source, screen: Screen, opened: export.Export, total: int, *, trial: bool, quiet: bool
) -> tuple[int, list[Refused]]:
    accepted, refused = 0, list[Refused]()
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("lignes"), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=quiet) as progress:
        task = progress.add_task("", total=total)
        rows = screen.screened(opened.rows())
        async for piece in pieces(hub.intake, source, screen, rows, trial=trial):
            accepted += piece.accepted
            refused += piece.refused
            progress.update(task, completed=screen.counts[LUES])
        progress.update(task, completed=total)
    return accepted, refused


async def _audit(hub: Hub, asked: Asked, screen: Screen) -> None:
    detail = {"depuis": screen.oldest.isoformat(), "motif": asked.why}
    async with hub.database.transaction() as connection:
        await record(connection, asked.actor, "import.commencer", asked.partner, detail)


def _write(file: Path, screen: Screen, refused: Sequence[Refused]) -> None:
    header = [*(screen.header[place] for place in screen.kept), COLONNE]
    rows = [[*each.cells, f"ligne {each.number} — {each.why}"] for each in refused]
    with file.open("xb") as written:
        written.write(xlsx_file(SHEET, header, rows, "jj/mm/aaaa"))


def _lines(accepted: int, screen: Screen, events: int, deliveries: int) -> list[str]:
    counted = [f"{screen.counts[name]:>8} {said}" for name, said in SAID.items()]
    left = f"{events:>8} à appliquer, {deliveries} à livrer : le hub continue sans cette commande"
    return [*counted, f"{accepted:>8} lignes acceptées", left]
