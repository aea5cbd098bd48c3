"""Comparison of a shelter's declared occupation with the hub's records of entries and exits. Pure. A gap is reported
only if unknown places and recent moves cannot explain it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from ops.statement.statement import Fact, Titre


class Occupation(NamedTuple):
    """Occupation of one manager's places of one kind: the figures declared last, and the hub's own."""

    partner: str
    dispositif: str
    releve_le: date
    """Day of the declared figures; the oldest day if the manager declares several groups of places."""
    capacite: int
    occupees: int
    places: int
    """Number of places of this kind that the hub knows, without closed ones."""
    inhabited: int
    """Number of places that are inhabited according to the hub."""
    moved: int
    """Number of places with an entry or exit on or after the day of the figures."""
    settled: int
    """Number of places whose inhabitants have been there since before the day of the figures."""

    @property
    def gap(self) -> int:
        """Return by how many places the declared occupation exceeds the range that the hub's records allow; negative if
        the declared occupation is below this range, 0 if it is within."""
        unknown = max(0, self.capacite - self.places)
        most = self.settled + self.moved + unknown
        return max(0, self.occupees - most) or min(0, self.occupees - self.settled)


class Admissions(NamedTuple):
    """Numbers of households that one manager admitted in a month."""

    partner: str
    through: int
    """Admissions of households that the SIAO referred."""
    direct: int
    """Admissions without the SIAO (L345-2-7, R345-4 CASF)."""
    untitled: int
    """Direct admissions without a derogation that covers them, and outside an emergency."""

    @property
    def share(self) -> float | None:
        """Return the share, from 0 to 1, of admissions through the SIAO; None without an admission."""
        every = self.through + self.direct
        return self.through / every if every else None


def admissions_of(facts: Iterable[Fact]) -> Sequence[Admissions]:
    """Count a month's admissions by manager. A direct admission whose title may still be declared counts as
    untitled."""
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
