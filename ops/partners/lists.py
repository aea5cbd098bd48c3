"""Compare a partner's code lists with the hub's."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from adapters.vocabulaire import fold
from connectors.rest.lists import read_lists
from contracts.errors import Misconfigured
from contracts.reference.codes import listes
from contracts.rest import EntreeRest
from ops.terminal.printing import opened, report
from router.settings import Settings
from router.store import registry as registry_store

OF_THE_HUB = frozenset({"categoriesFiness"})
"""The code lists that SI-SIAO, the national software of the SIAO, does not have. The comparison leaves them
out."""


class Change(NamedTuple):
    """A code that the hub's list and the partner's list label differently. A label is None if the list lacks
    the code."""

    liste: str
    code: str
    ours: str | None
    theirs: str | None


async def compare(settings: Settings, ident: str, *, as_json: bool) -> int:
    """Print how a partner's code lists differ from the hub's. Return exit code 1 if they differ, else 0.
    Raises Misconfigured if the hub does not read this partner's API."""
    changed, missing = await compared(settings, ident)
    lines = [*map(_line, changed), *(f"{name} : absente là-bas" for name in missing)]
    facts = {"differences": [each._asdict() for each in changed], "absentes": missing}
    report(as_json, facts, *(lines or ["[green]✓[/] listes identiques"]))
    return 1 if lines else 0


async def compared(settings: Settings, ident: str) -> tuple[list[Change], list[str]]:
    """Return the codes that differ between a partner's code lists and the hub's, and the names of lists that
    only the hub has. Raises Misconfigured if the hub does not read this partner's API."""
    async with opened(settings) as database, database.transaction() as connection:
        registry = await registry_store.read(connection)
    partner = registry.get(ident)
    if partner is None or not isinstance(partner.entree, EntreeRest):
        raise Misconfigured(f"{ident} n'a pas d'entrée « rest » : ses listes ne se lisent pas")
    wanted = {name: codes for name, codes in listes().items() if name not in OF_THE_HUB}
    theirs = await read_lists(partner.entree, wanted)
    changed = [change for name in theirs for change in changes(name, wanted[name], theirs[name])]
    return changed, [name for name in wanted if name not in theirs]


def _line(change: Change) -> str:
    liste, code, ours, theirs = change
    return f"{liste} {code} : ici « {ours or '—'} », là-bas « {theirs or '—'} »"


def changes(liste: str, ours: Mapping[str, str], theirs: Mapping[str, str]) -> Iterator[Change]:
    """Yield the codes of the list `liste` that only one side has, and those whose labels differ by more than
    accents and case. `ours` has the hub's label of each code, `theirs` the partner's."""
    for code in sorted({*ours, *theirs}, key=lambda code: (len(code), code)):
        here, there = ours.get(code), theirs.get(code)
        if here is None or there is None or fold(here) != fold(there):
            yield Change(liste, code, here, there)
