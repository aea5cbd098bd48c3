"""Serve the page «Rejeux», which lists the jobs that replay what is in quarantine."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse

from console.exporting import Columns, csv_of
from console.pages.asking import Suite, Voulu
from console.pages.messages import Motif
from console.pages.paging import Voir
from console.pages.quarantine import needs_wanted
from console.rendering import page
from console.visit import Decideur, closed
from ops.replay import orders as replay_orders
from ops.status.wording import REJEUX
from router.store import jobs
from router.store.database import Row

router = closed()
LISTED = 50
MOVES = {"pause": jobs.PAUSED, "reprendre": jobs.WAITING, "annuler": jobs.CANCELLED}


COLONNES: Columns[Row] = {
    "id": lambda job: job.id,
    "etat": lambda job: REJEUX[job.etat],
    "essai": lambda job: "oui" if job.essai else "non",
    "demande_par": lambda job: job.demande_par,
    "motif": lambda job: job.motif,
    "demande_le": lambda job: job.cree_le,
    "faites": lambda job: job.faites,
    "resultats": lambda job: ", ".join(f"{outcome} : {number}" for outcome, number in job.resultats.items()),
    "abouties": lambda job: job.resolues,
    "en_chemin": lambda job: job.en_chemin,
    "revenues": lambda job: job.revenues,
}


@router.get("/rejeux")
async def replays(request: Request, visite: Decideur, suite: Suite, vue: Voir, etat: str = "") -> Response:
    """Show the replay jobs, newest first. `suite`: last row of the previous page, after which this page
    begins. `etat`, if given, leaves only the jobs in this state. `vue`: one page, the whole list, or a file.
    Raises 404 unless the visitor may see all partners."""
    visite.needs(None)
    before = suite and (suite.at, suite.id)
    async with visite.parts.database.transaction() as connection:
        rows = await jobs.show(connection, most=vue.most(LISTED), before=before, etat=etat or None)
    if vue.csv:
        return await csv_of("rejeux", COLONNES, rows)
    rows, part = vue.part(rows, LISTED, debut=suite is None)
    return page(request, visite, "rejeux.html", lignes=rows, part=part, etat=etat)


@router.post("/rejeux")
async def ask(
    visite: Decideur,
    motif: Motif,
    wanted: Voulu,
    essai: Annotated[bool, Form()] = False,
    par_seconde: Annotated[float, Form(ge=0.1, le=1000)] = 50.0,
) -> Response:
    """Queue a replay of one item in quarantine, or of a group, at most `par_seconde` items a second. `essai`:
    make only a dry run. Raises 404 if the visitor must not see these items."""
    await needs_wanted(visite, wanted)
    request = jobs.Request(wanted, visite.person.actor, motif, essai, par_seconde)
    await replay_orders.ask(visite.parts.database, request)
    return RedirectResponse("/rejeux", 303)


@router.post("/rejeux/{ident}/{verbe}")
async def change(visite: Decideur, ident: UUID, verbe: Literal["pause", "reprendre", "annuler"]) -> Response:
    """Pause, resume or cancel a replay job, then redirect to the list of jobs. If the job's state does not
    allow this, nothing changes. Raises 404 unless the visitor may see all partners."""
    visite.needs(None)
    await replay_orders.change(visite.parts.database, ident, MOVES[verbe], visite.person.actor)
    return RedirectResponse("/rejeux", 303)
