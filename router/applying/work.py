"""Work on a batch of events: the states before and after, and the consequences to write."""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from contracts.envelope import Attributes
from router.domain.deadlines import NOTHING, Change, change, running_of
from router.domain.partners import Registry
from router.domain.rules.effects import Extract
from router.domain.sandbox import sandbox_of
from router.domain.subjects import Envoi, Subject
from router.domain.succession import as_now, taken_over_by
from router.store import lists, log, quarantine
from router.store.deliveries import Owed
from router.store.orphans import Orphan
from router.store.outcomes import Outcome


@dataclass(slots=True)
class Work:
    """Events of a batch that may be applied now, their subjects' states, and the consequences to write."""

    entries: Mapping[UUID, log.Entry]
    """Events that may be applied now, by id, in order."""
    states: dict[UUID, Subject]
    """States of the subjects by id, after the events that have been judged."""
    along: Sequence[log.Entry] = ()
    """Parked events that are applied together with the replayed event before them."""
    replayed: Set[UUID] = frozenset()
    """Ids of the events that are replayed from quarantine, and leave it."""
    closed: Set[UUID] = frozenset()
    """Events that somebody closed in quarantine: they have no effect."""
    before: Mapping[UUID, Subject] = field(default_factory=dict)
    """States of the batch's subjects before the batch, by subject id."""
    changed: set[UUID] = field(default_factory=set)
    derived: list[log.Entry] = field(default_factory=list)
    deliveries: list[Owed] = field(default_factory=list)
    listed: list[lists.Changed] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    orphans: list[Orphan] = field(default_factory=list)
    failed: list[quarantine.FailedEvent] = field(default_factory=list)
    applied: set[UUID] = field(default_factory=set)
    parked: list[UUID] = field(default_factory=list)
    handed: list[tuple[UUID, str]] = field(default_factory=list)
    """Pairs of a subject and the partner that receives the subject's past messages."""
    extracts: list[tuple[Attributes, Extract]] = field(default_factory=list)
    """Requests for a whole list of households ready for housing, each with the attributes of its event."""
    answered: list[tuple[str, float]] = field(default_factory=list)
    """Recipients that have answered a request, each with the seconds from the receipt of the request to the
    answer."""


def take_over(work: Work, registry: Registry) -> None:
    """Rename merged SIAO to their successors in the subjects of a batch. Hand each such subject's past
    messages to the successor."""
    for ident, subject in work.before.items() if registry.successors else ():
        present = as_now(subject, registry)
        if present != subject:
            work.states[ident] = present
            work.changed.add(ident)
            if (siao := taken_over_by(subject, present)) is not None:
                work.handed.append((ident, siao))


def moved_deadlines(work: Work, registry: Registry) -> Iterator[tuple[UUID, Change]]:
    """Yield the deadlines that stop and start, by the id of their subject."""
    for ident in work.changed:
        before = work.before.get(ident)
        was = running_of(before, registry) if before else NOTHING
        yield ident, change(was, running_of(work.states[ident], registry))


def answered(source: str, before: Subject | None, after: Subject) -> tuple[str, float] | None:
    """Return the recipient that has just answered its request, and the seconds since it received the request.
    None if the change from `before` to `after` is no first answer, or if the subject is in a sandbox."""
    if not isinstance(before, Envoi) or before.remise_le is None or source != before.destinataire:
        return None
    if sandbox_of(source):
        return None
    waited, early = before.etat in before.MACHINE.early, after.etat in before.MACHINE.early
    if not waited or early:
        return None
    return before.destinataire, max(0.0, (datetime.now(UTC) - before.remise_le).total_seconds())
