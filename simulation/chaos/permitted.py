"""What the handbook says that a restored database may cost, row by row, and no more. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from simulation.observed import Observed, Sent

NANOSECONDS = 1_000_000_000


class Backup(NamedTuple):
    """A copy of PostgreSQL."""

    taken_at: int
    path: Path


@dataclass(frozen=True, slots=True)
class Restoration:
    """PostgreSQL went back; moments in nanoseconds since the epoch."""

    copied_at: int
    lost_at: int
    back_at: int
    on_bus: frozenset[str]
    """Messages that the bus knew of when the database was lost."""

    @property
    def back_s(self) -> float:
        """How far the database went back."""
        return (self.lost_at - self.copied_at) / NANOSECONDS


def unpublished(observed: Observed, restorations: Iterable[Restoration]) -> Iterator[str]:
    """Refs of rows accepted after the copy that still waited to be published when the database was lost."""
    for one in restorations:
        yield from (ref for ref, sent in observed.sent.items() if _unpublished(observed, sent, one))


def sent_again(observed: Observed, restorations: Iterable[Restoration]) -> Iterator[str]:
    """Refs of rows whose sender did not know whether they were accepted when the database was lost, and sent
    them again to one that did not know either."""
    for one in restorations:
        yield from (ref for ref, sent in observed.sent.items() if _in_doubt(observed, sent, one))


def _in_doubt(observed: Observed, sent: Sent, one: Restoration) -> bool:
    answer = observed.answer_to(sent)
    return sent.at < one.lost_at and (answer is None or answer.at > one.lost_at)


def _unpublished(observed: Observed, sent: Sent, one: Restoration) -> bool:
    answer = observed.answer_to(sent)
    if answer is None or not observed.accepted(sent):
        return False
    return (
        answer.message not in one.on_bus and sent.at < one.lost_at and one.copied_at < answer.at < one.back_at
    )
