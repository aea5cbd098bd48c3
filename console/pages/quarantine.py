"""Serve the page «Quarantaine», which lists messages and events in quarantine by cause. People read, correct,
replay or close them there."""

from typing import Annotated
from uuid import UUID

from fastapi import Form, Request, Response, UploadFile
from fastapi.responses import RedirectResponse

from adapters.encodage import to_correct
from adapters.registry import TABULAIRES
from adapters.tabulaire.dialecte import Tabulaire
from console.exporting import EXPORTED, Columns, csv_of
from console.live import COUNTED_ON_A_PAGE
from console.pages.asking import Suite, Voulu, Vu
from console.pages.messages import Motif, bytes_of
from console.pages.paging import Voir
from console.rendering import page
from console.visit import Decideur, Demasqueur, Suiveur, Visite, closed, not_found
from contracts.partner import Famille, Partner
from ops.replay import job as replay
from ops.replay import orders as replay_orders
from ops.status.wording import REMEDES, RENVOI, reason_of, spelled, turn_of
from router.store import deliveries, inbox, quarantine
from router.store.database import Row
from router.store.jobs import Filter

router = closed()
LISTED = 100
OF_ENTRIES: Columns[Row] = {
    "id": lambda row: row.id,
    "de": lambda row: row.partner,
    "raison": lambda row: row.raison or reason_of(row.fingerprint),
    "message": lambda row: row.message_id,
    "depuis": lambda row: row.created_at,
}


@router.get("/quarantaine")
async def groups(request: Request, visite: Suiveur, vue: Voir, partenaire: str = "") -> Response:
    """Show what lies undecided in quarantine, in groups by cause and sender, largest first. `partenaire`, if
    given, leaves only messages and events of this sender."""
    if partenaire:
        visite.needs(partenaire)
    async with visite.parts.database.transaction() as connection:
        most = EXPORTED if vue.csv else COUNTED_ON_A_PAGE
        rows = await quarantine.grouped(connection, most, partenaire or None)
    seen = [row for row in rows if visite.portee.sees(row.partner)]
    if vue.csv:
        return await csv_of("quarantaine", _of_groups(visite), seen)
    shown, part = vue.cut(seen, LISTED)
    return page(
        request,
        visite,
        "quarantaine.html",
        groupes=shown,
        part=part,
        partenaire=partenaire,
        partenaires=visite.names(),
        remedes=REMEDES,
        plafond=COUNTED_ON_A_PAGE,
        renvoi=RENVOI,
        a_qui=lambda group: turn_of(group.cause, is_siao=_is_siao(visite, group.partner)),
    )


def _of_groups(visite: Visite) -> Columns[Row]:
    return {
        "nombre": lambda group: group.nombre if group.nombre < EXPORTED else f"{EXPORTED} ou plus",
        "cause": lambda group: spelled(group.cause),
        "raison": lambda group: group.raison or reason_of(group.fingerprint),
        "raisons": lambda group: group.raisons,
        "de": lambda group: group.partner,
        "a_qui": lambda group: turn_of(group.cause, is_siao=_is_siao(visite, group.partner)),
        "premiere": lambda group: group.depuis,
        "derniere": lambda group: group.jusqu_a,
    }


def _is_siao(visite: Visite, ident: str | None) -> bool:
    entry = visite.parts.registry().get(ident) if ident else None
    return entry is not None and entry.famille is Famille.SIAO


@router.get("/quarantaine/groupe")
async def members(
    request: Request,
    visite: Suiveur,
    suite: Suite,
    vue: Voir,
    cause: str = "",
    empreinte: str = "",
    partenaire: str | None = None,
) -> Response:
    """Show the undecided items in quarantine with this `cause`, oldest first. `suite`: last row of the
    previous page, after which this page begins. `empreinte` (an error's fingerprint) and `partenaire` (the
    sender), if given, narrow the list; an empty `partenaire` stands for an unknown sender. `vue`: one page,
    the whole list, or a file."""
    if not cause:
        return RedirectResponse("/quarantaine", 303)
    if partenaire is not None:
        visite.needs(partenaire or None)
    wanted = Filter(None, cause, empreinte or None, partenaire)
    async with visite.parts.database.transaction() as connection:
        after, vu = suite and (suite.at, suite.id), await deliveries.moment(connection)
        rows = await quarantine.members(connection, wanted, vue.most(LISTED), visite.portee.partners, after)
    if vue.csv:
        return await csv_of("quarantaine", OF_ENTRIES, rows)
    rows, part = vue.part(rows, LISTED, debut=suite is None)
    return page(
        request,
        visite,
        "groupe.html",
        lignes=rows,
        filtre=wanted,
        cible=_target(wanted),
        vu=vu,
        part=part,
        renvoi=RENVOI,
    )


def _target(wanted: Filter) -> dict[str, str]:
    named = {"cause": wanted.cause, "empreinte": wanted.fingerprint, "partenaire": wanted.partner}
    return {name: value for name, value in named.items() if value is not None}


@router.get("/quarantaine/{ident}")
async def entry(request: Request, visite: Suiveur, ident: UUID) -> Response:
    """Show why an item is in quarantine, and its bytes with personal values masked. Raises 404 if it is
    unknown, or if the visitor must not see its sender."""
    return await _shown(request, visite, ident, None)


@router.post("/quarantaine/{ident}/clair")
async def in_clear(request: Request, visite: Demasqueur, ident: UUID, motif: Motif) -> Response:
    """Show an item in quarantine with its bytes in clear, so that they can be corrected. The audit records who
    read them, and why (`motif`)."""
    return await _shown(request, visite, ident, motif)


@router.post("/quarantaine/{ident}/corriger")
async def correct(
    visite: Decideur,
    ident: UUID,
    motif: Motif,
    corps: Annotated[str, Form()] = "",
    fichier: UploadFile | None = None,
) -> Response:
    """Take in the corrected version of a refused message as a new message. The version is the text `corps`,
    or a file. The audit records why (`motif`). Raises Permanent if the item in quarantine cannot be
    corrected, InvalidContract if the new version is refused too."""
    table = await _table(visite, await _entry(visite, ident))
    sent = await fichier.read() if fichier is not None else b""
    typed = corps.replace("\r\n", "\n")
    body = sent or (table[0].octets(typed, table[1]) if table else typed.encode())
    parts = visite.parts
    actor = visite.person.actor
    new = await replay.correct(parts.database, parts.intake, parts.registry(), ident, body, actor, motif)
    return RedirectResponse(f"/messages/{new}", 303)


@router.post("/quarantaine/classer")
async def close(
    visite: Decideur,
    motif: Motif,
    wanted: Voulu,
    vu: Vu,
) -> Response:
    """Close one item in quarantine, or the items of a group that were there when the group's page was read
    (`vu`). Closed items never have an effect. Raises 404 if the visitor must not see the items."""
    await needs_wanted(visite, wanted)
    await replay_orders.close(visite.parts.database, wanted, visite.person.actor, motif, vu)
    return RedirectResponse("/quarantaine", 303)


async def needs_wanted(visite: Visite, wanted: Filter) -> None:
    """Check that the visitor may see the items in quarantine that a posted form selects. `wanted`: the id of
    one item, or the criteria of a group. Raises 404 for an unknown id, an empty `wanted`, or items that the
    visitor must not see."""
    if wanted.row is not None:
        await _entry(visite, wanted.row)
    elif any(wanted):
        visite.needs(wanted.partner or None)
    else:
        raise not_found()


async def _shown(request: Request, visite: Visite, ident: UUID, why: str | None) -> Response:
    async with visite.parts.database.statement() as connection:
        vu = await deliveries.moment(connection)
    row = await _entry(visite, ident)
    async with visite.parts.database.transaction() as connection:
        opened = await visite.opened(connection, [row.subject] if row.subject else ())
    seen = await bytes_of(visite, ident, why) if row.message_id else "un événement n'a pas d'octets à lui"
    remedy = REMEDES.get(row.cause, RENVOI)
    version = None
    if not isinstance(seen, str) and seen.body is not None:
        table = await _table(visite, row)
        version = table[0].texte(seen.body, table[1]) if table else to_correct(seen.body, "utf-8")
        seen = seen if version is None else seen._replace(text=version)
    return page(
        request,
        visite,
        "entree.html",
        ident=ident,
        entree=row,
        vu=vu,
        mene_au_sujet=row.subject in opened,
        octets=seen,
        version=version,
        clair=why is not None,
        remede=remedy,
    )


async def _table(visite: Visite, row: Row) -> tuple[Tabulaire, Partner] | None:
    partner = visite.parts.registry().get(row.partner) if row.partner and row.message_id else None
    if partner is None:
        return None
    async with visite.parts.database.transaction() as connection:
        header = await inbox.fate(connection, row.message_id)
    tables = TABULAIRES.get(header.dialect) if header else None
    return (tables, partner) if tables else None


async def _entry(visite: Visite, ident: UUID) -> Row:
    async with visite.parts.database.transaction() as connection:
        row: Row | None = await quarantine.show(connection, ident)
    if row is None:
        raise not_found()
    visite.needs(row.partner)
    return row
