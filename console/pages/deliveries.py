"""Serve the page «Livraisons», which lists deliveries that need a decision or are late, and record the
decisions."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from console.exporting import Columns, csv_of
from console.pages.asking import Suite
from console.pages.messages import Motif
from console.pages.paging import Voir
from console.rendering import now, page
from console.visit import Decideur, Demasqueur, Suiveur, Visite, closed, not_found
from contracts.errors import Permanent
from ops.lists import sql as listing
from ops.status.wording import why_not_delivered
from ops.tasks import deciding as tasks
from ops.unsealing import showing as unsealing
from router.store.database import Row

router = closed()
LISTED = 100
DECIDED = "quelqu'un a décidé avant vous, ou le hub l'envoie en ce moment : rechargez la page dans une minute"


@router.get("/livraisons")
async def deliveries(
    request: Request,
    visite: Suiveur,
    suite: Suite,
    vue: Voir,
    partenaire: str = "",
    tout: bool = False,
) -> Response:
    """Show the deliveries that need a decision or are late, oldest first. `suite`: last row of the previous
    page, after which this page begins. `tout`: also show deliveries that wait and are not late. `partenaire`,
    if given, leaves only the deliveries to this partner. `vue`: one page, the whole list, or a file."""
    rows = await tasks.waiting(
        visite.parts.database,
        visite.among(partenaire),
        vue.most(LISTED),
        everything=tout,
        after=suite and (suite.at, suite.id),
    )
    at, to_team = now(), visite.portee.whole
    if vue.csv:
        return await csv_of("livraisons", _columns(at, to_team=to_team), rows)
    rows, part = vue.part(rows, LISTED, debut=suite is None)
    return page(
        request,
        visite,
        "livraisons.html",
        lignes=[(row, why_not_delivered(row, at, to_team=to_team)) for row in rows],
        partenaire=partenaire,
        tout=tout,
        partenaires=visite.names(),
        part=part,
    )


def _columns(at: datetime, *, to_team: bool) -> Columns[Row]:
    return {
        "id": lambda row: row.id,
        "etat": lambda row: row.etat,
        "a": lambda row: row.partner,
        "type": lambda row: row.type,
        "pourquoi": lambda row: why_not_delivered(row, at, to_team=to_team),
        "depuis": lambda row: row.created_at,
    }


@router.post("/livraisons/refusees/renvoyer")
async def send_refused_again(visite: Decideur, motif: Motif, partenaire: Annotated[str, Form()]) -> Response:
    """Send once more all deliveries that the partner `partenaire` has refused. Raises 404 if the visitor must
    not see this partner."""
    visite.needs(partenaire)
    await tasks.send_refused_again(visite.parts.database, partenaire, visite.person.actor, motif)
    return RedirectResponse("/livraisons", 303)


@router.get("/livraisons/{ident}")
async def delivery(request: Request, visite: Suiveur, ident: UUID) -> Response:
    """Show a delivery and what the recipient replied, with personal values masked. Raises 404 for an unknown
    delivery, or if the visitor must not see its recipient."""
    return await _shown(request, visite, ident, None)


@router.post("/livraisons/{ident}/clair")
async def in_clear(request: Request, visite: Demasqueur, ident: UUID, motif: Motif) -> Response:
    """Show a delivery and what the recipient replied, in clear. The audit records who read this, and why
    (`motif`)."""
    return await _shown(request, visite, ident, motif)


@router.post("/livraisons/{ident}/renvoyer")
async def send_again(visite: Decideur, ident: UUID, motif: Motif) -> Response:
    """Send a delivery once more, under the same idempotency key. Raises 409 if the delivery needs no decision,
    404 if the visitor must not see its recipient."""
    await _mine(visite, ident)
    return _back_to(ident, await tasks.send_again(visite.parts.database, ident, visite.person.actor, motif))


@router.post("/livraisons/{ident}/arrivee")
async def arrived(visite: Decideur, ident: UUID, motif: Motif) -> Response:
    """Record that a delivery has arrived. The recipient's deadlines then start. Raises 409 unless the
    delivery's outcome is unknown, 404 if the visitor must not see its recipient."""
    await _mine(visite, ident)
    parts, actor = visite.parts, visite.person.actor
    return _back_to(ident, await tasks.arrived(parts.database, parts.keyring.prover, ident, actor, motif))


@router.post("/livraisons/{ident}/demander")
async def ask(visite: Decideur, ident: UUID, motif: Motif) -> Response:
    """Have the hub ask the recipient whether a delivery has arrived. If it has, the delivery is settled. If
    not, the hub sends it again, unless the registry says that nothing is ever sent again to this recipient:
    then a person has to decide once more. The audit records why the visitor asks (`motif`). Raises Permanent if this
    recipient cannot be asked, 409 unless the delivery's outcome is unknown, 404 if the visitor must not see
    the recipient."""
    await _mine(visite, ident)
    return _back_to(ident, await tasks.ask(visite.parts.database, ident, visite.person.actor, motif))


@router.post("/livraisons/{ident}/classer")
async def close(visite: Decideur, ident: UUID, motif: Motif) -> Response:
    """Close a delivery that was settled in another way, so that it is not sent again. Raises 409 if the
    delivery needs no decision and is not late, 404 if the visitor must not see its recipient."""
    await _mine(visite, ident)
    return _back_to(ident, await tasks.close(visite.parts.database, ident, visite.person.actor, motif))


def _back_to(ident: UUID, decided: bool) -> Response:
    if not decided:
        raise HTTPException(409, DECIDED)
    return RedirectResponse(f"/livraisons/{ident}", 303)


async def _shown(request: Request, visite: Visite, ident: UUID, why: str | None) -> Response:
    row = await _mine(visite, ident)
    seen: unsealing.Seen | str = "le partenaire n'a rien répondu"
    if row.replied:
        parts = visite.parts
        try:
            seen = await unsealing.reply(parts.database, parts.keyring, ident, visite.person.actor, why)
        except Permanent as exc:
            seen = str(exc)
    async with visite.parts.database.transaction() as connection:
        opened = await visite.opened(connection, [row.subject])
    partner = visite.parts.registry().get(row.partner)
    return page(
        request,
        visite,
        "livraison.html",
        livraison=row,
        mene_au_sujet=row.subject in opened,
        octets=seen,
        clair=why is not None,
        se_laisse_interroger=tasks.may_be_asked(partner),
        repart_seule=tasks.is_sent_again(partner),
    )


async def _mine(visite: Visite, ident: UUID) -> Row:
    async with visite.parts.database.transaction() as connection:
        row = await listing.delivery(connection, ident)
    if row is None:
        raise not_found()
    visite.needs(row.partner)
    return row
