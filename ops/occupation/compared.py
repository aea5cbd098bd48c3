"""Compare a manager's declared occupation with the arrivals and departures that the hub knows. A difference
counts as a gap only if neither places unknown to the hub nor recent changes can explain it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from ops.statement.statement import Fact, Titre


class Occupation(NamedTuple):
    """The occupation of a manager's places of one kind of offer: as the manager last declared it (`capacite`,
    `occupees`), and as the hub counts it (the fields after them)."""

    partner: str
    dispositif: str
    releve_le: date
    """The day of the declared figures. If several groups of places have figures, the oldest of their days."""
    capacite: int
    occupees: int
    places: int
    """The manager's open places of this kind that the hub knows."""
    inhabited: int
    moved: int
    """The places whose state changed since the day of the figures."""
    settled: int
    """The inhabited places whose state has not changed since the day of the figures."""

    @property
    def gap(self) -> int:
        """Return by how many occupied places the manager's figure is too high (positive) or too low
        (negative); 0 if the figure may be right. Some places may be occupied or vacant: those that the hub
        does not know, and those whose state changed since the day of the figures. They count as whichever
        makes the gap smaller."""
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
    """The admissions without the SIAO for which the manager has stated neither a derogation nor an
    emergency."""

    @property
    def share(self) -> float | None:
        """Return which share of the admissions, from 0 to 1, came through the SIAO; None if there were no
        admissions."""
        every = self.through + self.direct
        return self.through / every if every else None


def admissions_of(facts: Iterable[Fact]) -> Sequence[Admissions]:
    """Return the admissions of each manager, sorted by the manager's id. An admission without the SIAO counts
    as `untitled` until the manager gives a reason for it. It counts so even while there is still time to give
    the reason."""
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
