"""The ledger of poisons on the bus, and its comparison with the hub's quarantine. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

CAUSES = ("InvalidContract", "falsifie")
"""The hub's words for a record that is no event, and for one that it did not write."""

Place = tuple[str, int, int]
"""Topic, partition and offset of a record."""
Name = Place | str
"""Name of an entry: its place on the bus, or the id of its event."""


class Kept(NamedTuple):
    """An entry of the hub's quarantine about a record of the bus or an event, not about a partner's message."""

    cause: str
    says: str
    name: Name


@dataclass(slots=True)
class Ledger:
    """Poisons by name. A poison lost with the bus before the hub read it need not be in quarantine."""

    poured: defaultdict[Place, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Words that the hub should say about each poison, by its place on the bus. A bus that began anew repeats
    places."""
    perished: Counter[Place] = field(default_factory=Counter)
    doubtful: Counter[str] = field(default_factory=Counter)
    """Poisons that the bus has not confirmed, so that their place is unknown: their number, by the words that
    the hub should say."""

    def note(self, place: Place, says: str) -> None:
        """Enter a poison that is on the bus."""
        self.poured[place].append(says)

    def doubt(self, says: str) -> None:
        """Enter a poison that may be on the bus, without an answer."""
        self.doubtful[says] += 1

    def bus_is_lost(self, kept: Iterable[Kept]) -> None:
        """Record the loss of the bus: poisons not yet in quarantine may never get there."""
        found = Counter(row.name for row in kept)
        self.perished = Counter({name: len(each) - found[name] for name, each in self.poured.items()})

    def troubles(self, kept: Sequence[Kept]) -> Iterator[str]:
        """Yield every missing poison, and every entry without a poison or with another cause."""
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
    """Take one poison with this entry's words off the count. Return False if there is none."""
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
