"""«Places»: what is free, held or about to be free, by manager; what nobody has spoken of for a day is stale."""

from collections.abc import Iterable
from datetime import timedelta

from fastapi import APIRouter, Request, Response

from console.pages.asking import COUNTED_ON_A_PAGE, Suite
from console.rendering import now, page
from console.visit import Suiveur
from router.store import listing
from router.store.database import Row

router = APIRouter()
LISTED = 50
STALE = timedelta(hours=24)
"""Domain: a vacancy is refreshed every 24 h, or it is stale."""


@router.get("/places")
async def places(
    request: Request,
    visite: Suiveur,
    suite: Suite,
    etat: str = "",
    chez: str = "",
) -> Response:
    """How many in each state, and a page of them."""
    managers = visite.portee.of([chez]) if chez else visite.real_partners()
    etats = (etat,) if etat in listing.PLACES else listing.PLACES
    async with visite.parts.database.transaction() as connection:
        counts = await listing.places_by_manager(connection, managers, COUNTED_ON_A_PAGE)
        rows = await listing.places(connection, etats, managers, suite, LISTED)
    return page(
        request,
        visite,
        "places.html",
        comptes=_by_manager(counts),
        etats=listing.PLACES,
        lignes=rows,
        etat=etat,
        chez=chez,
        partenaires=visite.partners(),
        territoires={name: entry.territoire for name, entry in visite.parts.registry().partners.items()},
        perime=now() - STALE,
        plafond=COUNTED_ON_A_PAGE,
        pleine=len(rows) == LISTED,
    )


def _by_manager(counts: Iterable[Row]) -> dict[str, dict[str, Row]]:
    table: dict[str, dict[str, Row]] = {}
    for row in counts:
        table.setdefault(row.gestionnaire, {})[row.etat] = row
    return table
