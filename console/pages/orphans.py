"""«Orphelines»: answers that match nothing, the referrals that they may be about, and the decision about each."""

from typing import Annotated
from uuid import UUID

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse

from console.pages.messages import Motif
from console.rendering import now, page
from console.visit import Decideur, Suiveur, Visite, closed, not_found
from ops.orphans.deciding import Case, Desk
from router.store import orphans as store

router = closed()


@router.get("/orphelines")
async def orphans(request: Request, visite: Suiveur) -> Response:
    """Show the pending orphan answers, oldest first, each with the referrals that it may be about, and why."""
    desk, at = Desk(visite.parts.database, visite.parts.keyring), now()
    cases: list[Case] = []
    for partner in (None,) if visite.portee.whole else visite.partners():
        cases += await desk.cases(partner, at)
    cases.sort(key=lambda case: case.waiting.since)
    return page(request, visite, "orphelines.html", cases=cases)


@router.post("/orphelines/{ident}/rattacher")
async def attach(visite: Decideur, ident: UUID, envoi: Annotated[UUID, Form()], motif: Motif) -> Response:
    """Attach an orphan answer to this referral or candidacy. Raises Permanent if somebody has decided before."""
    desk = await _mine(visite, ident)
    async with visite.parts.database.transaction() as connection:
        if envoi not in await visite.opened(connection, [envoi]):
            raise not_found()
    await desk.attach(ident, envoi, visite.person.actor, motif)
    return RedirectResponse(f"/sujets/{envoi}", 303)


@router.post("/orphelines/{ident}/classer")
async def close(visite: Decideur, ident: UUID, motif: Motif) -> Response:
    """Close an orphan answer without effect. Raises Permanent if somebody has decided before."""
    desk = await _mine(visite, ident)
    await desk.close(ident, visite.person.actor, motif)
    return RedirectResponse("/orphelines", 303)


async def _mine(visite: Visite, ident: UUID) -> Desk:
    """Return the desk for an orphan answer. Raises 404 if its sender is out of the visitor's sight."""
    async with visite.parts.database.transaction() as connection:
        sender = await store.sender(connection, ident)
    if sender is None:
        raise not_found()
    visite.needs(sender)
    return Desk(visite.parts.database, visite.parts.keyring)
