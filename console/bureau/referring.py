"""Serve the page «Orienter», on which a SIAO refers a household to free places. The household may come from a
designation under DAHO (enforceable right to shelter): the prefect designates a household, and the SIAO refers
it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any, NamedTuple
from uuid import UUID, uuid4, uuid5

from fastapi import Depends, Form, Request, Response

from console.bureau.free_places import day_of, filter_of
from console.bureau.here import desk_page
from console.bureau.whom import Answer, Saisi, back_to, household_in, household_of, of_the_siao, sent
from console.rendering import now
from console.visit import Parleur, Visite, closed
from contracts.errors import InvalidContract
from contracts.partner import Partner
from contracts.plurals import many
from contracts.reference.codes import Dispositif, listes
from contracts.reference.communes import near
from ops.desk.free_places import Libres
from ops.desk.households import Connu
from ops.desk.offers import Filtre, enough, grouped
from ops.desk.referring import Said, refer, told_the_state
from router.domain.calendar import day_in
from router.domain.partners import Registry
from router.domain.subjects import Place

router = closed()
NO_DAY = "le jour de présentation ne se lit pas : donnez une date, ou aucune"
NOT_TOLD = (
    "Les services de l'État n'en sont pas prévenus ; dites-le-leur depuis « Mes tâches ». La raison : {}"
)
TOO_FEW = "il manque {} : orienter quand même ?"


class Choix(NamedTuple):
    """Places that the visitor has chosen for a household, as the form posts them."""

    cle: UUID | None
    """Idempotency key; None if the form only changes the filter."""
    places: Sequence[UUID]
    presentation_le: str
    quand_meme: bool = False
    """Whether the visitor confirms a choice of places with too few beds for the household."""

    @property
    def day(self) -> date | None:
        """Return the day of arrival; None if the visitor typed no day. Raises InvalidContract for an unreadable
        day."""
        found = day_of(self.presentation_le)
        if self.presentation_le and found is None:
            raise InvalidContract(NO_DAY)
        return found


class Tenues(NamedTuple):
    """Places that referrals under way already keep for a household."""

    places: Sequence[UUID]
    ou: Sequence[str]
    """French words for the places of each of these referrals."""
    lits: int


class Refus(NamedTuple):
    """Reason, in French, why something was not sent: the chosen places do not suit the household, or the hub
    refused a referral or the message about it to the State."""

    pourquoi: str
    choix: Choix
    envoye_a: Sequence[str] = ()
    """Managers to whom a referral was sent."""
    lits_manquants: int = 0
    """Number of people for whom the chosen places have no bed, to be confirmed by the visitor."""


def _choix(
    cle: Annotated[UUID | None, Form()] = None,
    places: Annotated[list[UUID] | None, Form()] = None,
    presentation_le: Annotated[str, Form()] = "",
    quand_meme: Annotated[bool, Form()] = False,
) -> Choix:
    return Choix(cle, places or (), presentation_le.strip(), quand_meme)


Choisies = Annotated[Choix, Depends(_choix)]


@router.get("/bureau/orienter/{ident}")
async def choose(request: Request, visite: Parleur, ident: UUID) -> Response:
    """Show the free places to which the visitor can refer a household. `ident` is a demand, a designation
    under DAHO, or a referral that ended without arrival."""
    return await offered(request, visite, await household_of(visite, ident), {})


@router.post("/bureau/orienter/{ident}")
async def send(request: Request, visite: Parleur, ident: UUID, choix: Choisies) -> Response:
    """Refer the household of a demand, DAHO designation or ended referral (`ident`) to the chosen places.
    Each manager gets one referral for all of its chosen places, and these are reserved together or not at
    all. If the form has no idempotency key, the visitor has only changed the filter of the free places: show
    the page again, and send nothing."""
    return await _refer(request, visite, await household_of(visite, ident), choix)


@router.post("/bureau/orienter")
async def send_entered(request: Request, visite: Parleur, saisi: Saisi, choix: Choisies) -> Response:
    """Refer the household entered in an earlier form (`saisi`) to the places chosen in this page's form, with
    one referral for each manager. If this page's form has no idempotency key, the visitor has only changed
    the filter of the free places: show the page again, and send nothing."""
    return await _refer(request, visite, household_in(visite, saisi), choix, saisi)


async def offered(
    request: Request,
    visite: Visite,
    connu: Connu,
    asked: Mapping[str, Any],
    saisi: str = "",
    refused: Refus | None = None,
) -> Response:
    """Return the page on which the visitor chooses free places for the household `connu`. If the household
    was entered by hand, `saisi` is its form as JSON. `asked`: the search criteria that the visitor entered;
    if empty, the household's needs serve as criteria. `refused`: why the visitor's last choice was refused,
    in whole or in part. After a refusal in part, the page's form keeps its idempotency key: if it is sent
    again, it does not repeat the referrals that were made."""
    partner = of_the_siao(visite)
    desk = visite.parts.desk
    filtre, libres = await _free_for(visite, partner, connu, asked)
    noms = await desk.reader.place_names(partner, [each.place for each in libres.offres])
    groupes = grouped(libres.offres, noms, connu.dispositif or "")
    still_free = {o.place.id for o in libres.offres}
    tenues = await _held(visite, partner, connu)
    proposed = () if tenues.places else enough(groupes, connu.size)
    coches = still_free.intersection(refused.choix.places if refused else proposed)
    today = day_in(partner.territoire, now())
    frees = (o.place.libre_le for o in libres.offres if o.place.id in coches)
    day = "" if any(free and free > today for free in frees) else today
    return desk_page(
        request,
        visite,
        partner,
        "orienter.html",
        422 if refused else 200,
        ici="/bureau/menages",
        connu=connu,
        saisi=saisi,
        action=f"/bureau/orienter/{connu.dossier}" if connu.dossier else "/bureau/orienter",
        groupes=groupes,
        coches=coches,
        tenues=tenues,
        noms=noms,
        libres=libres,
        filtre=filtre,
        refus=refused,
        cle=refused.choix.cle if refused and refused.envoye_a else uuid4(),
        arrivee=filtre.le or today,
        presentation_le=refused.choix.presentation_le if refused else day,
        dispositifs=[str(each) for each in Dispositif],
        compositions=listes()["compositions"],
        communes=near(partner.territoire),
    )


async def _held(visite: Visite, partner: Partner, connu: Connu) -> Tenues:
    desk = visite.parts.desk
    referrals = await desk.dossiers.open_referrals(partner, connu.menage.id, connu.demande)
    places = {each.id: each.places for each in referrals}
    every = [place for some in places.values() for place in some]
    where = await desk.lines.where(partner, places, visite.parts.registry())
    return Tenues(every, [*where.values()], await desk.free_places.beds(every))


async def _free_for(
    visite: Visite, partner: Partner, connu: Connu, asked: Mapping[str, Any]
) -> tuple[Filtre, Libres]:
    desk, registry = visite.parts.desk, visite.parts.registry()
    if "commune" in asked:
        filtre = filter_of(asked)
        return filtre, await desk.free_places.near(partner, registry, filtre, now())
    filtre = Filtre(composition=connu.menage.composition, dispositif=str(connu.dispositif))
    if (libres := await desk.free_places.near(partner, registry, filtre, now())).offres:
        return filtre, libres
    filtre = filtre._replace(dispositif="")
    return filtre, await desk.free_places.near(partner, registry, filtre, now())


async def _refer(request: Request, visite: Visite, connu: Connu, choix: Choix, saisi: str = "") -> Response:
    partner, desk = of_the_siao(visite), visite.parts.desk
    asked = await request.form()
    if choix.cle is None:
        return await offered(request, visite, connu, asked, saisi)
    chosen = _by_manager(await desk.free_places.places_of(choix.places))
    keys = {manager: uuid5(choix.cle, manager) for manager in chosen}
    known = await desk.reader.view(partner, menage=connu.menage.id)
    try:
        referrals = {m: refer(partner, connu, chosen[m], known, keys[m], choix.day) for m in chosen}
    except InvalidContract as exc:
        return await offered(request, visite, connu, {}, saisi, Refus(str(exc), choix))
    held = await _held(visite, partner, connu)
    lacking = connu.size - await desk.free_places.beds({*held.places, *choix.places})
    if lacking > 0 and not choix.quand_meme:
        refused = Refus(TOO_FEW.format(many(lacking, "lit")), choix, lits_manquants=lacking)
        return await offered(request, visite, connu, {}, saisi, refused)
    answers = {manager: await sent(visite, said, keys[manager]) for manager, said in referrals.items()}
    why = _refusals(answers, visite.parts.registry())
    gone = {manager: answer for manager, answer in answers.items() if not answer.refus}
    why += await _tell_the_state(visite, connu, {keys[manager]: referrals[manager] for manager in gone})
    if not why:
        return await back_to(visite, connu, [answer.message for answer in gone.values()])
    names = [visite.parts.registry().name_of(manager) for manager in gone]
    return await offered(request, visite, connu, {}, saisi, Refus(" ".join(why), choix, names))


async def _tell_the_state(visite: Visite, connu: Connu, referrals: Mapping[UUID, Said]) -> list[str]:
    """Send the State a message about each referral of a household that the State designated (DAHO).
    `referrals`: the referrals, by the idempotency key of the message that made each. Return why the hub refused
    messages to the State, in French; an empty list if it refused none."""
    if connu.daho is None:
        return []
    partner = of_the_siao(visite)
    names = (await visite.parts.desk.reader.view(partner, connu.daho)).ids
    today = day_in(partner.territoire, now())
    answers = [
        await sent(
            visite, told_the_state(partner, connu.daho, names, referral, today), uuid5(key, str(connu.daho))
        )
        for key, referral in referrals.items()
    ]
    return [NOT_TOLD.format(answer.refus) for answer in answers if answer.refus]


def _by_manager(places: Sequence[Place]) -> Mapping[str, list[Place]]:
    chosen: dict[str, list[Place]] = {} if places else {"": []}  # no place: refused later, with the reason
    for place in places:
        chosen.setdefault(place.gestionnaire, []).append(place)
    return chosen


def _refusals(answers: Mapping[str, Answer], registry: Registry) -> list[str]:
    return [
        f"Refusé pour {registry.name_of(each)} : {answer.refus}"
        for each, answer in answers.items()
        if answer.refus
    ]
