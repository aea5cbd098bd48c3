"""The hub in simulated time: `router.domain` judges every event and deadline; memory replaces PostgreSQL and
Kafka.

A reachable recipient gets each delivery, and the hub its receipt, as soon as it is due. Nothing is encoded:
dialects have their own tests.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import NamedTuple
from uuid import UUID

from contracts.base import Contrat
from contracts.envelope import HUB, Attributes, Event
from contracts.partner import Partner
from contracts.v1.echeance import Echeance
from contracts.v1.livraison import LivraisonRemise
from ops.silences.rhythm import LOOK_BACK, Calendar, overdue, rhythm_of
from ops.silences.rules import begins, ends
from router.domain import judging
from router.domain.at_the_door import is_orphan
from router.domain.books import message_at
from router.domain.deadlines import NOTHING, Deadline, Running, running_of
from router.domain.messages import facts_of
from router.domain.partners import Registry
from router.domain.subjects import Subject
from router.domain.succession import history_for
from router.settings import Settings
from simulation.accelerated.company import named

RESERVATION = timedelta(hours=Settings().reservation_h)


class Received(NamedTuple):
    at: datetime
    contrat: Contrat


class Due(NamedTuple):
    """Next stage of a deadline, and when it is due."""

    at: datetime
    subject: Subject
    deadline: Deadline


class Silence(NamedTuple):
    """Partner that misses its rhythm, and when its next message was expected."""

    at: datetime
    partner: Partner


@dataclass
class AcceleratedHub:
    """Hub in simulated time. Only `accept`, `apply`, `attach`, `elapse`, `fall_silent`, `cut_off` and
    `reach_again` change it; the caller moves `now`."""

    registry: Registry
    territoire: str
    now: datetime
    unreachable: frozenset[str] = frozenset()
    """Partners whose deliveries wait."""
    subjects: dict[UUID, Subject] = field(default_factory=dict)
    sent: list[Received] = field(default_factory=list)
    """Messages of partners, in order."""
    journals: defaultdict[str, list[Received]] = field(default_factory=lambda: defaultdict(list))
    heard: dict[str, datetime] = field(default_factory=dict)
    """Last message of each partner."""
    silent: dict[str, datetime] = field(default_factory=dict)
    """Partners known to be silent, with when a message was expected."""
    waiting: Counter[UUID] = field(default_factory=Counter)
    """Messages accepted and not applied, by subject, whose deadlines wait."""
    orphans: dict[UUID, Event] = field(default_factory=dict)
    """Orphan answers, by the subject that they cite."""
    heeded_by: Callable[[str, Contrat], None] | None = None
    """Callback for each delivery that arrives, with the recipient's id."""
    _kept: defaultdict[str, list[Contrat]] = field(default_factory=lambda: defaultdict(list))
    """Deliveries pending for unreachable partners."""
    _runs: dict[UUID, Running] = field(default_factory=dict)
    """Running deadlines of each subject that has one."""
    _coming: list[tuple[datetime, UUID, Echeance, datetime]] = field(default_factory=list)
    """Heap of deadline stages: moment, subject, deadline, its start. An obsolete one is dropped once it is
    the earliest."""
    _missed_at: dict[str, tuple[datetime, datetime | None]] = field(default_factory=dict)
    """When each partner's last message came and its next one is expected."""
    _over: dict[tuple[UUID, Echeance, datetime], int] = field(default_factory=dict)
    """Stages already applied, by subject, deadline and its start."""
    _events: int = 0

    def accept(self, source: str, contrat: Contrat) -> None:
        """Accept a partner's message, as the gateway does with a 202; `apply` must follow."""
        self.sent.append(Received(self.now, contrat))
        self.heard[source] = self.now
        self.waiting[contrat.sujet] += 1
        if (since := self.silent.pop(source, None)) is not None:
            for alert in ends(self.registry.partners[source], self.registry, None, since, self.now):
                self.apply(HUB, alert, self.now)

    def apply(self, source: str, contrat: Contrat, accepted: datetime) -> None:
        """Apply an accepted message: update its subjects, deliver it, and apply what it causes."""
        if source != HUB:
            self.waiting[contrat.sujet] -= 1
        event = Event(self._attributes(source, contrat, accepted), contrat)
        world = judging.World(self._visible(contrat), self.registry, RESERVATION)
        effects = judging.apply(event, world, self.now)
        if is_orphan(event, effects):
            self.orphans[contrat.sujet] = event
        for subject in effects.subjects:
            self.subjects[subject.id] = subject
            self._watch(subject)
        for handed, name in effects.handed_over:
            self._hand_over(handed, name)
        for recipient in effects.recipients:
            if recipient in self.unreachable:
                self._kept[recipient].append(contrat)
            else:
                self._deliver(recipient, contrat)
        for derived in effects.derived:
            self.apply(HUB, derived, self.now)

    def _hand_over(self, subject: UUID, name: str) -> None:
        """Deliver the past messages about a subject to the partner that has just become responsible."""
        kinds = tuple(history_for(self.registry.partners[name]))
        for each in [e.contrat for e in self.sent if e.contrat.sujet == subject]:
            if isinstance(each, kinds):
                self._deliver(name, each)

    def cut_off(self, partner: str) -> None:
        self.unreachable |= {partner}

    def reach_again(self, partner: str) -> None:
        """Make a partner reachable, and deliver its pending messages in order."""
        self.unreachable -= {partner}
        for contrat in self._kept.pop(partner, ()):
            self._deliver(partner, contrat)

    def attach(self, cited: UUID, referral: UUID) -> None:
        """Attach an orphan answer to a referral."""
        orphan = self.orphans.pop(cited)
        moved = orphan.contrat.model_copy(update={orphan.contrat.SUJET: referral})
        self.waiting[referral] += 1
        self.apply(orphan.source, moved, orphan.attributes.time)

    def awaited(self) -> frozenset[UUID]:
        """Return the subjects with a deadline stage that is due now or later."""
        return frozenset(ident for ident, due in self._stages() if due is not None and due.at >= self.now)

    def overdue(self) -> frozenset[UUID]:
        """Return the subjects with a running deadline whose stages are all past."""
        return frozenset(ident for ident, due in self._stages() if due is None)

    def _stages(self) -> Iterator[tuple[UUID, Due | None]]:
        """Yield the subject and next stage of each running deadline; None once all stages are past."""
        for ident, runs in self._runs.items():
            for deadline in runs.values():
                yield ident, self._next_stage(self.subjects[ident], deadline)

    def waits(self, subject: Subject) -> bool:
        """Return whether a message about this subject, or one linked to it, is not applied yet."""
        return any(self.waiting[ident] for ident in (subject.id, *subject.linked))

    def next_due(self) -> Due | None:
        """Return the deadline stage that is due first, without subjects whose messages wait; None without a
        stage."""
        aside = []
        found = None
        while self._coming and found is None:
            coming = self._coming[0]
            due = self._due(coming)
            if due is None:
                heappop(self._coming)
            elif self.waits(due.subject):
                aside.append(heappop(self._coming))
            else:
                found = due
        for coming in aside:
            heappush(self._coming, coming)
        return found

    def _due(self, coming: tuple[datetime, UUID, Echeance, datetime]) -> Due | None:
        """Return the stage of a heap entry; None if its deadline has ended or started anew."""
        at, ident, echeance, started_at = coming
        deadline = self._runs.get(ident, NOTHING).get(echeance)
        if deadline is None or deadline.started_at != started_at:
            return None
        due = self._next_stage(self.subjects[ident], deadline)
        return due if due is not None and due.at == at else None

    def _next_stage(self, subject: Subject, deadline: Deadline) -> Due | None:
        over = self._over.get(_key(subject, deadline), 0)
        return Due(deadline.stages[over].at, subject, deadline) if over < len(deadline.stages) else None

    def _watch(self, subject: Subject) -> None:
        """Recompute the running deadlines of a subject, and schedule their next stages."""
        runs = running_of(subject, self.registry)
        if runs:
            self._runs[subject.id] = runs
        else:
            self._runs.pop(subject.id, None)
        for deadline in runs.values():
            if (due := self._next_stage(subject, deadline)) is not None:
                heappush(self._coming, (due.at, subject.id, deadline.echeance, deadline.started_at))

    def elapse(self, due: Due) -> None:
        """Apply the message of a deadline stage whose moment has come."""
        key = _key(due.subject, due.deadline)
        number = due.deadline.reached(self._over.get(key, 0), self.now)
        assert number is not None, "a stage is told at its moment, not before"
        self._over[key] = number + 1
        self._watch(due.subject)
        self.apply(HUB, message_at(due.subject, due.deadline, due.deadline.stages[number].etape), self.now)

    def next_silence(self, until: datetime) -> Silence | None:
        """Return the first silence that begins by `until`; None without one."""
        missed = (
            Silence(at, partner)
            for partner in self.registry.partners.values()
            if partner.rythme is not None and partner.id not in self.silent
            if (at := self._missed(partner, until)) is not None
        )
        return min(missed, key=lambda silence: silence.at, default=None)

    def fall_silent(self, silence: Silence) -> None:
        """Notify the partners concerned that a partner has missed its rhythm."""
        self.silent[silence.partner.id] = silence.at
        for alert in begins(silence.partner, self.registry, None, silence.at):
            self.apply(HUB, alert, self.now)

    def _missed(self, partner: Partner, until: datetime) -> datetime | None:
        """Return when a partner's next message is expected; None after `until`. Cached until that message."""
        heard = self.heard.setdefault(partner.id, self.now)
        known = self._missed_at.get(partner.id)
        if known is None or known[0] != heard:
            by = overdue(rhythm_of(partner, None), heard, heard + LOOK_BACK, Calendar.of(partner))
            known = self._missed_at[partner.id] = heard, by
        return known[1] if known[1] is not None and known[1] <= until else None

    def _deliver(self, recipient: str, contrat: Contrat) -> None:
        self.journals[recipient].append(Received(self.now, contrat))
        if self.heeded_by is not None:
            self.heeded_by(recipient, contrat)
        if facts_of(contrat).owed_an_answer:
            receipt = LivraisonRemise(objet=contrat.sujet, partenaire=recipient, remise_le=self.now)
            self.apply(HUB, receipt, self.now)

    def _visible(self, contrat: Contrat) -> Mapping[UUID, Subject]:
        """Return the subjects that a real worker would load to apply this message, by id."""
        own = [self.subjects[i] for i in judging.concerned(contrat) if i in self.subjects]
        linked = [self.subjects[i] for subject in own for i in subject.linked if i in self.subjects]
        if judging.changes_hands(contrat) or judging.recomposed(contrat):
            linked += self._loops(contrat.sujet, judging.recomposed(contrat))
        return {subject.id: subject for subject in (*own, *linked)}

    def _loops(self, demande: UUID, menages: Collection[UUID]) -> list[Subject]:
        """Return the subjects about these households and a demand's, with the demands that they answer."""
        every = list(self.subjects.values())
        tied = [each for each in every if demande in (each.id, getattr(each, "demande", None))]
        households = {*menages, *(getattr(each, "menage", None) for each in tied)}
        loops = [each for each in every if getattr(each, "menage", None) in households]
        answered = {getattr(each, "demande", None) for each in loops}
        return [*loops, *(each for each in every if each.id in answered)]

    def _attributes(self, source: str, contrat: Contrat, accepted: datetime) -> Attributes:
        self._events += 1
        ident = named(f"événement {self._events}")
        return Attributes(ident, contrat.TYPE, source, contrat.sujet, accepted, self.territoire, ident)


def _key(subject: Subject, deadline: Deadline) -> tuple[UUID, Echeance, datetime]:
    return subject.id, deadline.echeance, deadline.started_at
