"""Keep the state of a batch while a worker applies it: the subjects before and after, the effects to write."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from contracts.envelope import Attributes
from contracts.v1.echeance import Echeance
from router.domain.deadlines import NOTHING, Deadline, moved, running_of
from router.domain.partners import Registry
from router.domain.rules.effects import Extract
from router.domain.sandbox import sandbox_of
from router.domain.subjects import Envoi, Subject
from router.domain.succession import as_now, taken_over_by
from router.store import log, quarantine
from router.store.consequences import Consequences
from router.store.deadlines import Moved
from router.store.orphans import Orphan


@dataclass(slots=True)
class Work:
    """State of a batch while it is applied: its events, their subjects before the batch and now, and the
    effects to write."""

    entries: Mapping[UUID, log.Entry]
    """Events to apply now, by id, in the order of the log."""
    states: dict[UUID, Subject]
    """States of the subjects after the events applied so far, by id."""
    along: Sequence[log.Entry] = ()
    """Parked events to apply now, after the replayed events behind which they waited."""
    replayed: Set[UUID] = frozenset()
    """Ids of the events that are replayed from quarantine."""
    closed: Set[UUID] = frozenset()
    """Ids of the events that an operator has closed in quarantine. They end without effect."""
    before: Mapping[UUID, Subject] = field(default_factory=dict)
    """States of the subjects before the batch, by id."""
    changed: set[UUID] = field(default_factory=set)
    consequences: Consequences = field(default_factory=Consequences)
    """Effects of the events judged so far."""
    orphans: list[Orphan] = field(default_factory=list)
    failed: list[quarantine.FailedEvent] = field(default_factory=list)
    applied: set[UUID] = field(default_factory=set)
    parked: list[UUID] = field(default_factory=list)
    handed: list[tuple[UUID, str]] = field(default_factory=list)
    """Pairs of a subject and the partner that becomes responsible for it. The partner receives the past
    messages about the subject."""
    extracts: list[tuple[Attributes, Extract]] = field(default_factory=list)
    """Requests for a partner's whole list of households ready for housing, with the attributes of the
    requesting event."""
    answered: list[tuple[str, float]] = field(default_factory=list)
    """Recipients that give the first answer to a referral or candidacy in this batch, each with the seconds since
    it received the referral or candidacy."""


def take_over(work: Work, registry: Registry) -> None:
    """Replace merged SIAO by their successors in the subjects of a batch. Note in `work.handed` the subjects
    whose past messages a successor must receive."""
    for ident, subject in work.before.items() if registry.successors else ():
        present = as_now(subject, registry)
        if present != subject:
            work.states[ident] = present
            work.changed.add(ident)
            work.handed += [(ident, siao) for siao in taken_over_by(subject, present)]


def moved_deadlines(work: Work, registry: Registry) -> Moved:
    """Return the deadlines that the batch changes, by subject and type. A deadline comes with its new times, or
    is None if it stops."""
    found: dict[tuple[UUID, Echeance], Deadline | None] = {}
    for ident in work.changed:
        before = work.before.get(ident)
        was = running_of(before, registry) if before else NOTHING
        now = running_of(work.states[ident], registry)
        found |= {(ident, kind): deadline for kind, deadline in moved(was, now).items()}
    return found


def answered(source: str, before: Subject | None, after: Subject) -> tuple[str, float] | None:
    """Return how long a recipient took to answer a referral or candidacy, as (recipient, seconds since the
    receipt). Return None if the event is not the first answer, if nothing proves the receipt, or if the event's
    sender is in a sandbox. `source` is the sender of the event; `before` and `after` are the event's subject
    before and after it."""
    if not isinstance(before, Envoi) or before.remise_le is None or source != before.destinataire:
        return None
    if sandbox_of(source):
        return None
    waited, early = before.etat in before.MACHINE.early, after.etat in before.MACHINE.early
    if not waited or early:
        return None
    return before.destinataire, max(0.0, (datetime.now(UTC) - before.remise_le).total_seconds())
