"""What a shelter says that it occupies, beside what the hub knows (duties C1, C2). Pure.

The places that somebody lives in are what the known entries and exits come to. A gap is told only where nothing else
explains it: neither places that the hub has never heard of, nor those that moved on the day of the figures or since.
"""

from datetime import date
from typing import NamedTuple


class Occupation(NamedTuple):
    """The places of one kind of a manager: its last figures, and ours."""

    partner: str
    dispositif: str
    releve_le: date
    """The day of its figures; of several groups, the oldest."""
    capacite: int
    occupees: int
    places: int
    """Places of that kind that the hub knows, the closed ones left out."""
    inhabited: int
    """Those in which somebody lives, by the hub."""
    moved: int
    """Those that moved on the day of the figures, or since."""
    settled: int
    """Those in which the same people have lived since before that day."""

    @property
    def gap(self) -> int:
        """How many more places are said to be lived in than can be, negative where fewer; 0 where they may agree."""
        unknown = max(0, self.capacite - self.places)
        most = self.settled + self.moved + unknown
        return max(0, self.occupees - most) or min(0, self.occupees - self.settled)


class Admissions(NamedTuple):
    """Households admitted in a month by one manager."""

    partner: str
    through: int
    """Those that the SIAO had directed."""
    direct: int
    """Those that it had not: under a derogation, or in an emergency (L345-2-7, R345-4 CASF)."""
    bare: int
    """Of these, without a derogation."""

    @property
    def share(self) -> float | None:
        """Of all, through the SIAO; None where there is none."""
        every = self.through + self.direct
        return self.through / every if every else None
