"""Pages of the SIAO's day: free places, referral of a household to them, its presentation to a landlord, and
partners that have not answered. Also: tonight's places for the 115."""

from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Annotated, Any, NamedTuple
from uuid import UUID, uuid4, uuid5

from fastapi import Depends, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic_core import from_json

from console.bureau.here import Cle, desk_page, partner_of, why_not
from console.rendering import now
from console.visit import Parleur, Visite, closed, not_found
from contracts.errors import InvalidContract
from contracts.partner import Famille, Partner
from contracts.reference.codes import Dispositif, listes
from ops.desk.communes import near, town
from ops.desk.desk import Libres
from ops.desk.forms import Lecture, written
from ops.desk.households import Connu, brought, entered
from ops.desk.offers import Filtre, enough, grouped
from ops.desk.referring import BAILLEUR, NOBODY, PRESENTATION, Said, landlords, present, refer
from router.domain.calendar import day_in
from router.domain.partners import Registry
from router.domain.subjects import Demande, Place

router = closed()
WITH_PLACES = (Famille.SIAO, Famille.VEILLE_SOCIALE)
"""Families whose people look for free places."""
NO_DAY = "le jour de présentation ne se lit pas : donnez une date, ou aucune"
LOST = "le formulaire du ménage ne se lit plus : reprenez-le"
Saisi = Annotated[str, Form(max_length=20_000)]
"""Text of the form of a household. It goes with the visitor from page to page, because nothing is kept."""


class Choix(NamedTuple):
    """Places chosen for a household."""

    cle: UUID | None
    """Key of the form; None if it only filters the places."""
    places: Sequence[UUID]
    presentation_le: str

    @property
    def day(self) -> date | None:
        """The day on which the household comes; None if none was written. Raises InvalidContract."""
        found = day_of(self.presentation_le)
        if self.presentation_le and found is None:
            raise InvalidContract(NO_DAY)
        return found


class Refus(NamedTuple):
    """Reasons for which a choice of places was refused, as a whole or for some of their managers."""

    pourquoi: str
    choix: Choix
    envoye_a: Sequence[str] = ()
    """Names of the managers to which their referral was sent all the same."""


def day_of(text: str) -> date | None:
    """Return the day in a text; None for an empty text, or for one that is no date."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _filtre(request: Request) -> Filtre:
    return _filter_of(request.query_params)


def _filter_of(asked: Mapping[str, str]) -> Filtre:
    commune, le = (asked.get(name, "").strip()[:80] for name in ("commune", "le"))
    dispositif, composition, accessible = (
        str(asked.get(name, "")) for name in ("dispositif", "composition", "accessible")
    )
    return Filtre(commune, dispositif, composition, accessible == "true", day_of(le))


Voulues = Annotated[Filtre, Depends(_filtre)]


def _choix(
    cle: Annotated[UUID | None, Form()] = None,
    places: Annotated[list[UUID] | None, Form()] = None,
    presentation_le: Annotated[str, Form()] = "",
) -> Choix:
    return Choix(cle, places or (), presentation_le.strip())


Choisies = Annotated[Choix, Depends(_choix)]


@router.get("/bureau/places-libres")
async def free_places(request: Request, visite: Parleur, filtre: Voulues) -> Response:
    """Show the free places of a SIAO's territory, or tonight's to the 115."""
    partner = looking(visite, *WITH_PLACES)
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
        communes=near(partner.territoire),
        ce_soir=partner.famille is Famille.VEILLE_SOCIALE,
    )


@router.get("/bureau/sans-reponse")
async def unanswered(request: Request, visite: Parleur) -> Response:
    """Show the referrals and candidacies that nobody has answered, late ones first, each with the partner to call."""
    partner = looking(visite, Famille.SIAO)
    waiting = await visite.parts.desk.unanswered(partner, visite.parts.registry(), now())
    return desk_page(request, visite, partner, "sans_reponse.html", attentes=waiting)


@router.get("/bureau/orienter/{ident}")
async def choose(request: Request, visite: Parleur, ident: UUID) -> Response:
    """Show the places to which the household of a demand can go."""
    return await offered(request, visite, await _brought(visite, ident), request.query_params)


@router.post("/bureau/orienter/{ident}")
async def send(request: Request, visite: Parleur, ident: UUID, choix: Choisies) -> Response:
    """Refer the household of a demand to some places, as the SIAO's own messages, one for each manager. Either all
    places of a manager are held, or none."""
    return await _refer(request, visite, await _brought(visite, ident), choix)


@router.post("/bureau/orienter")
async def send_entered(request: Request, visite: Parleur, saisi: Saisi, choix: Choisies) -> Response:
    """Refer a household that the SIAO has entered in a form (`saisi`) to some places, by one message for each
    manager. Without the key of a form, show the places to which it can go."""
    return await _refer(request, visite, _entered(visite, saisi), choix, saisi)


@router.get("/bureau/presenter/{ident}")
async def to_whom(request: Request, visite: Parleur, ident: UUID) -> Response:
    """Show the landlords to which the household of a demand can be presented."""
    return presented(request, visite, await _brought(visite, ident))


@router.post("/bureau/presenter/{ident}")
async def candidacy(request: Request, visite: Parleur, ident: UUID, cle: Cle) -> Response:
    """Present the household of a demand to a landlord, as the SIAO's own message."""
    return await _present(request, visite, await _brought(visite, ident), cle)


@router.post("/bureau/presenter")
async def candidacy_entered(request: Request, visite: Parleur, saisi: Saisi, cle: Cle) -> Response:
    """Present a household that the SIAO has entered in a form (`saisi`) to a landlord, as the SIAO's own
    message."""
    return await _present(request, visite, _entered(visite, saisi), cle, saisi)


def looking(visite: Visite, *familles: Famille) -> Partner:
    """Return the visitor's partner. Raises 404 unless its family is one of these."""
    partner = partner_of(visite)
    if partner.famille not in familles:
        raise not_found()
    return partner


async def offered(
    request: Request,
    visite: Visite,
    connu: Connu,
    asked: Mapping[str, Any],
    saisi: str = "",
    refused: Refus | None = None,
) -> Response:
    """Show the places to which a household can go. Before the visitor sets a filter, these are the places
    that receive the household's composition.

    A refused choice is shown again. If a part of it was sent, the form keeps its key, so that the part is not
    sent twice.
    """
    partner = looking(visite, Famille.SIAO)
    desk = visite.parts.desk
    filtre, libres = await _free_for(visite, partner, connu, asked)
    groupes = grouped(libres.offres, connu.dispositif or "")
    coches = refused.choix.places if refused else enough(groupes, connu.size)
    today = day_in(partner.territoire, now())
    frees = (o.place.libre_le for o in libres.offres if o.place.id in coches)
    day = "" if any(free and free > today for free in frees) else today
    return desk_page(
        request,
        visite,
        partner,
        "orienter.html",
        422 if refused else 200,
        connu=connu,
        saisi=saisi,
        action=f"/bureau/orienter/{connu.demande}" if connu.demande else "/bureau/orienter",
        groupes=groupes,
        coches=coches,
        noms=(await desk.reader.view(partner, *(each.place.id for each in libres.offres))).ids,
        libres=libres,
        filtre=filtre,
        refus=refused,
        cle=refused.choix.cle if refused and refused.envoye_a else uuid4(),
        presentation_le=refused.choix.presentation_le if refused else day,
        dispositifs=[str(each) for each in Dispositif],
        compositions=listes()["compositions"],
        communes=near(partner.territoire),
    )


async def _free_for(
    visite: Visite, partner: Partner, connu: Connu, asked: Mapping[str, Any]
) -> tuple[Filtre, Libres]:
    """Return the free places to show, and the filter that they meet. The filter is that of the visitor.
    Before the visitor sets one, it is the household's composition and kind of offer; if no place meets it,
    the composition alone."""
    desk, registry = visite.parts.desk, visite.parts.registry()
    if "commune" in asked:
        filtre = _filter_of(asked)
        return filtre, await desk.free_places(partner, registry, filtre)
    filtre = Filtre(composition=connu.menage.composition, dispositif=str(connu.dispositif))
    if (libres := await desk.free_places(partner, registry, filtre)).offres:
        return filtre, libres
    filtre = filtre._replace(dispositif="")
    return filtre, await desk.free_places(partner, registry, filtre)


def presented(
    request: Request,
    visite: Visite,
    connu: Connu,
    saisi: str = "",
    said: Mapping[str, str] = MappingProxyType({}),
    refused: InvalidContract | None = None,
) -> Response:
    """Show the landlords to which a household can be presented, with the text already entered."""
    partner = looking(visite, Famille.SIAO)
    numero = connu.menage.numero_unique or ""
    return desk_page(
        request,
        visite,
        partner,
        "presenter.html",
        422 if refused else 200,
        connu=connu,
        saisi=saisi,
        action=f"/bureau/presenter/{connu.demande}" if connu.demande else "/bureau/presenter",
        bailleurs=landlords(partner, visite.parts.registry()),
        bailleur=BAILLEUR,
        presentation=PRESENTATION,
        ecrit={"commune": town(connu.commune or ""), "numero_unique": numero} | dict(said),
        refus=refused,
        cle=uuid4(),
        communes=near(partner.territoire),
    )


async def _brought(visite: Visite, ident: UUID) -> Connu:
    """Return the household of a demand. Raises 404 unless the demand is with the visitor's SIAO, InvalidContract if
    nothing describes it."""
    partner = looking(visite, Famille.SIAO)
    found = await visite.parts.desk.part_of(partner, ident)
    if not isinstance(found, Demande) or found.destinataire != partner.id:
        raise not_found()
    said = await visite.parts.desk.reader.household(partner, ident, visite.person.actor)
    if said is None:
        raise InvalidContract(NOBODY)
    return brought(ident, said)


def _entered(visite: Visite, saisi: str) -> Connu:
    """Return the household described in a form, given the form's text. Raises InvalidContract."""
    partner = looking(visite, Famille.SIAO)
    try:
        said = from_json(saisi)
    except ValueError:
        raise InvalidContract(LOST) from None
    if not isinstance(said, dict):
        raise InvalidContract(LOST)
    return entered(Lecture(written(said.items()), partner))


async def _refer(request: Request, visite: Visite, connu: Connu, choix: Choix, saisi: str = "") -> Response:
    partner, desk = looking(visite, Famille.SIAO), visite.parts.desk
    asked = await request.form()
    if choix.cle is None:
        return await offered(request, visite, connu, asked, saisi)
    chosen = _by_manager(await desk.places_of(choix.places))
    keys = {manager: uuid5(choix.cle, manager) for manager in chosen}
    known = (await desk.reader.view(partner, connu.menage.id)).ids
    try:
        referrals = {m: refer(partner, connu, chosen[m], known, keys[m], choix.day) for m in chosen}
    except InvalidContract as exc:
        return await offered(request, visite, connu, {}, saisi, Refus(str(exc), choix))
    answers = {manager: await _sent(visite, said, keys[manager]) for manager, said in referrals.items()}
    if not any(answers.values()):
        return _back_to(connu)
    refused = _refusal(answers, choix, visite.parts.registry())
    return await offered(request, visite, connu, {}, saisi, refused)


def _by_manager(places: Sequence[Place]) -> Mapping[str, list[Place]]:
    """Return the chosen places by manager, because each manager gets a referral of its own. If no place is
    chosen, return one empty list, under an empty name."""
    chosen: dict[str, list[Place]] = {} if places else {"": []}
    for place in places:
        chosen.setdefault(place.gestionnaire, []).append(place)
    return chosen


def _refusal(answers: Mapping[str, str], choix: Choix, registry: Registry) -> Refus:
    """Return the reasons for which referrals were refused, and the managers to which theirs were sent.
    `answers` holds the hub's reason for each manager, empty where it has accepted."""
    names = {each: partner.nom if (partner := registry.get(each)) else each for each in answers}
    why = [f"Refusé pour {names[each]} : {reason}" for each, reason in answers.items() if reason]
    return Refus(" ".join(why), choix, [names[each] for each, reason in answers.items() if not reason])


async def _present(request: Request, visite: Visite, connu: Connu, cle: UUID, saisi: str = "") -> Response:
    partner = looking(visite, Famille.SIAO)
    known = (await visite.parts.desk.reader.view(partner, connu.menage.id)).ids
    lecture = Lecture(written((await request.form()).multi_items()), partner)
    try:
        said = present(partner, connu, known, cle, lecture)
        if refused := await _sent(visite, said, cle):
            raise InvalidContract(refused)
    except InvalidContract as exc:
        return presented(request, visite, connu, saisi, lecture.written, exc)
    return _back_to(connu)


async def _sent(visite: Visite, said: Said, key: UUID) -> str:
    """Send a message of the visitor's SIAO. Return the hub's reasons for refusing it; empty if it has
    accepted it."""
    return why_not(await visite.parts.desk.speaker.say(said.contrat, said.view, key, visite.person.actor))


def _back_to(connu: Connu) -> Response:
    """Redirect to the page of a household's demand. If there is no demand, redirect to the referrals without
    an answer."""
    return RedirectResponse(f"/bureau/recu/{connu.demande}" if connu.demande else "/bureau/sans-reponse", 303)
