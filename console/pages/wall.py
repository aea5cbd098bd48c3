"""Serve the page «Mur», which people read from a distance: figures, the last 24 hours, a drawing of the
traffic, and at most five findings."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from fastapi import Request, Response
from fastapi.responses import StreamingResponse

from console.live import Seen
from console.pages.flows import STEPS, Picture, drawn
from console.pages.night import within
from console.rendering import page, render
from console.rights import Portee
from console.stream import updates
from console.visit import Veilleur, closed
from contracts.plurals import counted
from ops.alarms.rules import Rules, alerts
from ops.status.findings import NOT_REACHED, Code, Finding, Level, left_out, listed
from ops.status.headline import headline
from ops.status.quantities import lasting, since
from ops.status.roles import unwatched
from ops.status.unanswered import Longest, longest_of
from ops.status.verdict import Verdict, verdict
from router.domain.vitals import Asked, Vitals

router = closed()
LISTED = 5
AWAY = NOT_REACHED | {Code.ILLISIBLE, Code.LECTURE}
"""Codes of the findings which say that a partner cannot be reached, or that its own server cannot be read."""
UNKNOWN = "inconnu"
UNANSWERED, OVERDUE, LONGEST = "ménages sans réponse", "en retard", "attente la plus longue"
OF_ANSWERS = (UNANSWERED, OVERDUE, LONGEST)
"""Names of the figures that change when events are applied."""


class Figure(NamedTuple):
    """Large number on the page «Mur», with its name and colour."""

    name: str
    said: str
    tone: str
    """Colour: `green`, `yellow`, `red`, or `inconnu` for an unknown number. While the hub is `EN_PANNE`,
    `inconnu` replaces `green`."""
    age: str = ""
    """French words that say since when the figure stands still, because no event is applied; empty if it
    moves."""


class Wall(NamedTuple):
    """What the page «Mur» shows, to be read from a distance: whether the hub works, four large figures, what
    goes wrong, and the drawing of the page «Flux»."""

    seen: Seen
    said: Verdict
    alerts: frozenset[Finding]
    """Findings that justify a phone call."""
    sentence: str
    figures: Sequence[Figure]
    longest: Longest | None
    """Most urgent unanswered request: the one with the earliest deadline, past or near. If no deadline runs, the
    request that has waited longest."""
    findings: Sequence[Finding]
    left_out: str
    picture: Picture


@router.get("/mur")
async def wall(request: Request, visite: Veilleur) -> Response:
    """Show the page «Mur»: the state of the hub in large type, for a screen that people read from a
    distance."""
    shown = of(await visite.parts.looks.newest(), visite.portee, visite.parts.rules)
    return page(request, visite, "mur.html", mur=shown, etapes=STEPS)


@router.get("/mur/direct")
async def live(visite: Veilleur) -> Response:
    """Send the open page «Mur» its new content whenever the content has changed."""
    looks, portee, rules = visite.parts.looks, visite.portee, visite.parts.rules

    async def rendered(seen: Seen) -> str:
        def tell() -> str:
            return render("mur_etat.html", mur=of(seen, portee, rules), etapes=STEPS)

        return looks.rendered_once(("mur", seen.at, portee), tell)

    return StreamingResponse(updates(visite, rendered), media_type="text/event-stream")


def of(seen: Seen, portee: Portee, rules: Rules) -> Wall:
    """Return the content of the page «Mur», the hub's state for a screen that people read from a distance.
    `seen`: last reading of the hub's state; `portee`: the partners that the visitor may see; `rules`: the
    alarm rules, which say how urgent each finding is."""
    facts = within(seen.facts, portee)
    said = verdict(facts, seen.at)
    woken = alerts(said.findings, rules, seen.at)
    findings, more = listed(said.findings, woken, facts.names, LISTED)
    return Wall(
        seen=seen._replace(facts=facts, curves=seen.curves if portee.whole else ()),
        said=said,
        alerts=woken,
        sentence=headline(said),
        figures=figures(facts, said, woken, seen.at),
        longest=longest_of(facts.unanswered, facts.partners, seen.at),
        findings=findings,
        left_out=left_out(more, facts.names) if more else "",
        picture=drawn(seen, portee),
    )


def figures(facts: Vitals, said: Verdict, woken: Collection[Finding], now: datetime) -> Sequence[Figure]:
    """Return the four figures of the page «Mur». A figure is «inconnu» if facts are missing, and no figure is
    green while the hub is down. `woken`: findings that justify a phone call."""
    answers, partners = facts.knows(Asked.REPONSES), facts.knows(Asked.PARTENAIRES)
    unanswered = sum(owed.number for owed in facts.unanswered)
    away = [finding for finding in said.findings if finding.code in AWAY]
    out = {each.about for each in away} | {p.id for p in facts.partners if p.is_shut_out}
    blind = unwatched(facts, said, now)
    lost = None if not partners or (blind and not out) else len(out)
    oldest = min((owed.since for owed in facts.unanswered), default=None)
    shown = [
        _counted(UNANSWERED, unanswered if answers else None, "green"),
        _counted(OVERDUE, said.overdue),
        _counted(
            f"partenaires hors d'atteinte{', au moins' if blind and lost else ''}",
            lost,
            "red" if set(away) & set(woken) else "yellow",
        ),
        Figure(
            LONGEST,
            lasting(now - oldest if oldest else timedelta()),
            "yellow" if said.overdue else "green",
        )
        if answers
        else Figure(LONGEST, UNKNOWN, UNKNOWN),
    ]
    stands = said.level is Level.EN_PANNE
    shown = [each._replace(tone=UNKNOWN) if stands and each.tone == "green" else each for each in shown]
    age = "" if said.applies else f"à l'arrêt {since(said.frozen_since, now)}".rstrip()
    return [each._replace(age=age) if each.name in OF_ANSWERS and answers else each for each in shown]


def _counted(name: str, number: int | None, tone: str = "yellow") -> Figure:
    if number is None:
        return Figure(name, UNKNOWN, UNKNOWN)
    return Figure(name, counted(number), tone if number else "green")
