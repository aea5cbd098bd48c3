"""Serve the page «À traiter au hub», which lists all that waits for a decision, most harmful first."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from console.exporting import Columns, csv_of
from console.pages.asking import Vu
from console.pages.messages import Motif
from console.pages.night import within
from console.pages.paging import Voir
from console.pages.quarantine import needs_wanted
from console.rendering import named, page
from console.visit import Decideur, Suiveur, Visite, closed, not_found
from ops.replay import orders as replay_orders
from ops.status.findings import Code
from ops.status.queue import QUARANTINED, REFUSED, Group, queue
from ops.tasks import deciding as tasks
from router.domain.vitals import Asked
from router.store import deliveries
from router.store.jobs import Filter
from router.store.jobs import Request as Replay

router = closed()
LISTED = 100
Lignes = Annotated[list[str], Form(default_factory=list)]
ONE_BY_ONE = "l'une des lignes choisies se décide une par une : ouvrez-la ; rien n'a été fait"


@router.get("/a-traiter")
async def work(request: Request, visite: Suiveur, vue: Voir, partenaire: str = "") -> Response:
    """Show a page of all that waits for somebody's decision, in groups; with `partenaire`, only this partner's
    groups."""
    seen = await visite.parts.looks.newest()
    facts = within(seen.facts, visite.portee)
    known = facts.knows(Asked.DECISIONS) and facts.knows(Asked.PARTENAIRES)
    every = queue(replace(facts, takers=await tasks.takers(visite.parts.database)))
    waiting = [group for group in every if partenaire in ("", group.who)]
    if vue.csv:
        return await csv_of("a-traiter", _columns(visite), waiting, known=known)
    shown, part = vue.cut(waiting, LISTED)
    async with visite.parts.database.statement() as connection:
        moment = await deliveries.moment(connection)
    return page(
        request,
        visite,
        "a_traiter.html",
        groupes=shown,
        part=part,
        vu=moment - (datetime.now(UTC) - seen.at),  # by PostgreSQL's clock, which dates the quarantine
        connu=known,
        regles=visite.parts.rules,
        partenaire=partenaire,
        partenaires=visite.names(),
    )


def _columns(visite: Visite) -> Columns[Group]:
    return {
        "quoi": lambda group: group.what,
        "qui": lambda group: group.who and named(group.who, visite),
        "partenaire": lambda group: group.who,
        "nombre": lambda group: group.number,
        "depuis": lambda group: group.since,
        "a_qui": lambda group: group.turn,
        "ce_qui_le_repare": lambda group: group.mends,
        "qui_s_en_charge": lambda group: group.taker and group.taker.nom,
    }


@router.post("/a-traiter/prendre")
async def take(visite: Decideur, ligne: Lignes) -> Response:
    """Record that the visitor will deal with the chosen groups of items that wait for a decision. `ligne`: keys
    of the groups. Raises 404 if the visitor chose no group, or must not see one."""
    return await _noted(visite, ligne, back=False)


@router.post("/a-traiter/rendre")
async def give_back(visite: Decideur, ligne: Lignes) -> Response:
    """Record that the visitor no longer deals with the chosen groups of items that wait for a decision.
    `ligne`: keys of the groups. Raises 404 if the visitor chose no group, or must not see one."""
    return await _noted(visite, ligne, back=True)


@router.post("/a-traiter")
async def decide(
    visite: Decideur,
    motif: Motif,
    ligne: Lignes,
    vu: Vu,
    verbe: Annotated[Literal["reprendre", "classer"], Form()] = "reprendre",
) -> Response:
    """Decide on the chosen groups of items (`ligne`), for the reason `motif`. By default, replay the items in
    quarantine, and send refused deliveries again. With `verbe` «classer», close the items that were in
    quarantine when the page was read (`vu`), and leave deliveries unchanged. Raises 404 for a group that the
    visitor must not see, 409 for a group whose items must be decided one at a time; in both cases nothing is
    done."""
    groups = [_named(key) for key in ligne]
    if not groups:
        raise not_found()
    for kind, wanted in groups:
        if kind == REFUSED:
            visite.needs(wanted.partner)
        else:
            await needs_wanted(visite, wanted)
    for kind, wanted in groups:
        await _decided(visite, kind, wanted, motif, closes=vu if verbe == "classer" else None)
    return RedirectResponse("/a-traiter", 303)


async def _noted(visite: Visite, lines: Sequence[str], *, back: bool) -> Response:
    facts = within((await visite.parts.looks.newest()).facts, visite.portee)
    if not lines or not {*lines} <= {group.task for group in queue(facts)}:
        raise not_found()
    person = visite.person
    await tasks.take(visite.parts.database, lines, person.actor, person.nom, back=back)
    return RedirectResponse("/a-traiter", 303)


async def _decided(visite: Visite, kind: str, wanted: Filter, why: str, *, closes: datetime | None) -> None:
    database, actor = visite.parts.database, visite.person.actor
    if kind == REFUSED:
        if not closes and wanted.partner:
            await tasks.send_refused_again(database, wanted.partner, actor, why)
    elif closes:
        await replay_orders.close(database, wanted, actor, why, closes)
    else:
        await replay_orders.ask(database, Replay(wanted, actor, why))


def _named(key: str) -> tuple[str, Filter]:
    kind, _, rest = key.partition(":")
    partner, _, cause = rest.partition(":")
    if kind not in (QUARANTINED, REFUSED) and kind in set(Code):
        raise HTTPException(409, ONE_BY_ONE)
    if kind not in (QUARANTINED, REFUSED) or not (partner or cause):
        raise not_found()
    return kind, Filter(None, cause or None, None, partner)
