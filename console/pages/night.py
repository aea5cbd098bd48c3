"""Page «Maintenant», the first page of the console: unanswered households, silent partners, failures and
their causes."""

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
from contracts.unknown_keys import UnknownKeys
from ops.alarms.rules import Rules, alerts
from ops.status.findings import LISTED, Code, Finding, left_out, worst_first
from ops.status.headline import headline
from ops.status.lost import Loss, loss_of
from ops.status.queue import Group, partner_of, queue
from ops.status.roles import Running, running
from ops.status.unanswered import Longest, longest_of
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
"""Codes of findings (conditions to look at). A partner with one of these findings is listed as failing even if
deliveries to it arrive."""
ANYBODYS = "jeton-de-chacun"
"""Text in place of the form token in a page that is rendered once for several visitors. The token of each
visitor then replaces it."""


class Nuit(NamedTuple):
    """Content of the page «Maintenant»."""

    seen: Seen
    said: Verdict
    alerts: frozenset[Finding]
    """Findings that justify a phone call to the person on call."""
    sentence: str
    lost: Loss
    """French sentence that says whether messages are lost, with its colour."""
    processes: Sequence[Running]
    unknown_keys: UnknownKeys
    findings: Sequence[Finding]
    left_out: str
    """French words for the findings that are not listed: how many, and of which kinds. A finding is a
    condition of the hub or of a partner. Empty if all findings are listed."""
    failing: Sequence[Correspondent]
    """Partners that need a person's attention: deliveries or readings fail, or a finding (condition to look at)
    is about the partner."""
    beside: Sequence[Correspondent]
    """Partners about which there is something to report, although neither deliveries nor readings fail and no
    finding (condition to look at) is about them."""
    well: int
    """Number of partners about which there is nothing to report."""
    unanswered: Sequence[Unanswered]
    """Groups of unanswered requests, the most overdue first, then those that have waited longest."""
    longest: Longest | None
    """Most overdue request, or the request that has waited longest; None if no request waits."""
    in_boxes: Sequence[Correspondent]
    """Partners that have deliveries in their mailbox."""
    heard: Sequence[Correspondent]
    """All partners, the silent ones first, then those without a message for longest."""
    waiting: Sequence[Group]
    """Groups of work that wait for a person's decision, most harmful first."""
    decisions: int
    """Number of items that wait for a person's decision."""


@router.get("/")
async def night(request: Request, visite: Suiveur) -> Response:
    """Show the page «Maintenant». A visitor who only works in a partner's name is redirected to the desk
    (`console/bureau`)."""
    if not visite.person.may(Droit.VEILLER):
        return RedirectResponse("/bureau", 303)
    seen = await visite.parts.looks.newest()
    rules = visite.parts.rules
    nuit = of(seen, visite.portee, rules)
    return page(request, visite, "nuit.html", nuit=nuit, regles=rules)


@router.get("/direct")
async def live(visite: Veilleur) -> Response:
    """Send an open page «Maintenant» its new content after each change, as server-sent events."""

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
    """Return the content of the page «Maintenant» for a visitor who may see the partners in `portee`. Pure."""
    facts = within(seen.facts, portee)
    said = verdict(facts, seen.at)
    woken = alerts(said.findings, rules, seen.at)
    findings = worst_first(said.findings, woken)
    more = findings[LISTED:]
    alarming = {finding.about for finding in said.findings if finding.code in OF_PARTNERS}
    watched = notable(facts, said, seen.at)
    failing = [p for p in watched if p.id in alarming or not (p.is_reached and p.is_read(seen.at))]
    return Nuit(
        seen=seen._replace(facts=facts, curves=seen.curves if portee.whole else ()),
        said=said,
        alerts=woken,
        sentence=headline(said),
        lost=loss_of(facts.last_count, seen.at),
        processes=running(facts, seen.at) if facts.knows(Asked.PROCESSUS) else (),
        unknown_keys=unknown_keys(facts, seen.at),
        findings=findings[:LISTED],
        left_out=left_out(more) if more else "",
        failing=failing,
        beside=[p for p in watched if p not in failing],
        well=len(facts.partners) - len(watched),
        unanswered=facts.unanswered,
        longest=longest_of(facts.unanswered, facts.partners, seen.at),
        in_boxes=[p for p in facts.partners if p.in_box.number],
        heard=sorted(facts.partners, key=lambda p: by_silence(p, seen.at)),
        waiting=queue(facts),
        decisions=sum(held.number for held in (*facts.quarantine, *facts.orphans))
        + sum(p.refused.number + p.uncertain.number for p in facts.partners),
    )


def by_silence(partner: Correspondent, at: datetime) -> tuple[bool, bool, datetime, str]:
    """Return a sort key that puts silent partners first, then those with a rhythm (agreed or usual times of
    messages), then all others. Within each of the three, those without a message for longest come first. Pure."""
    last_at = partner.last_in or partner.known_since or at
    return partner.silent_since is None, partner.rythme is None, last_at, partner.id


def within(facts: Vitals, portee: Portee) -> Vitals:
    """Return the facts that a visitor with the scope `portee` may see. A visitor who may see all partners
    gets all facts. Any other visitor gets only the facts about partners in the scope: changes of the
    settings, safeguards, and the number of lost events and deliveries are left out. Pure."""
    if portee.whole:
        return facts
    return replace(
        facts,
        partners=tuple(p for p in facts.partners if portee.sees(p.id)),
        quarantine=tuple(held for held in facts.quarantine if portee.sees(held.partner)),
        orphans=tuple(held for held in facts.orphans if portee.sees(held.partner)),
        halts=tuple(halt for halt in facts.halts if portee.sees(halt.partner)),
        doubts=tuple(doubt for doubt in facts.doubts if portee.sees(doubt.partner)),
        unanswered=tuple(owed for owed in facts.unanswered if portee.sees(owed.recipient)),
        changes=(),
        takers={task: taker for task, taker in facts.takers.items() if portee.sees(partner_of(task))},
        safeguards=(),
        last_count=None,
    )
