"""«Structures»: the statement of each structure for one month, and the events behind its figures."""

import re
from typing import Any

from fastapi import Request, Response

from console.exporting import Export, csv_of
from console.rendering import now, page
from console.visit import Suiveur, closed
from ops.statement import asking
from ops.statement.statement import Figure, Statement, Titre, month_of
from ops.status.quantities import local

router = closed()
MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")


@router.get("/structures")
async def structures(
    request: Request, visite: Suiveur, mois: str = "", structure: str = "", csv: Export = False
) -> Response:
    """Show the statements of a month, by default this one. For one structure, add its events."""
    at = now()
    month = mois if MONTH.fullmatch(mois) else month_of(at)
    async with visite.parts.database.transaction() as connection:
        registry = visite.parts.registry()
        found = await asking.of_the_month(connection, registry, month, at, visite.real_partners())
    shown = [each for each in found if structure in ("", each.structure)]
    if csv:
        return await csv_of("structures", (exported(each, month) for each in shown))
    return page(
        request,
        visite,
        "structures.html",
        releves=shown,
        mois=month,
        structure=structure,
        structures=sorted({each.structure for each in found if each.structure}),
        le=local(at),
        Figure=Figure,
        Titre=Titre,
    )


def exported(each: Statement, month: str) -> dict[str, Any]:
    """Return a statement as a line of the export. Pure."""
    return {
        "mois": month,
        "structure": each.structure or "",
        "partenaire": each.partner,
        "places": each.places,
        "par_le_siao": each.number(Figure.PAR_LE_SIAO),
        "sans_le_siao": each.number(Figure.SANS_LE_SIAO),
        **{titre.name.lower(): each.titled(titre) for titre in Titre},
        "a_temps": each.answers.in_time,
        "en_retard": each.answers.late,
    }
