"""Page «Mes envois»: what became of the partner's sent messages, row by row."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from connectors.mailbox_http import content_of
from console.bureau.here import desk_page, partner_of
from console.pages.asking import Tape, asked
from console.rendering import now
from console.visit import Parleur, closed, not_found
from contracts.partner import Partner
from contracts.reference.graphie import is_named
from ops.desk.numbers import own_number
from ops.tracing.history import Effet
from router.intake.own_routes import Recherche

router = closed()
SINCE = timedelta(days=30)
LISTED = 100
ROWS = 500
"""Limit on the rows that the page of a message shows."""
EFFETS = {
    "": "toutes",
    Effet.APPLIQUE: "enregistrée par le hub",
    Effet.EN_ATTENTE: "reçue, bientôt enregistrée par le hub",
    Effet.SANS_EFFET: "sans effet",
    Effet.ANOMALIE: "sans suite possible",
    Effet.QUARANTAINE: "retenue, l'équipe du hub l'examine",
}
"""French words for the effect of a row, by its code. They do not say that the recipient agreed, only what the
hub did."""
RECEPTION = {
    "accepte": "reçu par le hub",
    "partiel": "reçu en partie par le hub",
    "refuse": "refusé par le hub",
}
"""French words for the state of a sent message, by its code. «Accepté» would read as if the recipient had
accepted the message."""


class Demande(BaseModel):
    """Criterion of the list of sent messages: the partner's own number for a subject, or the name of a household.
    An empty criterion matches all."""

    reference: Tape = ""


@router.get("/bureau/envois")
@router.post("/bureau/envois")
async def sent(
    request: Request, visite: Parleur, demande: Annotated[Demande, Depends(asked(Demande))]
) -> Response:
    """Show the messages that the partner sent in the last thirty days, newest first, at most `LISTED`.
    `demande.reference` selects the messages about the subject with this number. If there are none,
    `demande.reference` is read as the name of a household. The page then shows this household's messages among
    those that are listed by default."""
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
        partner, lines, visite.person.actor, lambda _, name: not by_name or is_named(name, reference)
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
    """Show what became of each row of a sent message. `effet` selects the rows with this effect. Raises 404 if
    the partner has not sent the message."""
    partner = partner_of(visite)
    fate = await visite.parts.desk.own.fate(partner, ident)
    if fate is None:
        raise not_found()
    rows = [
        event | {"reference": _number(event, partner)}
        for event in fate["evenements"]
        if effet in ("", event["etat"])
    ]
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
    only = ours.sujet if ours and ours.sujet and len(fate["evenements"]) == 1 else None
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
        non_lues=list(dict.fromkeys(title for row in written.values() for title in row.non_lues)),
        evenements=rows,
        effet=effet,
        effets=EFFETS,
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
    """Return the partner's own number for the subject (place, referral…) of an event. Return an empty text if
    the subject has no such number. A number that the hub's web desk (`console/bureau`) made up does not count
    as the partner's own."""
    number = str(event["reference"])
    return "" if number == event["sujet"] else own_number(partner, number)


@router.post("/bureau/envois/{ident}/fait")
async def done(visite: Parleur, ident: UUID) -> Response:
    """Record that a person has dealt with the refused rows of a message, and show the tasks. Raises 404 if
    the partner has sent no such message."""
    partner, own = partner_of(visite), visite.parts.desk.own
    if await own.fate(partner, ident) is None:
        raise not_found()
    await own.settle(partner, ident, visite.person.actor)
    return RedirectResponse("/bureau", 303)


@router.get("/bureau/envois/{ident}/a-corriger")
async def to_mend(visite: Parleur, ident: UUID) -> Response:
    """Return the refused rows of a sent table as a file to correct. The file is a workbook, if the sender's
    profile reads workbooks; otherwise it has the format of the sent table. Raises 404 if no row was refused,
    or if the rows can no longer be read."""
    native = await visite.parts.desk.own.to_mend(partner_of(visite), ident, as_workbook=True)
    if native is None:
        raise not_found()
    return content_of(native)
