"""Occupation declared by a shelter compared with the hub's records (duties C1, C2). Pure.

The hub derives inhabited places from known entries and exits. It reports a gap only if neither places that it does not
know, nor moves on or after the day of the figures, can explain it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from ops.statement.statement import Fact, Titre


class Occupation(NamedTuple):
    """Occupation of one kind of place of one manager: the figures that it declared last, and the hub's own."""

    partner: str
    dispositif: str
    releve_le: date
    """Day for which the manager declared the figures; the oldest such day if it declares several groups."""
    capacite: int
    occupees: int
    places: int
    """Places of this kind that the hub knows, without closed ones."""
    inhabited: int
    """Places inhabited according to the hub."""
    moved: int
    """Places with an entry or exit on or after the day of the figures."""
    settled: int
    """Places that the same people have inhabited since before the day of the figures."""

    @property
    def gap(self) -> int:
        """Return how many more places are declared inhabited than is possible; negative if fewer, 0 if both may be
        right."""
        unknown = max(0, self.capacite - self.places)
        most = self.settled + self.moved + unknown
        return max(0, self.occupees - most) or min(0, self.occupees - self.settled)


class Admissions(NamedTuple):
    """Number of households that one manager admitted in a month."""

    partner: str
    through: int
    """Admissions of households that the SIAO had referred."""
    direct: int
    """Admissions without the SIAO (L345-2-7, R345-4 CASF)."""
    untitled: int
    """Number of direct admissions under no derogation that covers them, and in no emergency (duty C2)."""

    @property
    def share(self) -> float | None:
        """Return the share of admissions through the SIAO; None if there is no admission."""
        every = self.through + self.direct
        return self.through / every if every else None


def admissions_of(facts: Iterable[Fact]) -> Sequence[Admissions]:
    """Count the admissions of a month by manager. A direct admission whose title may still be declared counts as
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
