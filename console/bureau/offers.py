"""«Mes places» and «Mes demandes»: the places that the visitor's partner manages, and the demands that it has
brought."""

from uuid import uuid4

from fastapi import Request, Response

from console.bureau.here import desk_page, partner_of
from console.rendering import now
from console.visit import Parleur, closed
from contracts.base import Nature
from contracts.explications import ETATS

router = closed()


@router.get("/bureau/places")
async def places(request: Request, visite: Parleur, etat: str = "", numero: str = "") -> Response:
    """Show the partner's places with the state of each and the messages possible now. With `etat`, only those in
    this state; with `numero`, only the place to which the partner gives this number."""
    partner, registry = partner_of(visite), visite.parts.registry()
    lines = await visite.parts.desk.places(partner, registry, now(), etat, numero.strip())
    return desk_page(
        request,
        visite,
        partner,
        "places.html",
        lignes=lines,
        cle=uuid4,
        etats=ETATS[Nature.PLACE],
        etat=etat,
        numero=numero,
    )


@router.get("/bureau/demandes")
async def demands(request: Request, visite: Parleur, numero: str = "") -> Response:
    """Show the state of each demand. With `numero`, only the demand to which the partner gives this number."""
    partner = partner_of(visite)
    registry = visite.parts.registry()
    lines = await visite.parts.desk.demands(partner, registry, now(), numero.strip())
    return desk_page(request, visite, partner, "demandes.html", lignes=lines, numero=numero)
