"""Ledger of the invalid records (poisons) written to Kafka, against the hub's quarantine. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

CAUSES = ("InvalidContract", "falsifie")
"""Causes in the quarantine of an invalid record, and of one that the hub did not write."""

Place = tuple[str, int, int]
"""Topic, partition and offset."""
Name = Place | str
"""Place of a Kafka record, or id of an event."""


class Kept(NamedTuple):
    """Entry of the hub's quarantine about a Kafka record or an event."""

    cause: str
    says: str
    name: Name


@dataclass(slots=True)
class Ledger:
    """Poisons that faults wrote to Kafka. A poison that Kafka lost unread need not be in quarantine."""

    poured: defaultdict[Place, list[str]] = field(default_factory=lambda: defaultdict(list))
    """First words of the expected refusals, by place."""
    perished: Counter[Place] = field(default_factory=Counter)
    doubtful: Counter[str] = field(default_factory=Counter)
    """Poisons that Kafka did not confirm, by first words of the expected refusal."""

    def note(self, place: Place, says: str) -> None:
        """Record a confirmed poison. `says`: first words of its expected refusal."""
        self.poured[place].append(says)

    def doubt(self, says: str) -> None:
        """Record an unconfirmed poison. `says`: first words of its expected refusal."""
        self.doubtful[says] += 1

    def bus_is_lost(self, kept: Iterable[Kept]) -> None:
        """Record that Kafka has lost its data: poisons not yet in quarantine may never get there."""
        found = Counter(row.name for row in kept)
        self.perished = Counter({name: len(each) - found[name] for name, each in self.poured.items()})

    def troubles(self, kept: Sequence[Kept]) -> Iterator[str]:
        """Yield, in French, each poison absent from quarantine, and each unexplained entry."""
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
