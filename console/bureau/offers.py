"""Pages «Mes places» and «Mes demandes»: the places that the visitor's partner manages, and the demands that
it has sent."""

from functools import partial
from typing import Annotated
from uuid import uuid4

from fastapi import Depends, Request, Response
from pydantic import BaseModel

from console.bureau.here import desk_page, partner_of
from console.pages.asking import Tape, asked
from console.rendering import now
from console.visit import Parleur, closed
from contracts.base import Nature
from contracts.mots import ETATS
from ops.desk.acts import possible

router = closed()


class Demande(BaseModel):
    """Criteria of a list: the partner's own number, and a state. An empty criterion matches all."""

    numero: Tape = ""
    etat: str = ""


Demandee = Annotated[Demande, Depends(asked(Demande))]


@router.get("/bureau/places")
@router.post("/bureau/places")
async def places(request: Request, visite: Parleur, demande: Demandee) -> Response:
    """Show the partner's places that match the criteria, each with its state and with buttons for the
    messages that are possible about it."""
    partner, registry = partner_of(visite), visite.parts.registry()
    lines = await visite.parts.desk.declared.places(
        partner, registry, now(), demande.etat, demande.numero.strip()
    )
    return desk_page(
        request,
        visite,
        partner,
        "places.html",
        lignes=lines,
        actes_de=partial(possible, partner=partner.id, registry=registry),
        cle=uuid4,
        etats=ETATS[Nature.PLACE],
        demande=demande,
    )


@router.get("/bureau/demandes")
@router.post("/bureau/demandes")
async def demands(request: Request, visite: Parleur, demande: Demandee) -> Response:
    """Show the demands that the partner has sent, each with its state. A number in `demande` selects one
    demand."""
    partner = partner_of(visite)
    registry = visite.parts.registry()
    lines = await visite.parts.desk.declared.demands(partner, registry, now(), demande.numero.strip())
    return desk_page(request, visite, partner, "demandes.html", lignes=lines, numero=demande.numero)
