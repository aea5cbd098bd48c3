"""What was poured onto the bus, and whether the hub's quarantine holds just that, each with its cause. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

CAUSES = ("InvalidContract", "falsifie")
"""The hub's words for what is no event, and for one that it did not write."""

Place = tuple[str, int, int]
"""Topic, partition and offset of a record."""
Name = Place | str
"""How a row is told: by its place on the bus, or by the id of the event that it is about."""


class Kept(NamedTuple):
    """A row of the hub's quarantine that is not about a message of a partner."""

    cause: str
    says: str
    name: Name


@dataclass(slots=True)
class Ledger:
    """Poisons by name. One that a bus without memory took along before the hub read it need not be there."""

    poured: defaultdict[Place, list[str]] = field(default_factory=lambda: defaultdict(list))
    """What the hub has to say of each; a place comes twice on a bus that began anew."""
    perished: Counter[Place] = field(default_factory=Counter)
    doubtful: Counter[str] = field(default_factory=Counter)
    """Written without an answer of the bus, so that nobody knows their place: how often each may be there."""

    def note(self, place: Place, says: str) -> None:
        """A poison is on the bus."""
        self.poured[place].append(says)

    def doubt(self, says: str) -> None:
        """A poison of which the bus did not say whether it has it: it may be anywhere."""
        self.doubtful[says] += 1

    def bus_is_lost(self, kept: Iterable[Kept]) -> None:
        """What is not in quarantine by now may never be."""
        found = Counter(row.name for row in kept)
        self.perished = Counter({name: len(each) - found[name] for name, each in self.poured.items()})

    def troubles(self, kept: Sequence[Kept]) -> Iterator[str]:
        """Every poison that is missing, and every row that nobody poured or that gives another cause."""
        found, doubtful = Counter(row.name for row in kept), Counter(self.doubtful)
        for name, each in self.poured.items():
            if found[name] < len(each) - self.perished[name]:
                yield f"poison versé, absent de la quarantaine : {_shown(name)} ({each[-1]})"
        unexplained = [row for name, rows in _by_name(kept).items() for row in self._beyond(name, rows)]
        for row in unexplained:
            if not _take(row, doubtful):
                yield f"en quarantaine sans poison qui l'explique : {_shown(row.name)} ({row.cause} : {row.says})"

    def _beyond(self, name: Name, rows: Sequence[Kept]) -> list[Kept]:
        foreseen = Counter(() if isinstance(name, str) else self.poured.get(name, ()))
        return [row for row in rows if not _take(row, foreseen)]


def _take(row: Kept, foreseen: Counter[str]) -> bool:
    """Strike out one that says what this row says; False when there is none."""
    for says, left in foreseen.items():
        if left and row.cause in CAUSES and row.says.startswith(says):
            foreseen[says] -= 1
            return True
    return False


def _by_name(kept: Sequence[Kept]) -> dict[Name, list[Kept]]:
    rows: defaultdict[Name, list[Kept]] = defaultdict(list)
    for row in kept:
        rows[row.name].append(row)
    return rows


def _shown(name: Name) -> str:
    return name if isinstance(name, str) else "/".join(map(str, name))
