"""The SIAO's day: free places, a household referred to them, who has not answered; and the 115's view of tonight."""

from datetime import date
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from console.bureau.here import Cle, desk_page, partner_of, why_not
from console.rendering import now
from console.visit import Parleur, Visite, closed, not_found
from contracts.errors import InvalidContract
from contracts.partner import Famille, Partner
from contracts.reference.codes import Dispositif, listes
from ops.desk.offers import Filtre, grouped, needed, refer
from router.domain.calendar import day_in
from router.domain.subjects import Demande

router = closed()
WITH_PLACES = (Famille.SIAO, Famille.VEILLE_SOCIALE)
"""Families whose people look for free places."""


def _filtre(
    commune: str = "", dispositif: str = "", composition: str = "", accessible: bool = False, le: str = ""
) -> Filtre:
    try:
        day = date.fromisoformat(le) if le else None
    except ValueError:
        day = None
    return Filtre(commune.strip()[:5], dispositif, composition, accessible, day)


Voulues = Annotated[Filtre, Depends(_filtre)]


@router.get("/bureau/places-libres")
async def free_places(request: Request, visite: Parleur, filtre: Voulues) -> Response:
    """Show the free places of a SIAO's territory, or tonight's to the 115."""
    partner = _looking(visite, *WITH_PLACES)
    libres = await visite.parts.desk.free_places(partner, visite.parts.registry(), filtre)
    return desk_page(
        request,
        visite,
        partner,
        "places_libres.html",
        groupes=grouped(libres.offres),
        libres=libres,
        filtre=filtre,
        dispositifs=[str(each) for each in Dispositif],
        compositions=listes()["compositions"],
        ce_soir=partner.famille is Famille.VEILLE_SOCIALE,
    )


@router.get("/bureau/orienter/{ident}")
async def choose(request: Request, visite: Parleur, ident: UUID, filtre: Voulues) -> Response:
    """Show where the household of a demand can go."""
    return await _choice(request, visite, ident, filtre, "")


@router.post("/bureau/orienter/{ident}")
async def send(
    request: Request,
    visite: Parleur,
    ident: UUID,
    cle: Cle,
    places: Annotated[list[UUID] | None, Form()] = None,
    presentation_le: Annotated[str, Form()] = "",
) -> Response:
    """Refer the household of a demand to some places, as the SIAO's own message: all of them are held, or none."""
    partner = _looking(visite, Famille.SIAO)
    desk, actor = visite.parts.desk, visite.person.actor
    demande = await _demand(visite, partner, ident)
    try:
        described = await desk.reader.household(partner, ident, actor)
        chosen = await desk.places_of(places or [])
        known: dict[UUID, str] = {}
        if described is not None:
            known = dict((await desk.reader.view(partner, described.menage.id)).ids)
        day = date.fromisoformat(presentation_le) if presentation_le else None
        said = refer(partner, demande, described, chosen, known, cle, day)
    except InvalidContract as exc:
        return await _choice(request, visite, ident, Filtre(), str(exc))
    except ValueError:
        return await _choice(request, visite, ident, Filtre(), "donnez une date, ou aucune")
    report = await desk.speaker.say(said.contrat, said.view, cle, actor)
    if refused := why_not(report):
        return await _choice(request, visite, ident, Filtre(), refused)
    return RedirectResponse("/bureau/sans-reponse", 303)


@router.get("/bureau/sans-reponse")
async def unanswered(request: Request, visite: Parleur) -> Response:
    """Show what the SIAO has sent and nobody has answered, the late first, with whom to call."""
    partner = _looking(visite, Famille.SIAO)
    waiting = await visite.parts.desk.unanswered(partner, visite.parts.registry(), now())
    return desk_page(request, visite, partner, "sans_reponse.html", attentes=waiting)


def _looking(visite: Visite, *familles: Famille) -> Partner:
    partner = partner_of(visite)
    if partner.famille not in familles:
        raise not_found()
    return partner


async def _demand(visite: Visite, partner: Partner, ident: UUID) -> Demande:
    found = await visite.parts.desk.part_of(partner, ident)
    if not isinstance(found, Demande) or found.destinataire != partner.id:
        raise not_found()
    return found


async def _choice(request: Request, visite: Visite, ident: UUID, filtre: Filtre, refused: str) -> Response:
    partner = _looking(visite, Famille.SIAO)
    demande = await _demand(visite, partner, ident)
    desk = visite.parts.desk
    described = await desk.reader.household(partner, ident, visite.person.actor)
    menage = None if described is None else described.menage
    libres = await desk.free_places(partner, visite.parts.registry(), filtre)
    return desk_page(
        request,
        visite,
        partner,
        "orienter.html",
        422 if refused else 200,
        demande=demande,
        menage=menage,
        besoin=needed(menage),
        groupes=grouped(libres.offres),
        libres=libres,
        filtre=filtre,
        refus=refused,
        cle=uuid4(),
        aujourdhui=day_in(partner.territoire, now()),
        dispositifs=[str(each) for each in Dispositif],
        compositions=listes()["compositions"],
    )
