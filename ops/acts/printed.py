"""`siao-hub actes`: agreements and derogations, those that end first before the others."""

from datetime import date

from rich.table import Column, Table
from rich.text import Text

from contracts.explications import NOMS, etat_of
from ops.terminal.printing import console, in_json, opened
from ops.territories import sql as store
from router.domain.rulebooks.acte import Acte, Convention, Derogation, Etat
from router.settings import Settings


async def show(settings: Settings, as_json: bool) -> int:
    """Print every act. Return 1 if there is none."""
    async with opened(settings) as database:
        pages = store.pages(database, {Convention: Etat, Derogation: Etat})
        found = [act async for page in pages for act in page if isinstance(act, Acte)]
    found.sort(key=lambda act: (act.au or date.max, act.numero or ""))
    if as_json:
        in_json([as_data(act) for act in found])
    elif found:
        console.print(table_of(found))
    else:
        console.print("aucune convention, aucune dérogation")
    return 0 if found else 1


def table_of(acts: list[Acte]) -> Table:
    """Return a table with a row for each act."""
    table = Table.grid(Column(overflow="fold"), Column(overflow="fold"), padding=(0, 2, 0, 0))
    for act in acts:
        table.add_row(Text(act.numero or str(act.id)), Text("\n").join(Text(line) for line in _lines(act)))
    return table


def _lines(act: Acte) -> list[str]:
    about = f"structure {act.structure}" if isinstance(act, Derogation) and act.structure else ""
    if isinstance(act, Convention):
        about = f"{act.objet}, avec {act.partenaire}"
    ends = f", jusqu'au {act.au:%d/%m/%Y}" if act.au else ", sans terme"
    lines = [f"{NOMS[act.NATURE]} {etat_of(act.NATURE, act.etat)} ({act.territoire}){ends}", about]
    lines += [f"signée par {who} ({quality})" for quality, who in act.signatures.items()]
    lines += [f"attend {quality}" for quality in missing(act)]
    if isinstance(act, Derogation):
        lines.append(f"places attribuées : {len(act.occupees)} sur {act.number}")
    return [line for line in lines if line]


def missing(act: Acte) -> list[str]:
    """Return the qualities in which an act is still to be signed."""
    return [quality for quality in act.attendus if quality not in act.signatures]


def as_data(act: Acte) -> dict[str, object]:
    """Return an act as JSON."""
    data = {
        "numero": act.numero,
        "nature": act.NATURE,
        "territoire": act.territoire,
        "etat": act.etat,
        "du": act.du,
        "au": act.au,
        "vaut_depuis": act.vaut_depuis,
        "signatures": dict(act.signatures),
        "manquent": missing(act),
    }
    if isinstance(act, Derogation):
        return {**data, "structure": act.structure, "places": act.number, "attribuees": len(act.occupees)}
    assert isinstance(act, Convention)
    return {**data, "objet": act.objet, "partenaire": act.partenaire}
