"""Serve the page «Structures», with the monthly statements of structures, and the events that their figures
count."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from operator import methodcaller

from fastapi import Request, Response

from console.exporting import Columns, csv_of
from console.pages.paging import Voir
from console.rendering import now, page
from console.visit import Suiveur, closed
from contracts.partner import Partner
from ops.desk.free_places import MANAGERS
from ops.statement import asking
from ops.statement.statement import Figure, Statement, Titre, month_of
from ops.status.quantities import local

router = closed()
MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")
LISTED = 10
"""Maximum number of managers on a page."""
COUNTED = 5_000
"""Maximum number of places counted for one manager."""


@router.get("/structures")
async def structures(
    request: Request,
    visite: Suiveur,
    vue: Voir,
    mois: str = "",
    structure: str = "",
    chez: str = "",
) -> Response:
    """Show the statement of each structure for the month `mois`, or for the present month if none is given.
    With `structure`, show the statement of this structure alone, and list the events that it counts. With
    `chez`, show only the structures of this manager."""
    at = now()
    month = mois if MONTH.fullmatch(mois) else month_of(at)
    registry = visite.parts.registry()
    managers = [
        name for name in sorted(visite.real_partners()) if registry.partners[name].famille in MANAGERS
    ]
    seen = [name for name in managers if chez in ("", name)]
    named = {name: registry.partners[name].structures for name in seen}
    owners = [name for name in seen if (structure in named[name] if structure else named[name] or chez)]
    shown, part = vue.cut(owners, LISTED)
    async with visite.parts.database.transaction() as connection:
        most = None if vue.csv else COUNTED
        found = await asking.of_the_month(connection, registry, month, at, shown, most, structure or None)
    listed = [each for each in found if structure in ("", each.structure)]
    if vue.csv:
        return await csv_of("structures", _columns(month), listed)
    return page(
        request,
        visite,
        "structures.html",
        releves=listed,
        mois=month,
        structure=structure,
        structures=sorted(_structures(registry.partners[name] for name in managers)),
        chez=chez,
        gestionnaires={name: nom for name, nom in visite.names().items() if name in managers},
        comptes=_counted_to_the_end(found),
        le=local(at),
        Figure=Figure,
        Titre=Titre,
        part=part,
        sans_structure=not any(named.values()),
    )


def _structures(managers: Iterable[Partner]) -> set[str]:
    return {each for manager in managers for each in manager.structures if not manager.protects(each)}


def _counted_to_the_end(found: Sequence[Statement]) -> set[str]:
    places: Counter[str] = Counter()
    for each in found:
        places[each.partner] += each.places
    return {partner for partner, number in places.items() if number < COUNTED}


def _columns(month: str) -> Columns[Statement]:
    return {
        "mois": lambda _: month,
        "structure": lambda each: each.structure or "",
        "partenaire": lambda each: each.partner,
        "places": lambda each: each.places,
        "par_le_siao": lambda each: each.number(Figure.PAR_LE_SIAO),
        "sans_le_siao": lambda each: each.number(Figure.SANS_LE_SIAO),
        **{titre.name.lower(): methodcaller("titled", titre) for titre in Titre},
        "a_temps": lambda each: each.answers.in_time,
        "en_retard": lambda each: each.answers.late,
    }
