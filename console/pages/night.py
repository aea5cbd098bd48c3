"""«Cette nuit», the first page: in one look whether households are answered, who is silent, what fails and why."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from fastapi import Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse

from console.live import Seen, told_anew
from console.rendering import page, render
from console.rights import Droit, Portee
from console.visit import Suiveur, Veilleur, closed
from router.domain.verdict import Code, Finding, Verdict, verdict
from router.domain.vitals import Contact, Correspondent, Unanswered, Vitals
from router.ops.labels import VERDICTS

router = closed()
DECISIONS = (Code.REFUSEES, Code.INCERTAINES, Code.QUARANTAINE, Code.ECART, Code.RELEVE, Code.VACANCES)
"""What is wrong with some messages, not with a partner: it has a place of its own."""


ANYBODYS = "jeton-de-chacun"
"""Stands for a session's form token where a page is made for all who see the same."""


class Nuit(NamedTuple):
    """What the page shows, the most pressing first."""

    seen: Seen
    said: Verdict
    sentence: str
    findings: Sequence[Finding]
    """What is wrong, but for decisions that wait: they have a place of their own."""
    decisions: int
    """Findings that are such decisions."""
    failing: Sequence[Correspondent]
    """Partners that somebody has to look at."""
    well: Sequence[Correspondent]
    unanswered: Sequence[Unanswered]
    in_boxes: Sequence[Correspondent]
    """Partners that have not collected what lies in their mailbox."""
    heard: Sequence[Correspondent]
    """All partners, the silent ones first."""
    to_decide: Sequence[Correspondent]
    """Partners with deliveries that were refused, or of which nobody knows the end."""


@router.get("/")
async def night(request: Request, visite: Suiveur) -> Response:
    """The page; a partner's people begin with their messages."""
    if not visite.person.may(Droit.VEILLER):
        return RedirectResponse("/messages", 303)
    seen = await visite.parts.looks.newest()
    return page(request, visite, "nuit.html", nuit=of(seen, visite.portee), regles=visite.parts.rules)


@router.get("/direct")
async def live(visite: Veilleur) -> Response:
    """The same, told anew while the page is open."""

    looks, anybody = visite.parts.looks, replace(visite, form_token=ANYBODYS)

    def told(seen: Seen) -> str:
        def tell() -> str:
            shown = of(seen, visite.portee)
            return render("nuit_etat.html", visite=anybody, nuit=shown, regles=visite.parts.rules)

        alike = (seen.at, visite.portee, visite.person.profil)
        return looks.said(alike, tell).replace(ANYBODYS, visite.form_token)

    events = told_anew(visite, told)
    return StreamingResponse(events, media_type="text/event-stream")


def of(seen: Seen, portee: Portee) -> Nuit:
    """What there is to show of a look to somebody who may see so much. Pure."""
    facts = within(seen.facts, portee)
    said = verdict(facts, seen.at)
    wrong = [finding for finding in said.findings if finding.code not in DECISIONS]
    alarming = {finding.about for finding in wrong}
    failing = [p for p in facts.partners if p.id in alarming or p.contact not in (None, Contact.JOIGNABLE)]
    return Nuit(
        seen=seen._replace(facts=facts, curves=seen.curves if portee.whole else ()),
        said=said,
        sentence=VERDICTS[said.accepts, said.moves],
        findings=wrong,
        decisions=len(said.findings) - len(wrong),
        failing=failing,
        well=[p for p in facts.partners if p not in failing],
        unanswered=facts.unanswered,
        in_boxes=[p for p in facts.partners if p.in_box.number],
        heard=sorted(facts.partners, key=lambda p: by_silence(p, seen.at)),
        to_decide=[p for p in facts.partners if p.refused.number or p.uncertain.number],
    )


def by_silence(partner: Correspondent, at: datetime) -> tuple[bool, bool, datetime, str]:
    """Sorts who is silent before who has a rhythm, and that before others; who was heard of longest ago comes first.
    Pure."""
    heard = partner.last_in or partner.known_since or at
    return partner.silent_since is None, partner.rythme is None, heard, partner.id


def within(facts: Vitals, portee: Portee) -> Vitals:
    """What somebody may see of it: of partners their own; of the hub's own affairs whether it works. Pure."""
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
        acts=(),
        nets=(),
    )
