"""Serve the page «Ménages», on which a SIAO searches for its households, or enters a household."""

from collections.abc import Mapping, Sequence
from typing import Annotated, NamedTuple
from uuid import UUID, uuid4

from fastapi import Depends, Form, Request, Response
from pydantic_core import to_json

from console.bureau.free_places import day_of
from console.bureau.here import desk_page, key_of, lecture_of, sent_to, working
from console.bureau.presenting import presented
from console.bureau.referring import offered
from console.bureau.whom import sent
from console.rendering import now
from console.visit import FORM_TOKEN, Parleur, Visite, closed
from contracts.errors import InvalidContract
from contracts.partner import Partner
from contracts.reference.codes import Dispositif, listes
from contracts.reference.communes import near
from contracts.v1.demande import DemandeRecue
from ops.desk.declaring import demand
from ops.desk.forms import Lecture, Saisie
from ops.desk.households import BESOIN, IDENT, LINES, MENAGE, MOST_PEOPLE, PERSONNE, Criteres, entered, lines
from ops.desk.words import births, called
from router.domain.audience import BROUGHT_BY
from router.domain.calendar import day_in
from router.domain.location import another_siao

router = closed()
MENAGES = "/bureau/menages"
NOT_YET = (
    "Rien ne part encore, et rien n'est gardé : choisissez ensuite des places ou un bailleur, ou bien « Enregistrer "
    "sans orienter », qui en fait une demande de votre SIAO, à orienter plus tard."
)
NOT_OURS = (
    "pour ce dispositif et cette commune, « {} » recevrait la demande : appelez ce SIAO, ou orientez le ménage "
    "vous-même"
)


class Formulaire(NamedTuple):
    """Texts and fields of a page on which people enter a household: the page's title; path and name of the page
    to which a link leads back; fields about what the household needs; buttons; a text that says what happens
    after sending."""

    titre: str
    retour: str
    liste: str
    besoin: Sequence[Saisie]
    suites: Mapping[str, str]
    ensuite: str


def household_page(
    request: Request,
    visite: Visite,
    partner: Partner,
    asked: Formulaire,
    said: Mapping[str, str],
    refused: InvalidContract | None,
) -> Response:
    """Return a page with a form for a household, filled in with `said`. `asked`: the page's title, further
    fields, buttons and explanation. If the form was refused, the page shows the mistakes in `refused`."""
    return desk_page(
        request,
        visite,
        partner,
        "entrer_menage.html",
        422 if refused else 200,
        formulaire=asked,
        ecrit={IDENT: str(uuid4())} | dict(said),
        lignes=lines(said),
        au_plus=MOST_PEOPLE,
        personne=PERSONNE,
        menage=MENAGE,
        refus=refused,
        cle=key_of(said),
        communes=near(partner.territoire),
    )


def longer(said: Mapping[str, str]) -> dict[str, str]:
    """Return the values of a posted form, with empty fields added for one more person."""
    return {**said, LINES: str(lines(said) + 1)}


def _criteres(
    nom: Annotated[str, Form(max_length=100)] = "",
    ne_le: Annotated[str, Form()] = "",
    composition: Annotated[str, Form()] = "",
    dispositif: Annotated[str, Form()] = "",
    commune: Annotated[str, Form(max_length=80)] = "",
    apporte_par: Annotated[str, Form()] = "",
) -> Criteres:
    return Criteres(nom.strip(), day_of(ne_le), composition, dispositif, commune.strip(), apporte_par)


@router.get("/bureau/menages")
async def ask(request: Request, visite: Parleur) -> Response:
    """Show the form in which a SIAO searches for its households."""
    return await _search(request, visite, Criteres(), asked=False)


@router.post("/bureau/menages")
async def find(
    request: Request, visite: Parleur, criteres: Annotated[Criteres, Depends(_criteres)]
) -> Response:
    """Show the SIAO's households that match the posted criteria. Criteria may name somebody, so they must not
    stand in a URL."""
    return await _search(request, visite, criteres, asked=True)


@router.get("/bureau/menages/entrer")
async def enter(request: Request, visite: Parleur) -> Response:
    """Show the empty form in which the visitor enters a household."""
    return _form(request, visite, {})


@router.post("/bureau/menages/entrer")
async def entry(request: Request, visite: Parleur, cle: Annotated[UUID | None, Form()] = None) -> Response:
    """Do what the pressed button (`suite`) says: add a person, send the household as a demand, show
    landlords, or show free places. If the form has mistakes, or the demand is refused, show the form again.
    `cle`: idempotency key for sending the demand, so that a second press of the button has no second
    effect."""
    lecture = await lecture_of(request, working(visite, MENAGES))
    if (suite := lecture.text("suite")) in ("nouveau", "ligne"):
        return _form(request, visite, longer(lecture.written) if suite == "ligne" else lecture.written)
    try:
        if suite == "enregistrer":
            return await _registered(visite, lecture, cle or uuid4())
        connu = entered(lecture, day_in(lecture.partner.territoire, now()))
    except InvalidContract as exc:
        return _form(request, visite, lecture.written, exc)
    saisi = to_json({name: text for name, text in lecture.written.items() if name != FORM_TOKEN}).decode()
    if suite == "presenter":
        return presented(request, visite, connu, saisi)
    return await offered(request, visite, connu, {}, saisi)


async def _registered(visite: Visite, lecture: Lecture, key: UUID) -> Response:
    desk = visite.parts.desk
    said = demand(lecture, key, day_in(lecture.partner.territoire, now()))
    assert isinstance(said.contrat, DemandeRecue)
    if other := another_siao(said.contrat, lecture.partner, visite.parts.registry()):
        raise InvalidContract(NOT_OURS.format(other.nom))
    answer = await sent(visite, said, key)
    if answer.refus:
        raise InvalidContract(answer.refus)
    told = await desk.own.described(lecture.partner, [answer.message])
    return sent_to(f"/bureau/recu/{told[str(answer.message)].sujet}", answer.message)


def _form(
    request: Request, visite: Visite, said: Mapping[str, str], refused: InvalidContract | None = None
) -> Response:
    suites = {
        "orienter": "Choisir des places",
        "enregistrer": "Enregistrer sans orienter",
        "presenter": "Le présenter à un bailleur",
    }
    asked = Formulaire("Nouveau ménage", MENAGES, "Ménages", BESOIN, suites, NOT_YET)
    return household_page(request, visite, working(visite, MENAGES), asked, said, refused)


async def _search(request: Request, visite: Parleur, criteres: Criteres, *, asked: bool) -> Response:
    partner, registry = working(visite, MENAGES), visite.parts.registry()
    desk, actor = visite.parts.desk, visite.person.actor
    found = await desk.finding.find(partner, criteres, registry, now(), actor) if asked else None
    return desk_page(
        request,
        visite,
        partner,
        "menages.html",
        trouves=found,
        criteres=criteres,
        dispositifs=[str(each) for each in Dispositif],
        compositions=listes()["compositions"],
        en_mots=called,
        naissances=births,
        communes=near(partner.territoire),
        porteurs={
            p.id: p.nom
            for p in sorted(registry.partners.values(), key=lambda each: each.nom)
            if p.famille in BROUGHT_BY and visite.portee.sees(p.id)
        },
    )
