"""Comparison of a shelter's declared occupation with the hub's records of entries and exits. Pure. A gap is reported
only if unknown places and recent moves cannot explain it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from ops.statement.statement import Fact, Titre


class Occupation(NamedTuple):
    """Occupation of one manager's places of one kind: last declared figures, and the hub's own."""

    partner: str
    dispositif: str
    releve_le: date
    """Day of the declared figures. For several groups of places, it is the oldest day."""
    capacite: int
    occupees: int
    places: int
    """Number of known places of this kind, without closed ones."""
    inhabited: int
    """Number of places inhabited according to the hub."""
    moved: int
    """Number of places with an entry or exit since the day of the figures."""
    settled: int
    """Number of places inhabited since before the day of the figures."""

    @property
    def gap(self) -> int:
        """Return by how many places the declared occupation exceeds what the hub's records allow. The number
        is negative if the occupation is too low, and 0 if it is allowed."""
        unknown = max(0, self.capacite - self.places)
        most = self.settled + self.moved + unknown
        return max(0, self.occupees - most) or min(0, self.occupees - self.settled)


class Admissions(NamedTuple):
    """Numbers of households that one manager admitted in a month."""

    partner: str
    through: int
    """Admissions of households referred by the SIAO."""
    direct: int
    """Admissions without the SIAO (L345-2-7, R345-4 CASF)."""
    untitled: int
    """Admissions without the SIAO, without a derogation and outside an emergency."""

    @property
    def share(self) -> float | None:
        """Return the part (0 to 1) of admissions through the SIAO; None if there are no admissions."""
        every = self.through + self.direct
        return self.through / every if every else None


def admissions_of(facts: Iterable[Fact]) -> Sequence[Admissions]:
    """Count a month's admissions by manager. An admission without a justification counts as unjustified, even
    if there is still time to give one."""
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
