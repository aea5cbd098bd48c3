"""«Orientations»: referrals and candidacies by state, those longest in their state first."""

from collections.abc import Sequence

from fastapi import Request, Response

from console.pages.asking import Suite
from console.rendering import now, page
from console.visit import Suiveur, closed
from contracts.base import Nature
from ops.lists import sql as listing
from ops.tracing.whose_turn import Situation, whose_turn
from router.domain.books import AWAITED
from router.domain.deadlines import NOTHING, Deadline, Running, running_of
from router.domain.rulebooks import candidature, orientation
from router.store import subjects

router = closed()
LISTED = 50
NATURES = (Nature.ORIENTATION, Nature.CANDIDATURE)
ETATS = (*orientation.Etat, *candidature.Etat)
OPEN = tuple(dict.fromkeys(str(etat) for etat in ETATS if etat in AWAITED))
"""States in which somebody's answer is awaited."""


@router.get("/orientations")
async def referrals(
    request: Request,
    visite: Suiveur,
    suite: Suite,
    etat: str = "",
    chez: str = "",
) -> Response:
    """Show a page of referrals and candidacies: those that await an answer, or those in one state."""
    recipients = visite.portee.of([chez]) if chez else visite.real_partners()
    async with visite.parts.database.transaction() as connection:
        rows = await listing.sent(connection, NATURES, _wanted(etat), recipients, suite, LISTED)
        known = await subjects.read(connection, [row.id for row in rows])
    registry = visite.parts.registry()
    runs = {ident: running_of(each, registry) for ident, each in known.items()}
    turns = {ident: whose_turn(Situation(each, running=runs[ident]), now()) for ident, each in known.items()}
    return page(
        request,
        visite,
        "orientations.html",
        lignes=[(row, in_turn(runs.get(row.id, NOTHING)), turns.get(row.id)) for row in rows],
        etats=dict.fromkeys(map(str, ETATS)),
        etat=etat,
        chez=chez,
        partenaires=visite.partners(),
        pleine=len(rows) == LISTED,
    )


def in_turn(runs: Running) -> Sequence[Deadline]:
    """Return the running deadlines, the next one first. Pure."""
    return sorted(runs.values(), key=lambda deadline: deadline.due_at)


def _wanted(etat: str) -> Sequence[str]:
    return (etat,) if etat in {str(each) for each in ETATS} else OPEN
