"""Serve the page «Orphelines», which lists orphan answers with the referrals that each may mean, and record the
decisions about them."""

from typing import Annotated
from uuid import UUID

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse

from console.exporting import Columns, csv_of
from console.pages.asking import Suite
from console.pages.messages import Motif
from console.pages.paging import Voir
from console.rendering import now, page
from console.visit import Decideur, Suiveur, Visite, closed, not_found
from ops.orphans.deciding import Desk
from router.store import orphans as store

router = closed()
LISTED = 20
COLONNES: Columns[store.OpenOrphan] = {
    "id": lambda answer: answer.event,
    "de": lambda answer: answer.partner,
    "type": lambda answer: answer.type,
    "raison": lambda answer: answer.reason,
    "message": lambda answer: answer.message,
    "depuis": lambda answer: answer.since,
}


@router.get("/orphelines")
async def orphans(
    request: Request, visite: Suiveur, suite: Suite, vue: Voir, partenaire: str = ""
) -> Response:
    """Show the undecided orphan answers, oldest first, each with the referrals that it may answer, and why.
    `suite`: last row of the previous page, after which this page begins. `partenaire`, if given, leaves only
    the answers of this sender. `vue`: one page, the whole list, or a file."""
    among = visite.among(partenaire)
    database, most = visite.parts.database, vue.most(LISTED)
    if vue.csv:
        async with database.transaction() as connection:
            return await csv_of("orphelines", COLONNES, await store.waiting(connection, among, most))
    after = suite and (suite.at, suite.id)
    found = await Desk(database, visite.parts.keyring).cases(among, now(), most, after)
    cases, part = vue.part(found, LISTED, debut=suite is None)
    return page(
        request,
        visite,
        "orphelines.html",
        cases=cases,
        part=part,
        partenaire=partenaire,
        partenaires=visite.names(),
    )


@router.post("/orphelines/{ident}/rattacher")
async def attach(visite: Decideur, ident: UUID, envoi: Annotated[UUID, Form()], motif: Motif) -> Response:
    """Apply an orphan answer as an answer to the referral or candidacy `envoi`. Raises 404 if the visitor must
    not see the sender of the answer, or must not open the page of `envoi`. Raises Permanent if somebody has
    already decided about the answer, or if it cannot be attached to `envoi`."""
    desk = await _mine(visite, ident)
    async with visite.parts.database.transaction() as connection:
        if envoi not in await visite.opened(connection, [envoi]):
            raise not_found()
    await desk.attach(ident, envoi, visite.person.actor, motif)
    return RedirectResponse(f"/sujets/{envoi}", 303)


@router.post("/orphelines/{ident}/classer")
async def close(visite: Decideur, ident: UUID, motif: Motif) -> Response:
    """Close an orphan answer, which then never has an effect. Raises 404 if the visitor must not see its
    sender, Permanent if somebody has already decided."""
    desk = await _mine(visite, ident)
    await desk.close(ident, visite.person.actor, motif)
    return RedirectResponse("/orphelines", 303)


async def _mine(visite: Visite, ident: UUID) -> Desk:
    async with visite.parts.database.transaction() as connection:
        sender = await store.sender(connection, ident)
    if sender is None:
        raise not_found()
    visite.needs(sender)
    return Desk(visite.parts.database, visite.parts.keyring)
