"""Serve the page «Messages», a search by partner, type, state, time and words, and the page of one
message."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Form, Request, Response
from pydantic import BaseModel

from console.exporting import Columns, csv_of
from console.pages.asking import Moment, Tape, asked
from console.pages.paging import Vue
from console.pages.searching import within
from console.rendering import now, page
from console.visit import Demasqueur, Suiveur, Visite, closed, not_found
from contracts.errors import Permanent
from ops.finding import sql as finding
from ops.status.wording import state_of
from ops.tracing import fate as fates
from ops.tracing import way
from ops.unsealing import showing as unsealing
from router.store import inbox
from router.store.database import Row

router = closed()
LISTED = 50
SPANS = {"1": "une heure", "24": "un jour", "168": "une semaine", "720": "un mois"}
"""Periods that the page offers, in hours."""
NOT_WHOLE = {"refuse partiel": "refusé, en tout ou en partie"}
"""French words for a choice of two states at once, by the codes of the states with a space between them."""
COLONNES: Columns[Row] = {
    "quoi": lambda row: row.kind,
    "id": lambda row: row.id,
    "le": lambda row: row.at,
    "etat": lambda row: row.etat,
    "partenaire": lambda row: row.partner,
    "type": lambda row: row.type,
    "erreur": lambda row: row.error,
}
Motif = Annotated[str, Form(min_length=5, max_length=500)]
"""Reason for a decision, for the audit."""


class Demande(BaseModel):
    """Search criteria of the page «Messages». An empty field matches all."""

    partenaire: str = ""
    type: Tape = ""
    etat: str = ""
    mots: Tape = ""
    heures: int = 24
    avant: Moment | None = None
    avant_id: UUID = UUID(int=0)
    entiere: bool = False
    csv: bool = False


@router.get("/messages")
@router.post("/messages")
async def messages(
    request: Request, visite: Suiveur, demande: Annotated[Demande, Depends(asked(Demande))]
) -> Response:
    """Show the messages, deliveries and quarantined items that match the search, newest first."""
    partners = visite.portee.of([demande.partenaire]) if demande.partenaire else visite.partners()
    until = demande.avant or now()
    since = now() - timedelta(hours=min(max(1, demande.heures), 720))
    wanted = finding.Wanted(
        partners,
        since,
        until,
        demande.type or None,
        demande.etat.split() or None,
        demande.mots or None,
        demande.avant_id,
    )
    vue = Vue(demande.csv, demande.entiere)
    async with visite.parts.database.transaction() as connection:
        found = await finding.find(connection, wanted, vue.most(LISTED))
    cherche_parmi = finding.looked_at(wanted, found)
    if vue.csv:
        among = f"-parmi-les-{cherche_parmi}-derniers-de-chacun" if cherche_parmi else ""
        return await csv_of(f"messages{among}", COLONNES, found)
    rows, part = vue.part(found, LISTED, debut=demande.avant is None)
    return page(
        request,
        visite,
        "messages.html",
        lignes=rows,
        demande=demande.model_dump(exclude={"avant", "avant_id", "csv"}, mode="json"),
        partenaires=visite.names(),
        durees=SPANS,
        etats=NOT_WHOLE | {code: state_of(code) for codes in finding.STATES.values() for code in codes},
        part=part,
        cherche_parmi=cherche_parmi,
        en_quarantaine=finding.SCANNED,
    )


@router.get("/messages/{ident}")
async def message(request: Request, visite: Suiveur, ident: UUID) -> Response:
    """Show a message, its events and its history, with personal values masked. Raises 404 if the message is
    unknown, or if the visitor must not see its sender."""
    return await _shown(request, visite, ident, None)


@router.post("/messages/{ident}/clair")
async def in_clear(request: Request, visite: Demasqueur, ident: UUID, motif: Motif) -> Response:
    """Show a message with its bytes in clear. The audit first records who reads them, and why (`motif`)."""
    return await _shown(request, visite, ident, motif)


async def _shown(request: Request, visite: Visite, ident: UUID, why: str | None) -> Response:
    header = await _header(visite, ident)
    sender = visite.parts.registry().get(header.partner)
    async with visite.parts.database.transaction() as connection:
        fate = await fates.of_message(connection, ident, sender, header) if sender else None
        stops = within(
            await way.of_message(connection, ident, to_sender=not visite.portee.whole), visite.portee
        )
        opened = await visite.opened(connection, _subjects_of(fate))
    seen = await bytes_of(visite, ident, why)
    return page(
        request,
        visite,
        "message.html",
        message=header,
        suite=fate,
        sujets={str(each) for each in opened},
        chemin=stops,
        octets=seen,
        clair=why is not None,
    )


def _subjects_of(fate: Mapping[str, Any] | None) -> set[UUID]:
    return {UUID(event["sujet"]) for event in fate["evenements"]} if fate else set()


async def bytes_of(visite: Visite, ident: UUID, why: str | None) -> unsealing.Seen | str:
    """Return a message's bytes: in clear if a reason (`why`) is given, else masked. If the bytes can no
    longer be read, return the cause in French. `ident`: the message, or its item in quarantine."""
    parts = visite.parts
    try:
        actor = visite.person.actor
        return await unsealing.message(parts.database, parts.keyring, parts.decoders, ident, actor, why)
    except Permanent as exc:
        return str(exc)


async def _header(visite: Visite, ident: UUID) -> Row:
    async with visite.parts.database.transaction() as connection:
        header = await inbox.fate(connection, ident)
    if header is None:
        raise not_found()
    visite.needs(header.partner)
    return header
