"""Serve the page «Territoires», with a box of figures for each territory."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from fastapi import Request, Response
from fastapi.responses import StreamingResponse

from console.live import ANSWER_SECONDS, COUNTED_ON_A_PAGE, Free, Seen
from console.pages.night import within
from console.rendering import page, render
from console.stream import updates
from console.visit import Veilleur, Visite, closed
from contracts.errors import BusUnavailable
from contracts.reference.territoires import departements
from router.domain.correspondents import Correspondent, Lecture
from router.domain.partners import Registry
from router.domain.territories import territoire_at
from router.domain.vitals import Answer, Asked, Vitals

router = closed()


@dataclass(frozen=True, slots=True)
class Tile:
    """Figures of one territory, which the page shows in one box."""

    code: str
    nom: str | None
    """Name of the département; None for any other territory."""
    partners: int
    free: int
    is_free_capped: bool
    """Whether a count of free places stopped at its limit."""
    unanswered: int
    since: datetime | None
    """When the oldest unanswered request began to wait; None without such requests."""
    worst: Correspondent | None
    """Partner in the worst state; None if all partners are well."""
    worst_owes: int
    """Number of requests that the partner in the worst state has not answered."""
    tone: str
    """`red`: deliveries to the worst partner fail, or its own server cannot be read. `yellow`: a decision or
    an answer is awaited. `inconnu`: facts are missing. Else `green`."""


class Libres(NamedTuple):
    """Free places of one territory, by manager."""

    there: Counter[str]
    capped: Collection[str]
    """Managers whose free places, in all territories together, were counted only up to a limit."""


@router.get("/territoires")
async def territories(request: Request, visite: Veilleur) -> Response:
    """Show the page «Territoires»: a box with figures for each territory that the visitor may see."""
    seen = await visite.parts.looks.newest()
    return page(request, visite, "territoires.html", **_shown(visite, seen, await _free(visite, seen)))


@router.get("/territoires/direct")
async def live(visite: Veilleur) -> Response:
    """Send the open page «Territoires» its new content whenever the content has changed."""
    looks, portee = visite.parts.looks, visite.portee

    async def rendered(seen: Seen) -> str:
        free = await _free(visite, seen)

        def tell() -> str:
            return render("territoires_etat.html", visite=visite, **_shown(visite, seen, free))

        return looks.rendered_once(("territoires", seen.at, portee, free is None), tell)

    return StreamingResponse(updates(visite, rendered), media_type="text/event-stream")


async def _free(visite: Visite, seen: Seen) -> Free | None:
    if seen.facts.base is Answer.OK:
        with suppress(BusUnavailable, TimeoutError):
            async with asyncio.timeout(ANSWER_SECONDS):
                return await visite.parts.looks.free(tuple(visite.parts.registry().partners))
    return None


def _shown(visite: Visite, seen: Seen, free: Free | None) -> dict[str, Any]:
    facts = within(seen.facts, visite.portee)
    shown = tiles(visite.parts.registry(), facts, free or {}, seen.at)
    return {"tuiles": shown, "faits": facts, "libres_connues": free is not None, "le": seen.at}


def tiles(registry: Registry, facts: Vitals, free: Free, at: datetime) -> list[Tile]:
    """Return the figures of each territory in which one of the partners in `facts` works, sorted by the
    territory's code. A partner of several territories counts in each of them. A free place counts in its
    manager's territory that contains its commune; if there is none, or if the commune is secret, in its
    manager's first territory. `at`: the moment at which partners' states are judged."""
    groups: defaultdict[str, list[Correspondent]] = defaultdict(list)
    for each in facts.partners:
        if (entry := registry.get(each.id)) is not None:
            for code in entry.territoires:
                groups[code].append(each)
    there: defaultdict[str, Counter[str]] = defaultdict(Counter)
    whole: Counter[str] = Counter()
    for (name, commune), number in free.items():
        if (entry := registry.get(name)) is not None:
            there[territoire_at(entry, commune)][name] += number
            whole[name] += number
    capped = {name for name, number in whole.items() if number >= COUNTED_ON_A_PAGE}
    return [_tile(code, groups[code], facts, Libres(there[code], capped), at) for code in sorted(groups)]


def _tile(code: str, partners: list[Correspondent], facts: Vitals, free: Libres, at: datetime) -> Tile:
    names = {each.id for each in partners}
    owed = [each for each in facts.unanswered if each.recipient in names]
    owes: defaultdict[str, int] = defaultdict(int)
    for each in owed:
        owes[each.recipient] += each.number
    worst = max(partners, key=lambda p: badness(p, owes[p.id], at))
    bad = badness(worst, owes[worst.id], at)
    well = "green" if facts.knows(Asked.REPONSES) and not bad.is_unknown else "inconnu"
    known = departements().get(code)
    return Tile(
        code=code,
        nom=known.nom if known else None,
        partners=len(partners),
        free=sum(free.there[name] for name in names),
        is_free_capped=not names.isdisjoint(free.capped),
        unanswered=sum(owes.values()),
        since=min((each.since for each in owed), default=None),
        worst=worst if any(bad) else None,
        worst_owes=owes[worst.id],
        tone="red" if bad.fails else "yellow" if bad.undecided or bad.owes else well,
    )


class Badness(NamedTuple):
    """State of a partner as a sort key. The worse the state, the greater the key."""

    fails: bool
    """Whether deliveries to the partner fail, or the partner's own server cannot be read."""
    undecided: int
    """Number of deliveries that need a decision."""
    owes: int
    """Number of requests, such as referrals, that the partner has not answered."""
    is_unknown: bool
    """Whether the state may have changed unnoticed. This is so if nobody would notice a change of contact
    with the partner, or if the last attempt to read its own server is too old."""


def badness(partner: Correspondent, owes: int, at: datetime) -> Badness:
    """Return the state of a partner at the moment `at`, as a sort key: the worse the state, the greater the
    key. `owes`: number of requests, such as referrals, that the partner has not answered."""
    reads = partner.reading and partner.reading.state(at)
    return Badness(
        fails=not partner.is_reached or reads is Lecture.ILLISIBLE,
        undecided=partner.refused.number + partner.uncertain.number,
        owes=owes,
        is_unknown=reads is Lecture.INCONNUE or not partner.is_watched,
    )
