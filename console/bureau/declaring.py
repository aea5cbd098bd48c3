"""Serve the pages «Déclarer une place» and «Nouvelle demande», forms for a partner that sends no tables."""

from collections.abc import Mapping
from uuid import UUID

from fastapi import HTTPException, Request, Response

from console.bureau.here import Cle, desk_page, key_of, lecture_of, partner_of, sent_to, why_not, working
from console.bureau.households import Formulaire, household_page, longer
from console.rendering import now
from console.visit import Parleur, Visite, closed, not_found
from contracts.base import Nature
from contracts.errors import InvalidContract
from contracts.partner import Partner
from contracts.reference.communes import near, prefilled
from ops.desk.acts import may_correct
from ops.desk.declaring import (
    CORRIGEE,
    DEMANDE,
    EFFACE,
    Change,
    Efface,
    Taken,
    as_before,
    as_known,
    corrected,
    demand,
    of_a_place,
    place,
    why_by_file,
)
from ops.desk.forms import Lecture
from ops.desk.reading import Decrite
from ops.desk.referring import Said
from router.domain.calendar import day_in, days_in
from router.domain.subjects import Demande

router = closed()
AT_ONCE = "Votre demande part aussitôt au SIAO ; vous lirez dans « Mes demandes » où elle en est."
IN_PLACE_OF_IT = (
    "Changez ce qui doit l'être : le reste part tel quel. Ce que vous ne pouvez pas relire ici est gardé comme il "
    "était si vous laissez sa case vide."
)
PLACES, DEMANDES = "/bureau/places", "/bureau/demandes"


@router.get(f"{PLACES}/declarer")
async def describe(request: Request, visite: Parleur) -> Response:
    """Show the form that declares a new place, with structure, commune and kind of offer filled in from the
    partner's newest place, if there is one."""
    partner = working(visite, PLACES)
    known = as_before(await visite.parts.desk.declared.newest_place(partner), partner)
    commune = prefilled(known.get("commune", ""), partner.territoires)
    return _place(request, visite, partner, known | {"commune": commune})


@router.post(f"{PLACES}/declarer")
async def declare(request: Request, visite: Parleur, cle: Cle) -> Response:
    """Send the message that declares a new place, and show the list of places. If the form has mistakes, or
    the hub refuses the message, show the form again."""
    lecture = await lecture_of(request, working(visite, PLACES))
    earliest, _ = days_in(lecture.partner.territoires, now())
    try:
        message = await _say(visite, lecture, place(lecture, earliest), Nature.PLACE, cle)
    except InvalidContract as exc:
        return _place(request, visite, lecture.partner, lecture.written, exc)
    return sent_to(PLACES, message)


@router.get(f"{DEMANDES}/nouvelle")
async def ask(request: Request, visite: Parleur) -> Response:
    """Show the form in which the partner brings a new demand."""
    return _demand(request, visite, working(visite, DEMANDES), {})


@router.post(f"{DEMANDES}/nouvelle")
async def bring(request: Request, visite: Parleur, cle: Cle) -> Response:
    """Send a new demand, and show the list of demands. Show the form again instead if the visitor adds a
    person, if the form has mistakes, or if the hub refuses the demand."""
    lecture = await lecture_of(request, working(visite, DEMANDES))
    if lecture.text("suite") == "ligne":
        return _demand(request, visite, lecture.partner, longer(lecture.written))
    today = day_in(lecture.partner.territoire, now())
    try:
        message = await _say(visite, lecture, demand(lecture, cle, today), Nature.DEMANDE, cle)
    except InvalidContract as exc:
        return _demand(request, visite, lecture.partner, lecture.written, exc)
    return sent_to(DEMANDES, message)


@router.get(f"{DEMANDES}/{{ident}}/corriger")
async def correct(request: Request, visite: Parleur, ident: UUID) -> Response:
    """Show the newest description of a demand in a form, so that the visitor can correct it. Raises 404 if the
    partner must not correct this demand. Raises 409 if only a file that the partner sends can correct it,
    because the description is unreadable or the household has too many people for the form."""
    partner, demande = partner_of(visite), await _of(visite, ident)
    reader, today = visite.parts.desk.reader, day_in(partner.territoire, now())
    before = await _described(visite, partner, ident)
    await reader.seen(partner, [ident], visite.person.actor)
    return _correction(request, visite, partner, demande, as_known(before, partner, today))


@router.post(f"{DEMANDES}/{{ident}}/corriger")
async def describe_anew(request: Request, visite: Parleur, ident: UUID, cle: Cle) -> Response:
    """Send the partner's correction of a demand, which the visitor has written in a form, and show the
    demand. Show the form again instead if:

    * the visitor adds a person;
    * the form has mistakes, or empties a field without confirmation;
    * the demand was described anew after the visitor opened the form;
    * the hub refuses the correction.

    Raises 404 if the partner must not correct this demand, 409 if a form cannot show its description.
    """
    demande = await _of(visite, ident)
    lecture = await lecture_of(request, partner_of(visite))
    if lecture.text("suite") == "ligne":
        return _correction(request, visite, lecture.partner, demande, longer(lecture.written))
    desk = visite.parts.desk
    view = await desk.reader.view(lecture.partner, ident, demande.menage, menage=demande.menage)
    before, today = (
        await _described(visite, lecture.partner, ident),
        day_in(lecture.partner.territoire, now()),
    )
    try:
        said = corrected(lecture, demande, before, today, view)
        report = await desk.speaker.say(said.contrat, view, cle, visite.person.actor)
        if refused := why_not(report):
            raise InvalidContract(refused)
    except Change as exc:
        await desk.reader.seen(lecture.partner, [ident], visite.person.actor)
        known = as_known(before, lecture.partner, today)
        return _correction(request, visite, lecture.partner, demande, known, exc)
    except InvalidContract as exc:
        written = {**lecture.written, EFFACE: exc.efface if isinstance(exc, Efface) else ""}
        return _correction(request, visite, lecture.partner, demande, written, exc)
    return sent_to(f"/bureau/recu/{ident}", report.message_id)


async def _described(visite: Visite, partner: Partner, demande: UUID) -> Decrite:
    before = await visite.parts.desk.reader.described(partner, demande)
    if before is None or why_by_file(before):
        raise HTTPException(409, why_by_file(before))
    return before


async def _of(visite: Visite, ident: UUID) -> Demande:
    partner, registry = partner_of(visite), visite.parts.registry()
    found = await visite.parts.desk.dossiers.part_of(partner, ident, registry)
    if not isinstance(found, Demande) or not may_correct(found, partner.id, registry):
        raise not_found()
    return found


def _correction(
    request: Request,
    visite: Visite,
    partner: Partner,
    demande: Demande,
    said: Mapping[str, str],
    refused: InvalidContract | None = None,
) -> Response:
    back = f"/bureau/recu/{demande.id}"
    suites = {"envoyer": "Envoyer la correction"}
    asked = Formulaire("Corriger la demande", back, "La demande", CORRIGEE, suites, IN_PLACE_OF_IT)
    return household_page(request, visite, partner, asked, said, refused)


def _place(
    request: Request,
    visite: Visite,
    partner: Partner,
    said: Mapping[str, str],
    refused: InvalidContract | None = None,
) -> Response:
    return desk_page(
        request,
        visite,
        partner,
        "declarer_place.html",
        422 if refused else 200,
        saisies=of_a_place(partner),
        ecrit=said,
        refus=refused,
        cle=key_of(said),
        communes=near(partner.territoire),
    )


def _demand(
    request: Request,
    visite: Visite,
    partner: Partner,
    said: Mapping[str, str],
    refused: InvalidContract | None = None,
) -> Response:
    asked = Formulaire(
        "Nouvelle demande", DEMANDES, "Mes demandes", DEMANDE, {"envoyer": "Envoyer la demande"}, AT_ONCE
    )
    return household_page(request, visite, partner, asked, said, refused)


async def _say(visite: Visite, lecture: Lecture, said: Said, nature: Nature, key: UUID) -> UUID:
    desk = visite.parts.desk
    number = said.view.id_of(said.contrat.sujet)
    if (known := await desk.declared.named(lecture.partner, number, nature, key)) is not None:
        raise Taken(known)
    report = await desk.speaker.say(said.contrat, said.view, key, visite.person.actor)
    if refused := why_not(report):
        raise InvalidContract(refused)
    return report.message_id
