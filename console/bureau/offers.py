"""Serve the pages «Mes places» and «Mes demandes», which list the partner's own places and demands."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import Depends, Request, Response
from pydantic import BaseModel

from console.bureau.here import desk_page, partner_of, said_just_now
from console.pages.asking import Tape, asked
from console.rendering import now
from console.visit import Parleur, closed
from contracts.base import Nature
from contracts.mots import ETATS
from contracts.reference.graphie import is_named
from ops.desk.acts import Debut, possible
from ops.desk.households import fits
from router.domain.calendar import day_in
from router.domain.subjects import Place, Subject

router = closed()


class Demande(BaseModel):
    """Search criteria. `numero`: the partner's own number or the hub's id of a place or demand, or the name
    of a demand's household. `etat`: the state of places; it does not count for demands. An empty field
    matches all."""

    numero: Tape = ""
    etat: str = ""


Demandee = Annotated[Demande, Depends(asked(Demande))]


@router.get("/bureau/places")
@router.post("/bureau/places")
async def places(request: Request, visite: Parleur, demande: Demandee) -> Response:
    """Show the partner's places that match the criteria and are not closed, at most the 200 that changed
    last. Each place has buttons for the messages that its state allows."""
    partner, registry = partner_of(visite), visite.parts.registry()
    desk, actor = visite.parts.desk, visite.person.actor
    lines = await desk.declared.places(partner, registry, now(), demande.etat, demande.numero.strip())
    arrivals = await desk.lines.arrivals(partner, registry, now(), actor)
    homes = {line.subject.id: referral for line in lines if (referral := _referral_of(line.subject))}
    return desk_page(
        request,
        visite,
        partner,
        "places.html",
        lignes=lines,
        actes_de=partial(possible, partner=partner.id, registry=registry),
        arrivees=arrivals,
        orientations=homes,
        menages=await desk.reader.names(partner, {*homes.values()}, actor),
        cle=uuid4,
        debut=Debut(day_in(partner.territoire, now())),
        etats=ETATS[Nature.PLACE],
        demande=demande,
        **await said_just_now(request, visite, partner),
    )


def _called(wanted: str, names: Mapping[UUID, str]) -> Sequence[UUID]:
    exactly = [ident for ident, name in names.items() if is_named(name, wanted)]
    return exactly or [ident for ident, name in names.items() if is_named(name, wanted, fits)]


def _referral_of(place: Subject) -> UUID | None:
    return place.orientation if isinstance(place, Place) else None


@router.get("/bureau/demandes")
@router.post("/bureau/demandes")
async def demands(request: Request, visite: Parleur, demande: Demandee) -> Response:
    """Show the partner's demands, at most the 200 that changed last, each with household and state. If the
    visitor has typed a text, show only the demand with this number: the partner's own, or the hub's id. If
    there is none, show those of the 200 whose household has this name or, failing that, a similar one."""
    partner, wanted = partner_of(visite), demande.numero.strip()
    registry = visite.parts.registry()
    desk = visite.parts.desk
    lines = await desk.declared.demands(partner, registry, now(), wanted)
    by_name = bool(wanted) and not lines
    if by_name:
        lines = await desk.declared.demands(partner, registry, now())
    listed = [each.subject.id for each in lines]
    shown = partial(_called, wanted) if by_name else list
    names = await desk.reader.names(partner, listed, visite.person.actor, shown)
    near = by_name and not any(is_named(each, wanted) for each in names.values())
    if by_name:
        lines = [line for line in lines if line.subject.id in names]
    said = await said_just_now(request, visite, partner)
    return desk_page(
        request,
        visite,
        partner,
        "demandes.html",
        lignes=lines,
        menages=names,
        numero=demande.numero,
        ressemblants=near,
        **said,
    )
