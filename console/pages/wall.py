"""«Mur»: the hub at a distance, in four figures, the last day, the flow, and at most five findings."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from fastapi import Request, Response
from fastapi.responses import StreamingResponse

from console.live import Seen
from console.pages.flows import STEPS, Picture, drawn
from console.pages.night import calls, within
from console.rendering import page, render
from console.rights import Portee
from console.stream import updates
from console.visit import Veilleur, closed
from contracts.plurals import counted
from ops.status.findings import Code, Finding, left_out
from ops.status.headline import headline
from ops.status.quantities import lasting
from ops.status.verdict import Verdict, verdict
from router.domain.vitals import Asked, Vitals

router = closed()
LISTED = 5
AWAY = {Code.INJOIGNABLE, Code.ACCES_REFUSE, Code.REFUSE, Code.ILLISIBLE, Code.LECTURE}
"""Findings about a partner that the hub cannot deliver to, or cannot read."""
UNKNOWN = "inconnu"


class Figure(NamedTuple):
    """One large figure."""

    name: str
    said: str
    tone: str
    """Tone of the figure: `green`, `yellow`, or `inconnu` if it could not be determined."""


class Wall(NamedTuple):
    """The content of the page."""

    seen: Seen
    said: Verdict
    sentence: str
    figures: Sequence[Figure]
    findings: Sequence[Finding]
    left_out: str
    picture: Picture


@router.get("/mur")
async def wall(request: Request, visite: Veilleur) -> Response:
    """Show the page."""
    shown = of(await visite.parts.looks.newest(), visite.portee)
    return page(request, visite, "mur.html", mur=shown, etapes=STEPS, appels=calls(visite.parts.rules))


@router.get("/mur/direct")
async def live(visite: Veilleur) -> Response:
    """Send the page again while it is open."""
    looks, portee, appels = visite.parts.looks, visite.portee, calls(visite.parts.rules)

    def rendered(seen: Seen) -> str:
        def tell() -> str:
            return render("mur_etat.html", mur=of(seen, portee), etapes=STEPS, appels=appels)

        return looks.rendered_once(("mur", seen.at, portee), tell)

    return StreamingResponse(updates(visite, rendered), media_type="text/event-stream")


def of(seen: Seen, portee: Portee) -> Wall:
    """Return the content of the page for a visitor with this scope. Pure."""
    facts = within(seen.facts, portee)
    said = verdict(facts, seen.at)
    more = said.findings[LISTED:]
    return Wall(
        seen=seen._replace(facts=facts, curves=seen.curves if portee.whole else ()),
        said=said,
        sentence=headline(said),
        figures=figures(facts, said, seen.at),
        findings=said.findings[:LISTED],
        left_out=left_out(more) if more else "",
        picture=drawn(seen, portee),
    )


def figures(facts: Vitals, said: Verdict, now: datetime) -> Sequence[Figure]:
    """Return the four figures. A figure that could not be determined is unknown, not zero. Pure."""
    answers, partners = facts.knows(Asked.REPONSES), facts.knows(Asked.PARTENAIRES)
    unanswered = sum(owed.number for owed in facts.unanswered)
    away = {finding.about for finding in said.findings if finding.code in AWAY}
    oldest = min((owed.since for owed in facts.unanswered), default=None)
    return (
        _counted("ménages sans réponse", unanswered if answers else None, fine=unanswered),
        _counted("en retard", said.overdue),
        _counted("partenaires hors d'atteinte", len(away) if partners else None),
        Figure("attente la plus longue", lasting(now - oldest if oldest else timedelta()), "green")
        if answers
        else Figure("attente la plus longue", UNKNOWN, UNKNOWN),
    )


def _counted(name: str, number: int | None, fine: int = 0) -> Figure:
    """Return a figure that is amber above the number that is fine."""
    if number is None:
        return Figure(name, UNKNOWN, UNKNOWN)
    return Figure(name, counted(number), "yellow" if number > fine else "green")
