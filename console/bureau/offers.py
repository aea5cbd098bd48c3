"""«Mes places» and «Mes demandes»: what the visitor's partner manages, and what it has brought."""

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
    """Show the partner's places with the state of each, and what it may say of it now; with an `etat`, those in it;
    with a `numero`, the one that the partner calls so."""
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
    """Show where each demand stands; with a `numero`, the one that the partner calls so."""
    partner = partner_of(visite)
    registry = visite.parts.registry()
    lines = await visite.parts.desk.demands(partner, registry, now(), numero.strip())
    return desk_page(request, visite, partner, "demandes.html", lignes=lines, numero=numero)
