"""Serve the page «Reçu», which shows what the visitor's partner has received, and the possible answers. Of
each message it shows the fields that the partner may read by the privacy matrix."""

from collections.abc import Callable, Container, Mapping, Sequence
from types import MappingProxyType
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import Depends, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from adapters.registry import TABULAIRES
from connectors.mailbox_http import content_of
from console.bureau.declaring import DEMANDES, PLACES
from console.bureau.free_places import day_of
from console.bureau.here import Cle, desk_page, partner_of, said_just_now, sent_to, why_not
from console.bureau.whom import Envoyes, just_sent
from console.exporting import csv_of
from console.pages.asking import Tape, asked
from console.rendering import now
from console.visit import Parleur, Visite, closed, not_found
from contracts.base import Contrat, Nature
from contracts.errors import InvalidContract
from contracts.explications import MOTIFS
from contracts.mots import NOMS, etat_of
from contracts.partner import Famille, Partner
from contracts.reference.graphie import is_named, plain
from contracts.v1 import CONTRATS
from contracts.v1.alerte import MotifAnomalie
from contracts.v1.attribution import CandidatureAccusee
from contracts.v1.menage import Menage
from contracts.v1.orientation import OrientationAccusee
from contracts.v1.pret_logement import DoublonSuspecte
from ops.desk.about import to_call
from ops.desk.acts import AGAIN, ON_AN_ACT, Debut, may_correct
from ops.desk.filling import filled
from ops.desk.forms import written
from ops.desk.numbers import name_of, reference_of
from ops.desk.sql import SEARCHED, Received
from ops.desk.words import Fait, births, names_of, title_of
from ops.duplicates import sql as duplicates
from ops.protection.referents import entrusted
from ops.status.quantities import local
from router.domain.books import BOOKS
from router.domain.calendar import day_in, days_in
from router.domain.messages import facts_of
from router.domain.parts import Party
from router.domain.rulebooks.daho import EN_COURS, Daho
from router.domain.rulebooks.orientation import FINIES_SANS_ENTREE, Etat
from router.domain.rules.envois import asks_nobody
from router.domain.subjects import Demande, Envoi, Orientation, Place, Subject

router = closed()
ACKNOWLEDGED = tuple(f"{each.NOM}." for each in (OrientationAccusee, CandidatureAccusee))
"""Beginnings of the names of messages that only say that the recipient has read something. The button «J'ai
bien reçu» replaces these messages."""

AS_A_TABLE: Mapping[str, Callable[[Fait], object]] = {
    "Quoi": lambda fait: fait.nom,
    "Ce qui est dit": lambda fait: fait.valeur,
}
"""Columns of the table that shows one message."""


class Demandes(BaseModel):
    """Search criteria for received messages; an empty criterion matches all. A SIAO sees messages about places,
    which have their own page, only if it searches for them."""

    nom: Tape = ""
    """Text to search for: the beginning of a household's name, or a part of the subject's number. This number
    is the partner's own, or the hub's id."""
    nature: Tape = ""
    depuis: Tape = ""
    """First day of the messages to show, as ISO text."""
    csv: bool = False
    """Whether to return a file instead of a page."""

    def hides(self, partner: Partner) -> Nature | None:
        """Return the kind of subject whose messages the page does not show: places, if the visitor is of a SIAO
        and searches by neither `nature` nor `nom`. Return None if the page may show messages of all kinds."""
        asks = self.nature or self.nom
        return Nature.PLACE if partner.famille is Famille.SIAO and not asks else None

    def dates(self, row: Received) -> bool:
        """Return whether a message came on the day from which the visitor searches (`depuis`), or later. Return
        True if the visitor gave no readable day."""
        since = day_of(self.depuis)
        return since is None or local(row.created_at).date() >= since


@router.get("/bureau/recu")
@router.post("/bureau/recu")
async def received(
    request: Request,
    visite: Parleur,
    demande: Annotated[Demandes, Depends(asked(Demandes))],
) -> Response:
    """Show the received messages that match the search, newest first, with the household names that the partner
    may read; or return them as a CSV file."""
    partner, desk, registry = partner_of(visite), visite.parts.desk, visite.parts.registry()
    desk.dossiers.mailbox.looked(partner.id)
    newest = await desk.reader.newest(partner, demande.nature or None, demande.hides(partner))
    rows = read = [row for row in newest if demande.dates(row)]
    subjects = {row.subject for row in rows}
    in_pairs = {row.subject for row in rows if row.type == DoublonSuspecte.TYPE}
    async with visite.parts.database.transaction() as connection:
        shown_by = await duplicates.subjects_of(connection, in_pairs, partner.id)
    view = await desk.reader.view(partner, *subjects)
    known = {  # of a household in a pair, the partner may know nothing but a pseudonym
        ident: name for ident in view.ids.keys() - in_pairs if (name := name_of(view, ident)) != str(ident)
    }
    lines = await desk.lines.about(partner, {*subjects, *shown_by.values()}, registry)
    wanted = plain(demande.nom.strip())
    numbered = {
        ident
        for ident in {*subjects - in_pairs, *shown_by.values()}
        if wanted in plain(f"{known.get(ident, '')} {ident}")
    }
    people = await desk.reader.named(
        partner,
        lines,
        visite.person.actor,
        lambda names: [each for each in names if each in numbered or is_named(names[each], wanted)],
    )
    people |= {menage: people[ident] for menage, ident in shown_by.items() if ident in people}
    if wanted:
        rows = [row for row in read if row.subject in numbered or row.subject in people]
    if demande.csv:
        motives = await desk.lines.motives(partner, lines)
        return await csv_of("recu", _columns(known, lines, people, motives), rows)
    menages = {ident: names_of(menage) for ident, menage in people.items()}
    offered = [row.subject for row in rows if row.nature == Nature.PLACE]
    at_the_siao = offered if partner.famille is Famille.SIAO else ()
    return desk_page(
        request,
        visite,
        partner,
        "recu.html",
        lignes=rows,
        lues=read,
        cherchees=SEARCHED,
        demande=demande,
        natures=NOMS,
        sauf_places=partner.famille is Famille.SIAO,
        noms=known,
        menages=menages,
        au_sujet=lines,
        lieux=await desk.lines.where(partner, {ident: [ident] for ident in at_the_siao}, registry),
        a_confirmer=owes_a_receipt,
    )


def _columns(
    known: Mapping[UUID, str],
    lines: Mapping[UUID, str],
    people: Mapping[UUID, Menage],
    motives: Mapping[UUID, str],
) -> Mapping[str, Callable[[Received], object]]:
    return {
        "Reçu le": lambda row: row.created_at,
        "Message": lambda row: title_of(row.type),
        "Votre numéro": lambda row: known.get(row.subject, ""),
        "Référence": lambda row: _reference(row, lines),
        "Ménage": lambda row: names_of(people[row.subject]) if row.subject in people else "",
        "Naissance": lambda row: births(people[row.subject]) if row.subject in people else "",
        "À propos": lambda row: lines.get(row.subject, ""),
        "Où en est-on": lambda row: etat_of(Nature(row.nature), row.subject_etat) if row.subject_etat else "",
        "Motif": lambda row: motives.get(row.subject, ""),
        "Répondu le": lambda row: row.repondue_le or "",
    }


def _reference(row: Received, opened: Container[UUID]) -> str:
    # Without «réf.», a spreadsheet would read a number. No part of a household's id is shown: all partners
    # have the same id.
    return (
        f"réf. {reference_of(row.subject)}"
        if row.nature == Nature.ORIENTATION and row.subject in opened
        else ""
    )


def owes_a_receipt(row: Received) -> bool:
    """Return whether the partner should confirm receipt: the message lies in its mailbox, and asks for an
    answer that has not come."""
    owed = row.type in CONTRATS and facts_of(CONTRATS[row.type]).owed_an_answer
    if row.etat != "deposee" or not owed or row.nature is None:
        return False
    return row.subject_etat in BOOKS[Nature(row.nature)].expected


@router.get("/bureau/recu/{ident}")
async def one(request: Request, visite: Parleur, ident: UUID, envoye: Envoyes = ()) -> Response:
    """Show a subject, the messages received about it, and the possible answers. `envoye`: the referrals and
    candidacies that the visitor has just sent, shown first. Raises 404 if the subject does not concern the
    partner."""
    return await _shown(request, visite, ident, envoye=envoye)


@router.post("/bureau/recu/{ident}/dire")
async def answer(request: Request, visite: Parleur, ident: UUID, cle: Cle) -> Response:
    """Send the posted message about a subject, and confirm receipt of all messages about this subject. If the
    posted message is faulty or refused, show the form again."""
    partner = partner_of(visite)
    subject = await _part_of(visite, partner, ident)
    form = written((await request.form()).multi_items())
    try:
        contrat = await _said(visite, partner, subject, form)
    except InvalidContract as exc:
        return await _shown(request, visite, ident, exc, form)
    desk = visite.parts.desk
    await desk.dossiers.confirm(partner, ident)
    view = await desk.dossiers.view(partner, subject, contrat)
    report = await desk.speaker.say(contrat, view, cle, visite.person.actor)
    if refused := why_not(report):
        return await _shown(request, visite, ident, InvalidContract(refused), form)
    if subject.NATURE is Nature.PLACE:
        return sent_to(PLACES, report.message_id, f"place-{ident}")
    back = f"/bureau/recu/{ident}"
    if subject.played_by(partner.id, Party.DECLARANT):
        back = "/bureau"  # a withdrawn declaration has no page any more
    return sent_to(back, report.message_id)


@router.post("/bureau/recu/{ident}/confirmer")
async def confirm(visite: Parleur, ident: UUID) -> Response:
    """Confirm receipt of all messages to the partner about a subject. The partner's deadlines for an answer
    then start."""
    partner = partner_of(visite)
    await _part_of(visite, partner, ident)
    await visite.parts.desk.dossiers.confirm(partner, ident)
    return RedirectResponse(f"/bureau/recu/{ident}", 303)


@router.get("/bureau/recu/{ident}/fichier/{livraison}")
async def file(visite: Parleur, ident: UUID, livraison: UUID, csv: bool = False) -> Response:
    """Return the message that the partner received with the delivery `livraison`, about the subject `ident`.
    The format is that of the partner's software; with `csv`, a CSV table. Raises 404 if the partner received no
    such delivery, or if the message can no longer be read."""
    partner, reader, actor = partner_of(visite), visite.parts.desk.reader, visite.person.actor
    await _part_of(visite, partner, ident)
    if csv:
        found = [each for each in await reader.about(partner, ident, actor) if each.livraison == livraison]
        if not found:
            raise not_found()
        return await csv_of("message", AS_A_TABLE, found[0].dit)
    native = await reader.file(partner, ident, livraison, actor)
    if native is None:
        raise not_found()
    return content_of(native)


async def _part_of(visite: Visite, partner: Partner, ident: UUID) -> Subject:
    found = await visite.parts.desk.dossiers.part_of(partner, ident, visite.parts.registry())
    if found is None:
        raise not_found()
    return found


async def _said(visite: Visite, partner: Partner, subject: Subject, form: dict[str, str]) -> Contrat:
    actes = await visite.parts.desk.dossiers.possible(partner, subject, visite.parts.registry(), now())
    acte = next((each for each in actes if each.nom == form.get("acte")), None)
    if acte is None:
        raise InvalidContract("cela ne se peut plus : l'état a changé entre-temps, relisez la page")
    reader, before = visite.parts.desk.reader, None
    if acte.contrat in ON_AN_ACT:
        before = await reader.last_signed(partner, subject.id)
    elif repeated := AGAIN.get(acte.contrat):
        before = await reader.last_said(partner, subject.id, repeated)
    contrat = filled(acte, subject.id, form, partner, days_in(partner.territoires, now()), before)
    if isinstance(subject, Envoi) and asks_nobody(partner.id, contrat, subject, visite.parts.registry()):
        raise InvalidContract(MOTIFS[MotifAnomalie.SERVICE_INCONNU])
    return contrat


async def _shown(
    request: Request,
    visite: Visite,
    ident: UUID,
    refused: InvalidContract | None = None,
    written: Mapping[str, str] = MappingProxyType({}),
    envoye: Sequence[UUID] = (),
) -> Response:
    partner, desk = partner_of(visite), visite.parts.desk
    dossier = await desk.dossiers.dossier(partner, ident, visite.parts.registry(), now(), visite.person.actor)
    if dossier is None:
        raise not_found()
    status = 422 if refused else 200
    asked = dossier.subject
    brought = isinstance(asked, Demande | Daho) and asked.destinataire == partner.id
    may_refer = asked.etat in EN_COURS if isinstance(asked, Daho) else dossier.mine
    again = isinstance(asked, Orientation) and await desk.dossiers.origin(partner, asked) is not None
    referable = partner.famille is Famille.SIAO and (again or (brought and may_refer))
    again &= all(each.subject.etat in FINIES_SANS_ENTREE for each in dossier.orientations)
    given_back = (
        {ident: asked.places} if isinstance(asked, Orientation) and asked.etat is Etat.ANNULEE else {}
    )
    where = await desk.lines.where(partner, given_back, visite.parts.registry())
    named = dossier.menage is not None and bool(dossier.menage.personnes)
    return desk_page(
        request,
        visite,
        partner,
        "dossier.html",
        status,
        ici=_above(asked, partner),
        dossier=dossier,
        refus=refused,
        envoyees=await just_sent(visite, partner, envoye),
        occupant=await _occupant(visite, partner, asked),
        demande=await _demand_of(visite, partner, asked),
        cle=uuid4(),
        debut=Debut(day_in(partner.territoire, now()), written, getattr(refused, "champs", {})),
        a_orienter=referable and named,
        a_refaire=dossier.a_reorienter or (again and named),
        places_rendues=where.get(ident, ""),
        sans_nom=referable and brought and not named,
        a_presenter=isinstance(asked, Demande),
        a_appeler=to_call(asked, partner, visite.parts.registry()),
        redites=ACKNOWLEDGED,
        par_tableau=partner.dialecte_sortant in TABULAIRES,
        logement=await desk.dossiers.homes(partner, asked),
        a_corriger=may_correct(asked, partner.id, visite.parts.registry()),
        a_comparer=await _comparable(visite, asked, partner),
        **await said_just_now(request, visite, partner),
    )


async def _occupant(visite: Visite, partner: Partner, place: Subject) -> tuple[UUID, str] | None:
    if not isinstance(place, Place) or place.orientation is None or place.gestionnaire != partner.id:
        return None
    names = await visite.parts.desk.reader.names(partner, [place.orientation], visite.person.actor)
    return place.orientation, names.get(place.orientation, "son orientation")


async def _demand_of(visite: Visite, partner: Partner, referral: Subject) -> UUID | None:
    if not isinstance(referral, Orientation) or referral.demande is None:
        return None
    found = await visite.parts.desk.dossiers.part_of(partner, referral.demande, visite.parts.registry())
    return found.id if found else None


def _above(subject: Subject, partner: Partner) -> str:
    """Return the path of the desk page that lists this subject for the partner. Return an empty text if only
    the page «Reçu», of received messages, lists the subject."""
    if isinstance(subject, Place):
        return PLACES if subject.gestionnaire == partner.id else ""
    if not isinstance(subject, Envoi):
        return ""
    if partner.famille is Famille.SIAO:
        return "/bureau/menages"
    if subject.emetteur != partner.id:
        return ""
    return DEMANDES if isinstance(subject, Demande) else "/bureau/envois"


async def _comparable(visite: Visite, demande: Subject, partner: Partner) -> UUID | None:
    if not isinstance(demande, Demande) or demande.destinataire != partner.id:
        return None
    async with visite.parts.database.transaction() as connection:
        theirs = await entrusted(connection, visite.person.actor, visite.parts.registry())
    return demande.menage if theirs.covers(demande.menage, partner.id) else None
