"""Input and output of the rules. The effects are values: nothing is written yet."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple, Self
from uuid import UUID

from contracts.base import Contrat
from contracts.envelope import Attributes
from contracts.frozen import frozen
from router.domain import routing
from router.domain.partners import Registry
from router.domain.parts import HUB
from router.domain.subjects import Subject


@frozen()
class Event:
    """Event as the rules see it: attributes and the clear half."""

    attributes: Attributes
    contrat: Contrat
    successor: str | None = None
    """SIAO that the sender has become, if it has merged."""

    @property
    def source(self) -> str:
        """Return the id of the sender; if the sender has merged, return the id of its successor."""
        return self.successor or self.attributes.source

    @property
    def of_the_hub(self) -> bool:
        """Tell whether the hub derived the event."""
        return self.source == HUB


@frozen()
class World:
    """Subjects and partners that the rules may look at."""

    subjects: Mapping[UUID, Subject]
    registry: Registry
    reservation: timedelta

    def subject_of(self, event: Event) -> Subject | None:
        """Return the subject of an event; None if the hub does not know it."""
        return self.subjects.get(event.contrat.sujet)


@frozen()
class ListChange:
    """Change of a household in the lists of some readers. Each list numbers its own changes."""

    menage: UUID
    readers: tuple[str, ...]
    event: UUID
    """Event that describes the household, or takes it off the list."""
    gone: bool
    label: str | None = None
    """Label that the household's own SIAO gives it."""
    notice: UUID | None = None
    """Event that notifies the readers; None if it is `event`."""


class Extract(NamedTuple):
    """Request for a reader's whole list, delivered in parts of at most so many households."""

    reader: str
    at_once: int


@frozen()
class Effects:
    """Consequences of an event, still to be written."""

    subjects: tuple[Subject, ...] = ()
    derived: tuple[Contrat, ...] = ()
    recipients: tuple[str, ...] = ()
    handed_over: tuple[tuple[UUID, str], ...] = ()
    """Subjects whose past messages are delivered to a partner that is now responsible for them."""
    change: ListChange | None = None
    """Change of the list of households ready for housing."""
    extract: Extract | None = None
    outcome: tuple[str, str] | None = None
    """(`sans_effet` or `anomalie`, reason) if the event was not applied; None if it was. Even then something
    may be noted in its subjects, such as the version seen."""

    def with_subject(self, subject: Subject) -> Self:
        """Return the effects with a subject in its new state. It replaces any other state of this subject in
        them."""
        last = {each.id: each for each in (*self.subjects, subject)}
        return replace(self, subjects=tuple(last.values()))

    def with_news(self, *derived: Contrat) -> Self:
        """Return these effects, and more messages of the hub."""
        return replace(self, derived=(*self.derived, *derived))

    def seen_from(self, world: World) -> World:
        """Return the world with these effects applied."""
        return replace(world, subjects={**world.subjects, **{each.id: each for each in self.subjects}})


def forward(event: Event, world: World, subject: Subject | None = None) -> Effects:
    """Address the event to its recipients, with the new state of its subject. Raises Unroutable."""
    a = event.attributes
    about = (event.contrat, event.source, a.territoire, subject, world.registry)
    recipient = routing.recipient(*about)
    recipients = ((recipient,) if recipient else ()) + tuple(routing.listeners(*about))
    return Effects(subjects=(subject,) if subject else (), recipients=tuple(dict.fromkeys(recipients)))


def without_effect(reason: str, known: Subject | None = None, noted: Subject | None = None) -> Effects:
    """Return effects that leave the event unapplied, for this reason. `noted` is the subject with what is noted
    all the same, such as the version seen."""
    return Effects(subjects=(noted,) if noted and noted != known else (), outcome=("sans_effet", reason))
