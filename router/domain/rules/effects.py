"""Types for the rules: what they read (referrals, places…, and partners), and the effects that they return."""

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
    """What the rules may read when they judge an event: the subjects (referrals, places…) as they were before
    the event, and the partners. `reservation` is the time for which a referral reserves a place."""

    subjects: Mapping[UUID, Subject]
    registry: Registry
    reservation: timedelta

    def subject_of(self, event: Event) -> Subject | None:
        """Return the subject of an event: the referral, the place… that it is about. Return None if the hub
        does not know it."""
        return self.subjects.get(event.contrat.sujet)


@frozen()
class ListChange:
    """Change of one household on the lists of households ready for housing of the partners `readers`. Each list
    numbers its own changes."""

    menage: UUID
    readers: tuple[str, ...]
    event: UUID
    """Id of the event that describes the household, or that removes it from the lists of households ready for
    housing."""
    gone: bool
    label: str | None = None
    """Answer by which the household's own SIAO gave it a label (access to reserved housing). None if the SIAO
    gave no label."""
    notice: UUID | None = None
    """Id of the event that notifies the partners with the household on their list. None if `event` itself
    notifies them."""


class Extract(NamedTuple):
    """Order to send a reader (partner) its whole list of households ready for housing, in deliveries of at most
    `at_once` households."""

    reader: str
    at_once: int


@frozen()
class Effects:
    """What follows from an event: changed subjects, further messages, recipients. All of it is written in the
    transaction that applies the event."""

    subjects: tuple[Subject, ...] = ()
    derived: tuple[Contrat, ...] = ()
    recipients: tuple[str, ...] = ()
    handed_over: tuple[tuple[UUID, str], ...] = ()
    """Subjects (a referral, a demand…) that pass to another partner, as pairs (subject, new partner). The new
    partner receives the past messages about the subject."""
    change: ListChange | None = None
    """Change of a household on the lists of households ready for housing. None if the lists do not change."""
    extract: Extract | None = None
    outcome: tuple[str, str] | None = None
    """Kind and reason of an event's failure. The kind is `sans_effet` (no effect) or `anomalie`. None if the
    event was applied."""

    def with_subject(self, subject: Subject) -> Self:
        """Return the effects with a new state of a subject (a referral, a place…). It replaces any other state
        of the same subject in these effects."""
        last = {each.id: each for each in (*self.subjects, subject)}
        return replace(self, subjects=tuple(last.values()))

    def with_news(self, *derived: Contrat) -> Self:
        """Return the effects with further messages that the hub sends."""
        return replace(self, derived=(*self.derived, *derived))

    def seen_from(self, world: World) -> World:
        """Return `world` with the subjects (referrals, places…) as they will be after these effects."""
        return replace(world, subjects={**world.subjects, **{each.id: each for each in self.subjects}})


def forward(event: Event, world: World, subject: Subject | None = None) -> Effects:
    """Return effects that store `subject` (a referral, a place…) and send the event to its recipients. Raises
    Unroutable if the addressee cannot be reached."""
    a = event.attributes
    about = (event.contrat, event.source, a.territoire, subject, world.registry)
    recipient = routing.recipient(*about)
    recipients = ((recipient,) if recipient else ()) + tuple(routing.listeners(*about))
    return Effects(subjects=(subject,) if subject else (), recipients=tuple(dict.fromkeys(recipients)))


def without_effect(reason: str, known: Subject | None = None, noted: Subject | None = None) -> Effects:
    """Return the effects of an event that is not applied, with the reason. `known` is the subject of the
    event (a referral, a place…) as stored. `noted` is the same subject with what must be remembered all the
    same, such as the sender's version number. It is stored if it differs from `known`."""
    return Effects(subjects=(noted,) if noted and noted != known else (), outcome=("sans_effet", reason))
