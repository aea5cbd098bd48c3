"""«Territoires»: one tile a département: free places, referrals without an answer, the partner that does worst."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from fastapi import Request, Response

from console.pages.night import within
from console.rendering import page
from console.visit import Veilleur, closed
from contracts.reference.territoires import departements
from router.domain.partners import Registry
from router.domain.verdict import Level
from router.domain.vitals import COUNTED, Contact, Correspondent, Unanswered, Vitals
from router.store import listing
from router.store.listing import FREE

router = closed()


@dataclass(frozen=True, slots=True)
class Tile:
    """One territory."""

    code: str
    nom: str | None
    """None for one that is no département."""
    partners: int
    free: int
    unanswered: int
    since: datetime | None
    """Of the oldest referral without an answer."""
    worst: Correspondent | None
    """None where nothing has to be said of any partner."""
    worst_owes: int
    """Answers that the worst one owes."""

    @property
    def fails(self) -> bool:
        """Whether nothing gets through to the worst one."""
        return self.worst is not None and is_failing(self.worst)

    @property
    def level(self) -> Level:
        """How bad it is."""
        if self.fails:
            return Level.EN_PANNE
        return Level.BON if self.worst is None else Level.A_VOIR


@router.get("/territoires")
async def territories(request: Request, visite: Veilleur) -> Response:
    """A tile each, of those that the visitor may see."""
    seen = await visite.parts.looks.newest()
    facts, registry = within(seen.facts, visite.portee), visite.parts.registry()
    async with visite.parts.database.transaction() as connection:
        counted = await listing.places_by_manager(connection, visite.partners(), COUNTED)
    free = {row.gestionnaire: row.number for row in counted if row.etat == FREE}
    return page(request, visite, "territoires.html", tuiles=tiles(registry, facts, free), le=seen.at)


def tiles(registry: Registry, facts: Vitals, free: Mapping[str, int]) -> list[Tile]:
    """One a territory of these partners, in the order of their codes. Pure."""
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
        unanswered=sum(owes.values()),
        since=min((each.since for each in owed), default=None),
        worst=worst if any(badness(worst, owes[worst.id])) else None,
        worst_owes=owes[worst.id],
    )


def badness(partner: Correspondent, owes: int) -> tuple[bool, int, int]:
    """What makes one partner worse than another: nothing gets through to it, then deliveries that somebody has to
    decide, then answers that it owes. Pure."""
    return is_failing(partner), partner.refused.number + partner.uncertain.number, owes


def is_failing(partner: Correspondent) -> bool:
    """Whether nothing gets through to it. Pure."""
    return partner.contact not in (None, Contact.JOIGNABLE)
