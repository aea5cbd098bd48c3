"""Losses permitted by the operator's handbook after a restoration of the database. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from simulation.cast import AVDL, DDETS_62, MENAGES, REPONSES, SIAO, SIAO_REST, flow
from simulation.observed import Observed, Sent

NANOSECONDS = 1_000_000_000
READ_AGAIN = {flow(SIAO_REST, DDETS_62, MENAGES), flow(AVDL, SIAO, REPONSES)}
"""Flows that the hub reads again by itself: from a web service or Kafka topic."""


class Backup(NamedTuple):
    """Backup of PostgreSQL: its moment, in nanoseconds since the epoch, and its file."""

    taken_at: int
    path: Path


@dataclass(frozen=True, slots=True)
class Restoration:
    """Restoration of PostgreSQL: moments of backup, loss and return."""

    copied_at: int
    lost_at: int
    back_at: int
    on_bus: frozenset[str]
    """Messages in Kafka when the database was lost."""

    @property
    def back_s(self) -> float:
        """Seconds between backup and loss: the history that the database has forgotten."""
        return (self.lost_at - self.copied_at) / NANOSECONDS


def unpublished(observed: Observed, restorations: Iterable[Restoration]) -> Iterator[str]:
    """Yield the rows accepted after the backup and not yet in Kafka when the database was lost."""
    for one in restorations:
        yield from (ref for ref, sent in observed.sent.items() if _unpublished(observed, sent, one))


def sent_again(observed: Observed, restorations: Iterable[Restoration]) -> Iterator[str]:
    """Yield the rows that may be sent twice because the database was lost: unanswered then, or read again by
    the hub."""
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
