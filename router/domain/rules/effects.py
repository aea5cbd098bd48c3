"""What the rules are given and what they give back. Nothing here has happened yet."""

from collections.abc import Mapping
from datetime import timedelta
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
    """An event as the rules see it: attributes and the clear half."""

    attributes: Attributes
    contrat: Contrat

    @property
    def source(self) -> str:
        """Who says it."""
        return self.attributes.source

    @property
    def of_the_hub(self) -> bool:
        """Whether the hub derived it."""
        return self.source == HUB


@frozen()
class World:
    """What the rules may look at."""

    subjects: Mapping[UUID, Subject]
    registry: Registry
    reservation: timedelta

    def subject_of(self, event: Event) -> Subject | None:
        """What an event is about, as far as it is known."""
        return self.subjects.get(event.contrat.sujet)


@frozen()
class Effects:
    """What should happen."""

    subjects: tuple[Subject, ...] = ()
    derived: tuple[Contrat, ...] = ()
    recipients: tuple[str, ...] = ()
    outcome: tuple[str, str] | None = None
    """(`sans_effet` or `anomalie`, reason) when the event was not applied; what is only noted may remain of it."""


def forward(event: Event, world: World, subject: Subject | None = None) -> Effects:
    """The event is told on, and its subject becomes this one. Raises Unroutable."""
    a = event.attributes
    said = (event.contrat, a.source, a.territoire, subject, world.registry)
    recipient = routing.recipient(*said)
    told = ((recipient,) if recipient else ()) + tuple(routing.listeners(*said))
    return Effects(subjects=(subject,) if subject else (), recipients=tuple(dict.fromkeys(told)))


def without_effect(reason: str, known: Subject | None = None, noted: Subject | None = None) -> Effects:
    """The event is not applied; what is noted of its subject remains."""
    return Effects(subjects=(noted,) if noted and noted != known else (), outcome=("sans_effet", reason))
