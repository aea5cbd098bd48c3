"""The losses that the handbook permits after a restoration, row by row, and no others. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from simulation.cast import AVDL, DDETS_62, MENAGES, REPONSES, SIAO, SIAO_REST, flow
from simulation.observed import Observed, Sent

NANOSECONDS = 1_000_000_000
READ_AGAIN = {flow(SIAO_REST, DDETS_62, MENAGES), flow(AVDL, SIAO, REPONSES)}
"""Flows whose rows the hub reads again by itself: fiches of a partner's service, records of a partner's topic."""


class Backup(NamedTuple):
    """A copy of PostgreSQL."""

    taken_at: int
    path: Path


@dataclass(frozen=True, slots=True)
class Restoration:
    """A restoration of PostgreSQL; moments in nanoseconds since the epoch."""

    copied_at: int
    lost_at: int
    back_at: int
    on_bus: frozenset[str]
    """Messages on the bus when the database was lost."""

    @property
    def back_s(self) -> float:
        """Seconds by which the database went back."""
        return (self.lost_at - self.copied_at) / NANOSECONDS


def unpublished(observed: Observed, restorations: Iterable[Restoration]) -> Iterator[str]:
    """Yield the refs of rows accepted after the copy and not yet published when the database was lost."""
    for one in restorations:
        yield from (ref for ref, sent in observed.sent.items() if _unpublished(observed, sent, one))


def sent_again(observed: Observed, restorations: Iterable[Restoration]) -> Iterator[str]:
    """Yield the refs of rows that may be sent again after the loss of the database: those without a known answer then,
    and the rows that the hub had taken in after the copy and reads again by itself."""
    for one in restorations:
        for ref, sent in observed.sent.items():
            if _in_doubt(observed, sent, one) or _read_again(observed, sent, one):
                yield ref


def _in_doubt(observed: Observed, sent: Sent, one: Restoration) -> bool:
    answer = observed.answer_to(sent)
    return sent.at < one.lost_at and (answer is None or answer.at > one.lost_at)


def _read_again(observed: Observed, sent: Sent, one: Restoration) -> bool:
    answer = observed.answer_to(sent)
    return sent.row.flow in READ_AGAIN and answer is not None and one.copied_at < answer.at < one.lost_at


def _unpublished(observed: Observed, sent: Sent, one: Restoration) -> bool:
    answer = observed.answer_to(sent)
    if answer is None or not observed.accepted(sent):
        return False
    return (
        answer.message not in one.on_bus and sent.at < one.lost_at and one.copied_at < answer.at < one.back_at
    )
