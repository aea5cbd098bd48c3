"""Output of two commands. `siao-hub territoires` shows which partners cover each territory, `siao-hub
territoires essai` what a new registry would change."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.table import Column, Table
from rich.text import Text

from contracts.base import Nature
from contracts.partner import Partner
from ops.terminal.printing import console, in_json, opened
from ops.territories import sql
from ops.territories.rules import OPEN, READERS, Coverage, Move, coverage, moves
from router.domain.partners import Registry
from router.settings import Settings
from router.store import registry as registry_store

NAMES: Mapping[Nature, str] = {
    Nature.PLACE: "places",
    Nature.DEMANDE: "demandes",
    Nature.ORIENTATION: "orientations en attente",
    Nature.CANDIDATURE: "candidatures en attente",
    Nature.MENAGE: "ménages prêts au logement",
    Nature.AIDE_SOCIALE: "demandes d'aide sociale en attente",
}


async def show(settings: Settings, *, as_json: bool) -> int:
    """Print which SIAO cover each territory, and what is missing there. Return exit code 0 if nothing is
    missing, else 1."""
    async with opened(settings) as database, database.transaction() as connection:
        registry = await registry_store.read(connection)
    covered = coverage(registry)
    if as_json:
        in_json([_as_data(each) for each in covered])
    else:
        console.print(table_of(covered))
    return 1 if any(each.gaps for each in covered) else 0


async def trial(settings: Settings, file: Path, *, as_json: bool) -> int:
    """Print what would change if the registry in `file` were applied: how it covers the territories, and
    which subjects would go to other partners. Apply nothing. Return exit code 0 if nothing would be missing
    in a territory, else 1."""
    from ops.partners.registry_file import load  # imports every dialect

    new = load(file, settings.profiles_folder)
    async with opened(settings) as database:
        async with database.transaction() as connection:
            old = await registry_store.read(connection)
        new = Registry.of(new.partners.values(), old.successors)
        found: Counter[Move] = Counter()
        async for page in sql.pages(database, OPEN):
            found += moves(page, old, new)
    covered = coverage(new)
    if as_json:
        in_json({"territoires": [_as_data(each) for each in covered], "ailleurs": _moved(found)})
    else:
        console.print(table_of(covered))
        for line in lines_of(found):
            console.print(line)
    return 1 if any(each.gaps for each in covered) else 0


def table_of(covered: Sequence[Coverage]) -> Table:
    """Return a table with one row for each territory: its SIAO, the partners of other types that work there,
    and what is missing."""
    table = Table.grid(Column(no_wrap=True), Column(overflow="fold"), padding=(0, 2, 0, 0))
    for each in covered:
        title = f"{each.territoire}\n{each.nom}" if each.nom else each.territoire
        table.add_row(Text(title), Text.from_markup("\n".join(_lines(each))))
    return table


def _lines(each: Coverage) -> Iterator[str]:
    for volet, siaos in each.siaos.items():
        yield f"{volet} : {_named(siaos)}"
    for famille, readers in each.readers.items():
        if readers:
            yield f"{READERS[famille]} : {_named(readers)}"
    yield from (f"[dim]se recouvrent : {one}, {other}[/]" for one, other in each.overlaps)
    yield from (f"[red]✗[/] {escape(gap)}" for gap in each.gaps)


def _named(partners: Sequence[Partner]) -> str:
    return ", ".join(map(_one, partners)) or "—"


def _one(partner: Partner) -> str:
    said = [f"antenne de {partner.antenne_de}"] if partner.antenne_de else []
    if partner.succede_a:
        said.append(f"succède à {', '.join(partner.succede_a)}")
    if partner.perimetre:
        said.append(f"{len(partner.perimetre.toutes())} communes")
    return f"{partner.id} ({', '.join(said)})" if said else partner.id


def lines_of(found: Counter[Move]) -> Iterator[str]:
    """Yield the French lines that tell what a new registry would change: how many subjects of which type
    would go from which partner to which other. The largest number comes first."""
    if not found:
        yield "rien n'irait ailleurs"
    for move, number in _ranked(found):
        where = (
            "[red]personne[/]" if move.vers is None and move.nature is not Nature.MENAGE else move.vers or "—"
        )
        yield f"{number:>8} {NAMES[move.nature]} : {move.de or '—'} → {where}"
    if any(move.nature is Nature.DEMANDE for move in found):
        yield "[dim]une demande ouverte reste à son SIAO jusqu'à son transfert ; une nouvelle irait au second[/]"


def _ranked(found: Counter[Move]) -> Sequence[tuple[Move, int]]:
    return sorted(
        found.items(), key=lambda each: (-each[1], each[0].nature, each[0].de or "", each[0].vers or "")
    )


def _moved(found: Counter[Move]) -> list[dict[str, object]]:
    return [{**move._asdict(), "nombre": number} for move, number in _ranked(found)]


def _as_data(each: Coverage) -> dict[str, Any]:
    return {
        "territoire": each.territoire,
        "nom": each.nom,
        "siao": {volet: [_entry(siao) for siao in siaos] for volet, siaos in each.siaos.items()},
        "lecteurs": {famille: [_entry(p) for p in readers] for famille, readers in each.readers.items()},
        "recouvrements": each.overlaps,
        "manques": each.gaps,
    }


def _entry(partner: Partner) -> dict[str, object]:
    drawn = partner.perimetre
    return {
        "id": partner.id,
        "antenne_de": partner.antenne_de,
        "communes": len(drawn.toutes()) if drawn else None,
    }
