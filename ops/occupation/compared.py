"""Declared occupation compared with the hub's entries and exits. A gap is reported only if unknown places and
recent moves cannot explain it. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from ops.statement.statement import Fact, Titre


class Occupation(NamedTuple):
    """Occupation of a manager's places of one kind of offer, as the manager last declared it and as the hub
    counts it."""

    partner: str
    dispositif: str
    releve_le: date
    """Day of the figures; for several groups of places, the oldest day."""
    capacite: int
    occupees: int
    places: int
    """Open places of this kind known to the hub."""
    inhabited: int
    moved: int
    """Places with an entry or exit since the day of the figures."""
    settled: int
    """Inhabited places without change since the day of the figures."""

    @property
    def gap(self) -> int:
        """Return how many occupied places too many (positive) or too few (negative) the manager declares; 0 if
        the figures may be right. A place that the hub does not know, or that changed since the day of the
        declaration, counts as occupied or as vacant, whichever makes the gap smaller."""
        unknown = max(0, self.capacite - self.places)
        most = self.settled + self.moved + unknown
        return max(0, self.occupees - most) or min(0, self.occupees - self.settled)


class Admissions(NamedTuple):
    """Admissions to one manager's places in a month."""

    partner: str
    through: int
    """Admissions of households that the SIAO referred."""
    direct: int
    """Admissions without the SIAO (L345-2-7, R345-4 CASF)."""
    untitled: int
    """Direct admissions without a derogation or an emergency."""

    @property
    def share(self) -> float | None:
        """Return the share (0 to 1) of admissions through the SIAO; None without admissions."""
        every = self.through + self.direct
        return self.through / every if every else None


def admissions_of(facts: Iterable[Fact]) -> Sequence[Admissions]:
    """Return the admissions of each manager, sorted by the manager's id. An admission without the SIAO counts
    in the field `untitled` as long as the manager has given no reason for it, even while there is still time to
    do so."""
    by_partner: defaultdict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        by_partner[fact.partner].append(fact)
    return [
        Admissions(
            partner,
            through=sum(fact.titre is None for fact in found),
            direct=sum(fact.titre is not None for fact in found),
            untitled=sum(fact.titre in (Titre.ATTENDU, Titre.AUCUN) for fact in found),
        )
        for partner, found in sorted(by_partner.items())
    ]
