"""What was poured onto the bus, and whether the hub's quarantine holds just that, each with its cause. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

CAUSE = "InvalidContract"
"""The hub's word for what is no event, or none that it knows."""

WHATEVER = ""
"""Said of a poison of which it is enough that it is in quarantine, for whatever cause."""

Place = tuple[str, int, int]
"""Topic, partition and offset of a record."""
Name = Place | str
"""How a poison is found again: by its place on the bus, or by its id where it reads as an event."""


class Kept(NamedTuple):
    """A row of the hub's quarantine that is not about a message of a partner."""

    cause: str
    says: str
    name: Name


@dataclass(slots=True)
class Ledger:
    """Poisons by name. One that a bus without memory took along before the hub read it need not be there."""

    poured: defaultdict[Name, list[str]] = field(default_factory=lambda: defaultdict(list))
    """What the hub has to say of each; a place comes twice on a bus that began anew."""
    perished: Counter[Name] = field(default_factory=Counter)
    doubtful: Counter[str] = field(default_factory=Counter)
    """Written without an answer of the bus, so that nobody knows their place: how often each may be there."""

    def note(self, name: Name, says: str) -> None:
        """A poison is on the bus; an event that comes twice is still one event."""
        if not (isinstance(name, str) and name in self.poured):
            self.poured[name].append(says)

    def doubt(self, name: str | None, says: str) -> None:
        """A poison of which the bus did not say whether it has it; without a name it may be anywhere."""
        if name is None:
            self.doubtful[says] += 1
        else:
            self.note(name, says)
            self.perished[name] += 1

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
        foreseen = Counter(self.poured.get(name, ()))
        return [row for row in rows if not _take(row, foreseen)]


def _take(row: Kept, foreseen: Counter[str]) -> bool:
    """Strike out one that says what this row says; False when there is none."""
    for says, left in foreseen.items():
        if left and (says == WHATEVER or (row.cause == CAUSE and row.says.startswith(says))):
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
