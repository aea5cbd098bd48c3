"""The hub in simulated time: `router.domain` judges every event and deadline; memory stands for the log and the bus.

What is said is applied at once, in order. A recipient that can be reached has each delivery at the moment at which it
is due, and the hub the proof of it. Deliveries stay contracts: dialects have tests of their own.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from contracts.base import Contrat
from contracts.envelope import Attributes
from contracts.v1.echeance import Echeance
from contracts.v1.livraison import LivraisonRemise
from router.domain import rules
from router.domain.deadlines import Deadline, running_of, told_of
from router.domain.messages import facts_of
from router.domain.partners import Registry
from router.domain.parts import HUB
from router.domain.subjects import Subject
from router.settings import Settings
from simulation.accelerated.company import named

RESERVATION = timedelta(hours=Settings().reservation_h)


class Received(NamedTuple):
    """A line of a partner's journal."""

    at: datetime
    contrat: Contrat


class Due(NamedTuple):
    """The next stage of a deadline."""

    at: datetime
    subject: Subject
    deadline: Deadline


@dataclass
class AcceleratedHub:
    """`say` and `elapse` are the only ways to change anything; `now` is the caller's to move."""

    registry: Registry
    territoire: str
    now: datetime
    unreachable: frozenset[str] = frozenset()
    subjects: dict[UUID, Subject] = field(default_factory=dict)
    sent: list[Received] = field(default_factory=list)
    """What partners have said, in order."""
    journals: defaultdict[str, list[Received]] = field(default_factory=lambda: defaultdict(list))
    _over: dict[tuple[UUID, Echeance, datetime], int] = field(default_factory=dict)
    """How many stages of a deadline are over."""
    _events: int = 0

    def say(self, source: str, contrat: Contrat) -> None:
        """An event is accepted; when this returns, all that follows from it has followed."""
        if source != HUB:
            self.sent.append(Received(self.now, contrat))
        event = rules.Event(self._attributes(source, contrat), contrat)
        world = rules.World(self._visible(contrat), self.registry, RESERVATION)
        effects = rules.apply(event, world, self.now)
        self.subjects |= {subject.id: subject for subject in effects.subjects}
        for recipient in effects.recipients:
            if recipient not in self.unreachable:
                self._deliver(recipient, contrat)
        for derived in effects.derived:
            self.say(HUB, derived)

    def running(self) -> Iterator[Due]:
        """The deadlines of which a stage is still to come."""
        for subject in self.subjects.values():
            for deadline in running_of(subject, self.registry).values():
                over = self._over.get(_key(subject, deadline), 0)
                if over < len(deadline.stages):
                    yield Due(deadline.stages[over].at, subject, deadline)

    def next_due(self) -> Due | None:
        """The one of which a stage comes first."""
        by_time = self.running()
        return min(by_time, key=lambda due: (due.at, due.subject.id, due.deadline.echeance), default=None)

    def elapse(self, due: Due) -> None:
        """A stage of a deadline is reached: the hub says so."""
        key = _key(due.subject, due.deadline)
        number = due.deadline.reached(self._over.get(key, 0), self.now)
        assert number is not None, "a stage is told at its moment, not before"
        self._over[key] = number + 1
        self.say(HUB, told_of(due.subject, due.deadline, due.deadline.stages[number].etape))

    def _deliver(self, recipient: str, contrat: Contrat) -> None:
        self.journals[recipient].append(Received(self.now, contrat))
        if facts_of(contrat).owed_an_answer:
            self.say(HUB, LivraisonRemise(objet=contrat.sujet, partenaire=recipient, remise_le=self.now))

    def _visible(self, contrat: Contrat) -> Mapping[UUID, Subject]:
        """The subjects that a worker loads for an event."""
        own = [self.subjects[i] for i in rules.concerned(contrat) if i in self.subjects]
        linked = [self.subjects[i] for subject in own for i in subject.linked if i in self.subjects]
        return {subject.id: subject for subject in (*own, *linked)}

    def _attributes(self, source: str, contrat: Contrat) -> Attributes:
        self._events += 1
        ident = named(f"événement {self._events}")
        return Attributes(ident, contrat.TYPE, source, contrat.sujet, self.now, self.territoire, ident)


def _key(subject: Subject, deadline: Deadline) -> tuple[UUID, Echeance, datetime]:
    return subject.id, deadline.echeance, deadline.started_at
