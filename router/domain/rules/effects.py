"""Input and output of the rules: events, known subjects, and the effects to write."""

from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple, Self
from uuid import UUID

from contracts.base import Contrat
from contracts.envelope import Event
from contracts.frozen import frozen, replace
from router.domain import routing
from router.domain.partners import Registry
from router.domain.subjects import Subject


@frozen()
class World:
    """Subjects and partners that the rules may read."""

    subjects: Mapping[UUID, Subject]
    registry: Registry
    reservation: timedelta

    def subject_of(self, event: Event) -> Subject | None:
        """Return the subject of an event; None if the hub does not know it."""
        return self.subjects.get(event.contrat.sujet)


@frozen()
class ListChange:
    """Change of a household on the lists of some readers. Each list numbers its own changes."""

    menage: UUID
    readers: tuple[str, ...]
    event: UUID
    """Event that describes the household, or takes it off the lists."""
    gone: bool
    label: str | None = None
    """Label that the household's own SIAO gives; None if it gives none."""
    notice: UUID | None = None
    """Event that notifies the readers; None if it is `event`."""


class Extract(NamedTuple):
    """Request for a reader's whole list of households, delivered in parts of at most `at_once`."""

    reader: str
    at_once: int


@frozen()
class Effects:
    """Consequences of an event, still to be written."""

    subjects: tuple[Subject, ...] = ()
    derived: tuple[Contrat, ...] = ()
    recipients: tuple[str, ...] = ()
    handed_over: tuple[tuple[UUID, str], ...] = ()
    """Pairs of a subject and the partner that is now responsible for it, and receives its past messages."""
    change: ListChange | None = None
    """Change of the list of households ready for housing."""
    extract: Extract | None = None
    outcome: tuple[str, str] | None = None
    """(`sans_effet` or `anomalie`, reason) if the event was not applied; else None."""

    def with_subject(self, subject: Subject) -> Self:
        """Return these effects with a new state of a subject, which replaces an earlier one."""
        last = {each.id: each for each in (*self.subjects, subject)}
        return replace(self, subjects=tuple(last.values()))

    def with_news(self, *derived: Contrat) -> Self:
        """Return the effects with further messages of the hub."""
        return replace(self, derived=(*self.derived, *derived))

    def seen_from(self, world: World) -> World:
        """Return the known subjects and partners as they are after these effects."""
        return replace(world, subjects={**world.subjects, **{each.id: each for each in self.subjects}})


def forward(event: Event, world: World, subject: Subject | None = None) -> Effects:
    """Return effects that send an event to its recipients, with the new state of its subject. Raises
    Unroutable if an addressee cannot be reached."""
    a = event.attributes
    about = (event.contrat, event.source, a.territoire, subject, world.registry)
    recipient = routing.recipient(*about)
    recipients = ((recipient,) if recipient else ()) + tuple(routing.listeners(*about))
    return Effects(subjects=(subject,) if subject else (), recipients=tuple(dict.fromkeys(recipients)))


def without_effect(reason: str, known: Subject | None = None, noted: Subject | None = None) -> Effects:
    """Return effects that do not apply an event, for a reason. `noted` is the subject to store all the same,
    for example with the sender's new version."""
    return Effects(subjects=(noted,) if noted and noted != known else (), outcome=("sans_effet", reason))
