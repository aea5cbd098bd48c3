"""Output of `siao-hub actes`, the list of acts: agreements and derogations."""

from collections.abc import Iterator, Sequence

from rich.table import Column, Table
from rich.text import Text

from ops.acts.acts import Names, Shown, Signature, known
from ops.status.quantities import day_and_hour
from ops.terminal.printing import console, in_json, opened
from router.domain.partners import Registry
from router.domain.rulebooks.acte import Convention, Derogation
from router.settings import Settings
from router.store import registry as registry_store


async def show(settings: Settings, as_json: bool) -> int:
    """Print all acts. Return exit code 1 if there are no acts, else 0."""
    async with opened(settings) as database:
        async with database.transaction() as connection:
            registry = await registry_store.read(connection)
        found = await known(database, Names(registry))
    if as_json:
        in_json([as_data(each) for each in found])
    elif found:
        console.print(table_of(found, registry))
    else:
        console.print("aucune convention, aucune dérogation")
    return 0 if found else 1


def table_of(found: Sequence[Shown], registry: Registry) -> Table:
    """Return a table with a row for each act."""
    table = Table.grid(Column(overflow="fold"), Column(overflow="fold"), padding=(0, 2, 0, 0))
    for each in found:
        lines = (Text(line) for line in _lines(each, registry) if line)
        table.add_row(Text(each.act.numero or str(each.act.id)), Text("\n").join(lines))
    return table


def _lines(each: Shown, registry: Registry) -> Iterator[str]:
    act = each.act
    ends = f", jusqu'au {act.au:%d/%m/%Y}" if act.au else ", sans terme"
    yield f"{each.title} ({act.territoire}){ends}"
    yield each.about
    yield from (_signed(signature, registry) for signature in each.signatures)
    if isinstance(act, Derogation):
        yield f"places attribuées : {len(act.occupees)} sur {act.places_at_once} ; il en reste {each.left}"


def _signed(each: Signature, registry: Registry) -> str:
    if each.partner is None:
        return f"attend {each.called}"
    signer = registry.name_of(each.partner)
    by = signer if each.called == signer else f"{signer} ({each.called})"
    if each.signed is None:
        return f"signée par {by} ; le journal ne sait plus quand"
    day = f", datée du {each.signed.day:%d/%m/%Y}" if each.signed.day else ""
    proof = "avec reçu" if each.signed.has_receipt else "sans reçu"
    return f"signée par {by} le {day_and_hour(each.signed.time)}{day}, {proof}"


def as_data(each: Shown) -> dict[str, object]:
    """Return an act as data for the JSON output."""
    act = each.act
    data = {
        "numero": act.numero,
        "nature": act.NATURE,
        "territoire": act.territoire,
        "etat": act.etat,
        "du": act.du,
        "au": act.au,
        "vaut_depuis": act.vaut_depuis,
        "signatures": dict(act.signatures),
        "signees_le": {s.quality: s.signed.time.isoformat() for s in each.signatures if s.signed},
        "manquent": [s.quality for s in each.signatures if s.partner is None],
    }
    if isinstance(act, Derogation):
        return {
            **data,
            "structure": act.structure,
            "places": act.places_at_once,
            "attribuees": len(act.occupees),
        }
    assert isinstance(act, Convention)
    return {**data, "objet": act.objet, "partenaire": act.partenaire}
