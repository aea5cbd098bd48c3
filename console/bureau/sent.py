"""Serve the page «Mes envois», which shows what became of the partner's messages, row by row."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from connectors.mailbox_http import content_of
from console.bureau.dropping import already_of, together
from console.bureau.here import desk_page, is_for_the_siao, partner_of
from console.pages.asking import Tape, asked
from console.rendering import now
from console.visit import Parleur, closed, not_found
from contracts.partner import Partner
from contracts.reference.graphie import is_named
from ops.desk.numbers import own_number
from ops.tracing.history import Effet
from router.intake.draft import rejections_of
from router.intake.own_routes import Recherche

router = closed()
SINCE = timedelta(days=30)
LISTED = 100
ROWS = 500
"""Maximum number of rows on a message's page."""
EFFETS = {
    "": "toutes",
    Effet.APPLIQUE: "enregistrée",
    Effet.EN_ATTENTE: "reçue, bientôt enregistrée",
    Effet.SANS_EFFET: "sans effet",
    Effet.ANOMALIE: "sans suite possible",
    Effet.QUARANTAINE: "retenue, l'équipe du hub l'examine",
}
"""French words for what the hub did with a row. None of them says that the recipient agreed."""
RECEPTION = {"accepte": "envoyé", "partiel": "envoyé en partie"}
"""French words for two states of a sent message. They differ from the words elsewhere, because «accepté»
would seem to say that the recipient had accepted."""


class Demande(BaseModel):
    """Text to search for in the sent messages, such as the partner's own number for a subject, or a
    household's name. An empty text matches all."""

    reference: Tape = ""


@router.get("/bureau/envois")
@router.post("/bureau/envois")
async def sent(
    request: Request, visite: Parleur, demande: Annotated[Demande, Depends(asked(Demande))]
) -> Response:
    """Show the partner's messages of the last thirty days, newest first, at most 100 (`LISTED`). If the
    visitor has typed a text, show only the messages with this idempotency key or event id, or about a subject
    with this number. A subject's number is the partner's own, or the hub's id. If there are no such messages,
    show those of the newest 100 that are about a household with this name: each typed word must begin a word
    of the household's names."""
    partner, reference = partner_of(visite), demande.reference.strip()
    desk, registry, since = visite.parts.desk, visite.parts.registry(), now() - SINCE
    wanted = Recherche.model_validate({"limite": LISTED, "reference": reference or None})
    rows = await desk.own.messages(partner.id, wanted, since)
    by_name = bool(reference) and not rows
    if by_name:
        rows = await desk.own.messages(partner.id, Recherche(limite=LISTED), since)
    told = await desk.own.described(partner, [UUID(row["id"]) for row in rows])
    about = {each.sujet for each in told.values() if each.sujet}
    lines = await desk.lines.about(partner, about, registry)
    menages = await desk.reader.names(
        partner,
        lines,
        visite.person.actor,
        lambda names: [each for each in names if not by_name or is_named(names[each], reference)],
    )
    if by_name:
        rows = [row for row in rows if row["id"] in told and told[row["id"]].sujet in menages]
    return desk_page(
        request,
        visite,
        partner,
        "envois.html",
        lignes=rows,
        dits=told,
        au_sujet=lines,
        menages=menages,
        reception=RECEPTION,
        reference=reference,
        regles=await desk.own.settled([UUID(row["id"]) for row in rows if row["rejetes"]]),
    )


@router.get("/bureau/envois/{ident}")
async def one(request: Request, visite: Parleur, ident: UUID, effet: str = "") -> Response:
    """Show what became of each row of a sent message; with `effet`, only rows with this result. Raises 404 if
    the partner has not sent the message."""
    partner = partner_of(visite)
    fate = await visite.parts.desk.own.fate(partner, ident, effet or None)
    if fate is None:
        raise not_found()
    rows = [event | {"reference": _number(event, partner)} for event in fate["evenements"]]
    numbers: Mapping[str, int] = fate["evenements_par_etat"]
    own = visite.parts.desk.own
    todo = visite.parts.desk.todo
    corrected, left = await todo.corrected(partner, ident, now())
    others = [message for message in left if fate["acceptes"] and message["id"] != str(ident)]
    told = await own.described(partner, [ident, *(UUID(each["id"]) for each in (*corrected, *others))])
    settled = await own.settled([ident])
    written = await own.written(partner, ident) if fate["a_corriger"] else {}
    if written:
        await visite.parts.desk.reader.seen(partner, [ident], visite.person.actor)
    ours = told.get(str(ident))
    only = ours.sujet if ours and ours.sujet and sum(numbers.values()) == 1 else None
    about = {UUID(str(event["sujet"])) for event in rows[:ROWS]}
    opened = await visite.parts.desk.lines.about(partner, about, visite.parts.registry())
    names = await visite.parts.desk.reader.names(partner, opened, visite.person.actor)
    return desk_page(
        request,
        visite,
        partner,
        "envoi.html",
        sort=fate,
        ecrits=written,
        deja=await already_of(visite, partner, rejections_of(fate["rejets"] or ()), written),
        remarques=together(rejections_of(fate["avertissements"] or ())),
        evenements=rows,
        en_tout=numbers.get(effet, 0) if effet else sum(numbers.values()),
        effet=effet,
        effets=EFFETS,
        au_siao=is_for_the_siao(ours, partner),
        sujet=only if only in opened else None,
        au_sujet=opened.get(only, "") if only else "",
        menages={str(ident): named for ident, named in names.items()},
        montrees=ROWS,
        reception=RECEPTION,
        quoi=ours.quoi if ours else "",
        dits=told,
        regle=settled,
        corriges=corrected,
        autres=others,
    )


def _number(event: Mapping[str, Any], partner: Partner) -> str:
    """Return the number that the partner itself gave to the event's subject; empty if the partner gave none."""
    number = str(event["reference"])
    return "" if number == event["sujet"] else own_number(partner, number)


@router.post("/bureau/envois/{ident}/fait")
async def done(visite: Parleur, ident: UUID) -> Response:
    """Record that a person has dealt with a message's refused rows. Raises 404 if the partner has not sent
    the message."""
    partner, own = partner_of(visite), visite.parts.desk.own
    if await own.fate(partner, ident) is None:
        raise not_found()
    await own.settle(partner, ident, visite.person.actor)
    return RedirectResponse("/bureau", 303)


@router.get("/bureau/envois/{ident}/a-corriger")
async def to_mend(visite: Parleur, ident: UUID) -> Response:
    """Return a file to correct, with only the refused rows of a sent table. Raises 404 if no row was
    refused by itself (a table refused as a whole has no such row), or if the rows can no longer be read."""
    native = await visite.parts.desk.own.to_mend(partner_of(visite), ident, as_workbook=True)
    if native is None:
        raise not_found()
    return content_of(native)
