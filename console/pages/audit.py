"""Serve the page «Audit», with people's actions, and the proof that no entry was changed or removed."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Request, Response
from pydantic import BaseModel

from console.exporting import Columns, csv_of
from console.pages.asking import Tape, asked
from console.pages.paging import Vue
from console.rendering import now, page, written
from console.visit import Auditeur, Visite, closed
from ops.audit.proving import Verdict, gathered, verify
from router.domain.audit_chain import AuditRow
from router.store import audit as store

router = closed()
LISTED = 100
COLONNES: Columns[AuditRow] = {
    "le": lambda entry: entry.at,
    "qui": lambda entry: entry.actor,
    "quoi": lambda entry: entry.action,
    "sur": lambda entry: entry.object,
    "detail": lambda entry: " · ".join(
        f"{name} : {written(value)}" for name, value in entry.detail.items() if value
    ),
}


class Demande(BaseModel):
    """Search criteria of the page «Audit». An empty field matches all."""

    acteur: Tape = ""
    action: Tape = ""
    objet: Tape = ""
    reglages: bool = False
    """Whether to show only changes of settings: registry, keys, accounts, database tables."""
    jours: int = 7
    avant: int | None = None
    entiere: bool = False
    csv: bool = False

    @property
    def vue(self) -> Vue:
        """Return how the visitor wants to get the rows: one page, the whole list, or a file."""
        return Vue(self.csv, self.entiere)


@router.get("/audit")
@router.post("/audit")
async def audit(
    request: Request, visite: Auditeur, demande: Annotated[Demande, Depends(asked(Demande))]
) -> Response:
    """Show what people did, as the audit records it, newest first. Raises 404 unless the visitor may see all
    partners."""
    visite.needs(None)
    if demande.csv:
        return await csv_of("audit", COLONNES, await _found(visite, demande))
    return await _shown(request, visite, demande, None)


@router.post("/audit/preuve")
async def prove(request: Request, visite: Auditeur) -> Response:
    """Show whether any row of the audit was changed or removed. Raises 404 unless the visitor may see all
    partners. Raises Misconfigured if a file that the proof needs cannot be read: the audit's key, its heads
    (signed last hashes of its chain), or the time stamps of these heads."""
    visite.needs(None)
    verdict = await verify(visite.parts.database, await gathered(visite.parts.settings), now())
    return await _shown(request, visite, Demande(), verdict)


async def _shown(request: Request, visite: Visite, demande: Demande, verdict: Verdict | None) -> Response:
    rows = await _found(visite, demande)
    rows, part = demande.vue.part(rows, LISTED, debut=demande.avant is None)
    return page(
        request,
        visite,
        "audit.html",
        lignes=rows,
        demande=demande.model_dump(exclude={"avant", "csv"}),
        preuve=verdict,
        part=part,
    )


async def _found(visite: Visite, demande: Demande) -> Sequence[AuditRow]:
    wanted = store.Wanted(
        demande.acteur or None,
        demande.action or None,
        demande.objet or None,
        now() - timedelta(days=min(max(1, demande.jours), 366)),
        people=True,
        settings=demande.reglages,
        before=demande.avant,
    )
    async with visite.parts.database.transaction() as connection:
        return await store.search(connection, wanted, demande.vue.most(LISTED))
