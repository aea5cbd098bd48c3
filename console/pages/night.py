"""Serve the page «Maintenant», the first of the console. It shows what waits, is silent or fails, and why."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from fastapi import Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse

from console.live import Seen
from console.rendering import page, render
from console.rights import Droit, Portee
from console.stream import updates
from console.visit import Suiveur, Veilleur, closed
from contracts.errors import told_of
from contracts.unknown_keys import UnknownKeys
from ops.alarms.rules import Rules, alerts
from ops.status.findings import LISTED, Code, Finding, left_out, listed
from ops.status.headline import headline
from ops.status.lost import Loss, loss_of
from ops.status.queue import Group, partner_of, queue
from ops.status.roles import Running, running, unwatched
from ops.status.unanswered import Longest, longest_of, uncounted
from ops.status.verdict import Verdict, notable, unknown_keys, verdict
from router.domain.correspondents import Correspondent
from router.domain.vitals import Asked, Unanswered, Vitals

router = closed()
OF_PARTNERS = {
    Code.CLE_RETIREE,
    Code.SILENCE,
    Code.EN_RETARD,
    Code.BOITE,
    Code.ILLISIBLE,
    Code.LECTURE,
    Code.ENVOIS_REFUSES,
}
"""Findings by which a partner counts as failing even if deliveries arrive."""
ANYBODYS = "jeton-de-chacun"
"""Stand-in for the form token in a page that is rendered once for several visitors. Each visitor's own token
then replaces it."""


class Nuit(NamedTuple):
    """What the page «Maintenant» shows: whether the hub works, what goes wrong, and what waits for an answer or
    a decision."""

    seen: Seen
    said: Verdict
    alerts: frozenset[Finding]
    """Findings that justify a phone call."""
    sentence: str
    lost: Loss
    processes: Sequence[Running]
    unknown_keys: UnknownKeys
    findings: Sequence[Finding]
    left_out: str
    """French words for the findings that are not listed; empty if all findings are listed."""
    failing: Sequence[Correspondent]
    """Partners whose deliveries or reading fail, or that have a finding of `OF_PARTNERS`."""
    beside: Sequence[Correspondent]
    """Other partners with something to report."""
    well: int
    """Number of partners with nothing to report."""
    unwatched: str
    """French words for why nobody knows the present state of all partners; empty if the hub knows it."""
    unanswered: Sequence[Unanswered]
    """Groups of unanswered requests, by the deadline of each group's most urgent request
    (`Unanswered.longest`): the earliest first, groups without deadline last."""
    uncounted: str
    """French words for what `unanswered` leaves out while no event is applied; empty if it counts all."""
    longest: Longest | None
    """Most urgent request: of the most urgent ones of all groups, the one with the earliest deadline, which may
    be past. If none has a deadline, the one that has waited longest."""
    in_boxes: Sequence[Correspondent]
    heard: Sequence[Correspondent]
    """All partners, in the order of `by_silence`: those that have missed their rhythm come first."""
    waiting: Sequence[Group]
    """What waits for a decision, most harmful first."""


@router.get("/")
async def night(request: Request, visite: Suiveur) -> Response:
    """Show the page «Maintenant»: whether the hub works, what goes wrong, and what waits. A visitor without the
    right to see the state of the hub is redirected to the desk."""
    if not visite.person.may(Droit.VEILLER):
        return RedirectResponse("/bureau", 303)
    seen = await visite.parts.looks.newest()
    rules = visite.parts.rules
    nuit = of(seen, visite.portee, rules)
    return page(request, visite, "nuit.html", nuit=nuit, regles=rules)


@router.get("/direct")
async def live(visite: Veilleur) -> Response:
    """Send the open page «Maintenant» its new content whenever the content has changed."""

    looks, anybody = visite.parts.looks, replace(visite, form_token=ANYBODYS)

    async def rendered(seen: Seen) -> str:
        def tell() -> str:
            rules = visite.parts.rules
            shown = of(seen, visite.portee, rules)
            return render("nuit_etat.html", visite=anybody, nuit=shown, regles=rules)

        alike = (seen.at, visite.portee, visite.person.profil)
        return looks.rendered_once(alike, tell).replace(ANYBODYS, visite.form_token)

    events = updates(visite, rendered)
    return StreamingResponse(events, media_type="text/event-stream")


def of(seen: Seen, portee: Portee, rules: Rules) -> Nuit:
    """Return the content of the page «Maintenant» for a visitor who may see the partners in `portee`. `seen`:
    the last reading of the hub's state; `rules`: which findings justify a phone call."""
    facts = within(seen.facts, portee)
    said = verdict(facts, seen.at)
    woken = alerts(said.findings, rules, seen.at)
    findings, more = listed(said.findings, woken, facts.names, LISTED)
    alarming = {finding.about for finding in said.findings if finding.code in OF_PARTNERS}
    watched = notable(facts, said, seen.at)
    failing = [p for p in watched if p.id in alarming or not (p.is_reached and p.is_read(seen.at))]
    return Nuit(
        seen=seen._replace(facts=facts, curves=seen.curves if portee.whole else ()),
        said=said,
        alerts=woken,
        sentence=headline(said),
        lost=loss_of(facts.last_count, seen.at, said.broke_at, said.down),
        processes=running(facts, seen.at) if facts.knows(Asked.PROCESSUS) else (),
        unknown_keys=unknown_keys(facts, seen.at),
        findings=findings,
        left_out=left_out(more, facts.names) if more else "",
        failing=failing,
        beside=[p for p in watched if p not in failing],
        well=len(facts.partners) - len(watched),
        unwatched=unwatched(facts, said, seen.at),
        unanswered=facts.unanswered,
        uncounted=uncounted(facts, said),
        longest=longest_of(facts.unanswered, facts.partners, seen.at),
        in_boxes=[p for p in facts.partners if p.in_box.number],
        heard=sorted(facts.partners, key=lambda p: by_silence(p, seen.at)),
        waiting=queue(facts),
    )


def by_silence(partner: Correspondent, at: datetime) -> tuple[bool, bool, datetime, str]:
    """Return a sort key. Partners that missed their rhythm (the days and hours by which they send messages)
    come first, then those with a rhythm, then the others; in each group, the longest without a message first.
    For a partner without a known message, the time runs from when its registry entry was last applied, or
    from `at` if that is unknown."""
    last_at = partner.last_in or partner.known_since or at
    return partner.silent_since is None, partner.rythme is None, last_at, partner.id


def within(facts: Vitals, portee: Portee) -> Vitals:
    """Return the facts that a visitor may see. A visitor limited to the partners in `portee` gets no facts
    about other partners, safeguards, losses, changes of settings, or people's requests about their data. Nor
    does such a visitor learn which setting of the hub is at fault."""
    if portee.whole:
        return facts
    return replace(
        facts,
        partners=tuple(_told(p) for p in facts.partners if portee.sees(p.id)),
        quarantine=tuple(held for held in facts.quarantine if portee.sees(held.partner)),
        orphans=tuple(held for held in facts.orphans if portee.sees(held.partner)),
        halts=tuple(halt for halt in facts.halts if portee.sees(halt.partner)),
        doubts=tuple(doubt for doubt in facts.doubts if portee.sees(doubt.partner)),
        unanswered=tuple(owed for owed in facts.unanswered if portee.sees(owed.recipient)),
        requests=(),
        changes=(),
        takers={task: taker for task, taker in facts.takers.items() if portee.sees(partner_of(task))},
        safeguards=(),
        last_count=None,
    )


def _told(partner: Correspondent) -> Correspondent:
    reading = partner.reading
    if reading is not None and reading.cause:
        partner = replace(partner, reading=replace(reading, cause=told_of(reading.cause)))
    return replace(partner, cause=told_of(partner.cause)) if partner.cause else partner
