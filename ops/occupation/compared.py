"""Comparison of a shelter's declared occupation with the hub's records of entries and exits. Pure. A gap is
reported only if unknown places and recent moves cannot explain it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from ops.statement.statement import Fact, Titre


class Occupation(NamedTuple):
    """Occupation of one manager's places of one kind: the figures that the manager last declared, and the
    hub's own figures."""

    partner: str
    dispositif: str
    releve_le: date
    """Day for which the figures were declared. For several groups of places, the oldest such day."""
    capacite: int
    occupees: int
    places: int
    """Number of the manager's places of this kind of offer (`dispositif`) in the hub's records, without closed
    places."""
    inhabited: int
    """Number of places that are inhabited according to the hub."""
    moved: int
    """Number of places that had an entry or exit since the day of the figures."""
    settled: int
    """Number of inhabited places whose state has not changed since the day for which the figures were
    declared."""

    @property
    def gap(self) -> int:
        """Return how far the occupation that a shelter declares is from the hub's records, in places.
        Positive: it declares more occupied places than the records can explain. Negative: it declares fewer.
        0: the records can explain it."""
        unknown = max(0, self.capacite - self.places)
        most = self.settled + self.moved + unknown
        return max(0, self.occupees - most) or min(0, self.occupees - self.settled)


class Admissions(NamedTuple):
    """Numbers of admissions to one manager's places in a month."""

    partner: str
    through: int
    """Number of admissions of households that the SIAO referred."""
    direct: int
    """Number of admissions without the SIAO (L345-2-7, R345-4 CASF)."""
    untitled: int
    """Number of admissions without the SIAO and without a reason: the manager gave neither a derogation nor an
    emergency."""

    @property
    def share(self) -> float | None:
        """Return the share (0 to 1) of admissions through the SIAO; None if there were no admissions."""
        every = self.through + self.direct
        return self.through / every if every else None


def admissions_of(facts: Iterable[Fact]) -> Sequence[Admissions]:
    """Count each manager's admissions; return the counts sorted by manager. An admission without a reason
    counts in `untitled`, even while there is still time to give a reason."""
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
