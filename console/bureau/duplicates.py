"""«Doublons»: pairs of households that may be one, shown to the SIAO that follows them, with the evidence, for its
decision."""

from typing import Annotated
from uuid import UUID

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse

from console.bureau.here import desk_page, partner_of
from console.visit import Parleur, closed, not_found
from contracts.partner import Famille, Partner
from ops.duplicates import sql as store
from ops.duplicates.watch import decide
from ops.duplicates.words import in_words

router = closed()
LISTED = 50
Motif = Annotated[str, Form(min_length=3, max_length=500)]


@router.get("/bureau/doublons")
async def duplicates(request: Request, visite: Parleur) -> Response:
    """Show the pairs that wait for a decision, oldest first, under the SIAO's own names for the households."""
    partner = _siao(partner_of(visite))
    async with visite.parts.database.transaction() as connection:
        rows = await store.undecided(connection, [partner.id], LISTED)
        pairs = [(partner.id, ident) for row in rows for ident in (row.menage, row.autre)]
        names = (await visite.parts.crosswalk.back(connection, pairs)).theirs
    paires = [
        (row, [names.get((partner.id, i)) for i in (row.menage, row.autre)], in_words(row.indices))
        for row in rows
    ]
    return desk_page(request, visite, partner, "doublons.html", paires=paires)


@router.post("/bureau/doublons/{ident}")
async def settle(
    visite: Parleur,
    ident: UUID,
    autre: Annotated[UUID, Form()],
    decision: Annotated[str, Form()],
    motif: Motif,
) -> Response:
    """Record whether two households are one. Raises 404 unless the pair was put to the visitor's SIAO."""
    partner = _siao(partner_of(visite))
    async with visite.parts.database.statement() as connection:
        pair = await store.pair(connection, ident, autre)
    if pair is None or partner.id not in pair.siaos or decision not in ("un", "deux"):
        raise not_found()
    await decide(visite.parts.database, ident, autre, decision == "un", visite.person.actor, motif)
    return RedirectResponse("/bureau/doublons", 303)


def _siao(partner: Partner) -> Partner:
    """Return a SIAO. Raises 404 for any other partner: households are put to nobody else."""
    if partner.famille is not Famille.SIAO:
        raise not_found()
    return partner
