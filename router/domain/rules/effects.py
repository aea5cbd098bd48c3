"""Define what the rules read (`World`), and the effects that they return (`Effects`)."""

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
    """The facts that the rules may read: the subjects before the event, the registry, and the time for which
    a referral reserves a place (`reservation`)."""

    subjects: Mapping[UUID, Subject]
    registry: Registry
    reservation: timedelta

    def subject_of(self, event: Event) -> Subject | None:
        """Return the subject of an event. Return None if the hub does not know this subject."""
        return self.subjects.get(event.contrat.sujet)


@frozen()
class ListChange:
    """A change of one household on the lists of several partners (`readers`). On each list, the change gets
    the next number."""

    menage: UUID
    readers: tuple[str, ...]
    event: UUID
    """Id of the event that describes the household, or takes it off the lists."""
    gone: bool
    label: str | None = None
    """Answer by which the household's own SIAO gave its label. None if it gave none."""
    notice: UUID | None = None
    """Id of the event that notifies the readers. None if `event` itself notifies them."""


class Extract(NamedTuple):
    """An order to send a reader its whole list. Each delivery has at most `at_once` households."""

    reader: str
    at_once: int


@frozen()
class Effects:
    """The effects of one event: new states of subjects, messages of the hub, and recipients. All of them are
    written in the transaction that applies the event."""

    subjects: tuple[Subject, ...] = ()
    derived: tuple[Contrat, ...] = ()
    recipients: tuple[str, ...] = ()
    handed_over: tuple[tuple[UUID, str], ...] = ()
    """Pairs of a subject and the partner that takes the subject over. This partner receives the past messages
    about the subject."""
    change: ListChange | None = None
    """Change of a household on the lists of its readers. None if no list changes."""
    extract: Extract | None = None
    outcome: tuple[str, str] | None = None
    """Kind (`sans_effet` or `anomalie`) and reason, if the event is not applied. None if it is applied."""

    def with_subject(self, subject: Subject) -> Self:
        """Return the effects with `subject` as the new state of this subject. If the effects already have an
        earlier state of the same subject, `subject` replaces it."""
        last = {each.id: each for each in (*self.subjects, subject)}
        return replace(self, subjects=tuple(last.values()))

    def with_news(self, *derived: Contrat) -> Self:
        """Return the effects with further messages that the hub itself sends."""
        return replace(self, derived=(*self.derived, *derived))

    def seen_from(self, world: World) -> World:
        """Return `world` with its subjects in the states that these effects give them."""
        return replace(world, subjects={**world.subjects, **{each.id: each for each in self.subjects}})


def forward(event: Event, world: World, subject: Subject | None = None) -> Effects:
    """Return the effects of sending an event to its addressee, and to the other partners that receive it.
    If `subject` is given, it is stored too. Raises Unroutable if the addressee cannot receive deliveries.
    A few message types may be applied all the same (see `routing.recipient`): for them, the addressee is
    left out."""
    a = event.attributes
    about = (event.contrat, event.source, a.territoire, subject, world.registry)
    recipient = routing.recipient(*about)
    recipients = ((recipient,) if recipient else ()) + tuple(routing.listeners(*about))
    return Effects(subjects=(subject,) if subject else (), recipients=tuple(dict.fromkeys(recipients)))


def without_effect(reason: str, known: Subject | None = None, noted: Subject | None = None) -> Effects:
    """Return the effects of an event that is not applied, because of `reason`. `known` is the subject as it
    is stored now. `noted` is the subject to store in its place, for example with the version of the event's
    message. If `noted` is None or equal to `known`, nothing is stored."""
    return Effects(subjects=(noted,) if noted and noted != known else (), outcome=("sans_effet", reason))
