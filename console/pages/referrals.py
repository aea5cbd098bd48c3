"""«Orientations»: referrals and candidacies by where they stand, those first that have stood there longest."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import AwareDatetime

from console.rendering import page
from console.visit import Suiveur
from contracts.base import Nature
from router.domain.deadlines import Deadline, running_of
from router.domain.partners import Registry
from router.domain.rulebooks import candidature, orientation
from router.domain.subjects import AWAITED, Subject
from router.domain.whose_turn import History, whose_turn
from router.store import listing, subjects
from router.store.listing import Behind

router = APIRouter()
LISTED = 50
NATURES = (Nature.ORIENTATION, Nature.CANDIDATURE)
ETATS = (*orientation.Etat, *candidature.Etat)
OPEN = tuple(str(etat) for etat in ETATS if etat in AWAITED)
"""Somebody is waited for."""


@router.get("/orientations")
async def referrals(
    request: Request,
    visite: Suiveur,
    etat: str = "",
    chez: str = "",
    apres: AwareDatetime | None = None,
    apres_id: UUID | None = None,
) -> Response:
    """A page of them: those that wait for an answer, or those in one state."""
    recipients = visite.portee.of([chez]) if chez else visite.partners()
    behind = Behind(apres, apres_id) if apres and apres_id else None
    async with visite.parts.database.transaction() as connection:
        rows = await listing.sent(connection, NATURES, _wanted(etat), recipients, behind, LISTED)
        known = await subjects.read(connection, [row.id for row in rows])
    registry, now = visite.parts.registry(), datetime.now(UTC)
    deadlines = {ident: in_turn(each, registry) for ident, each in known.items()}
    turns = {
        i: whose_turn(History(each, running=running_of(each, registry)), now) for i, each in known.items()
    }
    return page(
        request,
        visite,
        "orientations.html",
        lignes=[(row, deadlines.get(row.id, ()), turns.get(row.id)) for row in rows],
        etats=dict.fromkeys(map(str, ETATS)),
        etat=etat,
        chez=chez,
        partenaires=visite.partners(),
        pleine=len(rows) == LISTED,
    )


def in_turn(subject: Subject, registry: Registry) -> Sequence[Deadline]:
    """Who is awaited, for what and until when: the next one first. Pure."""
    return sorted(running_of(subject, registry).values(), key=lambda deadline: deadline.due_at)


def _wanted(etat: str) -> Sequence[str]:
    return (etat,) if etat in {str(each) for each in ETATS} else OPEN
