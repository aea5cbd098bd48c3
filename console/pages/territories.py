"""«Territoires»: one tile for each département: free places, unanswered referrals, the partner in the worst state."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from fastapi import Request, Response

from console.live import COUNTED_ON_A_PAGE
from console.pages.night import within
from console.rendering import page
from console.visit import Veilleur, closed
from contracts.reference.territoires import departements
from ops.status.findings import Level
from router.domain.partners import Registry
from router.domain.vitals import Contact, Correspondent, Unanswered, Vitals

router = closed()


@dataclass(frozen=True, slots=True)
class Tile:
    """One territory."""

    code: str
    nom: str | None
    """The name of the département; None for another territory."""
    partners: int
    free: int
    is_free_capped: bool
    """Whether there may be more free places than were counted."""
    unanswered: int
    since: datetime | None
    """Date of the oldest unanswered referral."""
    worst: Correspondent | None
    """The partner in the worst state; None if all are well."""
    worst_owes: int
    """Number of answers that the worst partner owes."""

    @property
    def fails(self) -> bool:
        """Return whether no delivery reaches the worst partner."""
        return self.worst is not None and is_failing(self.worst)

    @property
    def level(self) -> Level:
        """Gravity that gives the tile its colour: red if no delivery reaches the worst partner, green if all
        are well."""
        if self.fails:
            return Level.EN_PANNE
        return Level.BON if self.worst is None else Level.A_VOIR


@router.get("/territoires")
async def territories(request: Request, visite: Veilleur) -> Response:
    """Show a tile for each territory that the visitor may see."""
    seen = await visite.parts.looks.newest()
    facts, registry = within(seen.facts, visite.portee), visite.parts.registry()
    free = await visite.parts.looks.free(tuple(registry.partners))
    return page(request, visite, "territoires.html", tuiles=tiles(registry, facts, free), le=seen.at)


def tiles(registry: Registry, facts: Vitals, free: Mapping[str, int]) -> list[Tile]:
    """Return one tile for each territory of the partners in the registry, in the order of the territories'
    codes. Pure."""
    groups: defaultdict[str, list[Correspondent]] = defaultdict(list)
    for each in facts.partners:
        if (entry := registry.get(each.id)) is not None:
            groups[entry.territoire].append(each)
    return [_tile(code, groups[code], facts.unanswered, free) for code in sorted(groups)]


def _tile(
    code: str, partners: list[Correspondent], unanswered: Iterable[Unanswered], free: Mapping[str, int]
) -> Tile:
    names = {each.id for each in partners}
    owed = [each for each in unanswered if each.recipient in names]
    owes: defaultdict[str, int] = defaultdict(int)
    for each in owed:
        owes[each.recipient] += each.number
    worst = max(partners, key=lambda p: badness(p, owes[p.id]))
    known = departements().get(code)
    return Tile(
        code=code,
        nom=known.nom if known else None,
        partners=len(partners),
        free=sum(free.get(name, 0) for name in names),
        is_free_capped=any(free.get(name, 0) >= COUNTED_ON_A_PAGE for name in names),
        unanswered=sum(owes.values()),
        since=min((each.since for each in owed), default=None),
        worst=worst if any(badness(worst, owes[worst.id])) else None,
        worst_owes=owes[worst.id],
    )


def badness(partner: Correspondent, owes: int) -> tuple[bool, int, int]:
    """Return a sort key for the worst partner: unreachable first, then most deliveries to decide, then most answers
    owed. Pure."""
    return is_failing(partner), partner.refused.number + partner.uncertain.number, owes


def is_failing(partner: Correspondent) -> bool:
    """Return whether no delivery reaches a partner. Pure."""
    return partner.contact not in (None, Contact.JOIGNABLE)
