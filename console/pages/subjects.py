"""Serve the page of one subject, with its state, its deadlines and its history."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from fastapi import Request, Response

from console.pages.referrals import in_turn
from console.pages.searching import within
from console.rendering import page
from console.visit import Suiveur, closed, not_found
from ops.tracing import sql as tracing
from ops.tracing import way
from ops.tracing.whose_turn import on_their_way
from router.domain.deadlines import running_of
from router.store import subjects

router = closed()
LINKED = ("place", "orientation", "demande")


@router.get("/sujets/{ident}")
async def subject(request: Request, visite: Suiveur, ident: UUID) -> Response:
    """Show a subject's state, deadlines and history. Raises 404 if the subject is unknown, or if the visitor
    must not open it."""
    async with visite.parts.database.transaction() as connection:
        state = await tracing.state(connection, ident)
        known = await subjects.read(connection, [ident])
        if state is None or ident not in known or not visite.portee.opens(known[ident]):
            raise not_found()
        stops = await way.of_subject(connection, ident, to_sender=not visite.portee.whole)
        others = {name: UUID(said) for name, said in _linked(state.donnees)}
        in_box = await tracing.in_box(connection, on_their_way(known.values()))
        opened = await visite.opened(connection, others.values())
    deadlines = [d for each in known.values() for d in in_turn(running_of(each, visite.parts.registry()))]
    return page(
        request,
        visite,
        "sujet.html",
        sujet=state,
        liens={name: other for name, other in others.items() if other in opened},
        chemin=within(stops, visite.portee),
        echeances=deadlines,
        boite=ident in in_box,
    )


def _linked(donnees: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    return ((name, donnees[name]) for name in LINKED if name in donnees)
