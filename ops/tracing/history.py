"""Steps in the history of a message or subject: its events, each with the effect that it had."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

ATTACHED = "rattache"
"""Reason why an orphan answer has no effect itself: a person has attached it to a request. A new event then
takes effect in its place."""
OLDER = "plus_ancien"
"""Reason why an event is outdated, and has no effect: its sender had already sent a higher version."""


class Effet(StrEnum):
    """The effect of an accepted event on its subject."""

    EN_ATTENTE = "accepte"
    """Accepted, and still to be applied."""
    QUARANTAINE = "quarantaine"
    APPLIQUE = "applique"
    SANS_EFFET = "sans_effet"
    ANOMALIE = "anomalie"


class Step(NamedTuple):
    """An accepted event in the history of a message or subject, with its effect."""

    id: UUID
    message: UUID
    """Message that brought the event. For an event of the hub, the message that led to it."""
    line: int | None
    """Number of the message's row from which the event comes; None for an event of the hub."""
    type: str
    subject: UUID
    source: str
    at: datetime
    """Moment at which the event was accepted."""
    received_at: datetime | None
    """Moment at which the message was received; None if a restore of the database lost it."""
    effet: Effet
    reason: str | None = None
    """Reason why the event has no effect. None if it has one, or is still to be applied."""
    judged_at: datetime | None = None
    etat: str | None = None
    """State in which the subject was when the rules judged the event; if this is unknown, the subject's
    present state."""
    parked: bool = False
    again: bool = False
    """Whether a restore of the database had lost the event, so that it was accepted again from Kafka."""
    quarantine: UUID | None = None
    """Quarantine row of the event; None if the event is not in quarantine now."""
    cause: str | None = None
    fingerprint: str | None = None
    quarantined_at: datetime | None = None

    @property
    def waits(self) -> bool:
        """Return whether the event is still to be applied."""
        return self.effet in (Effet.EN_ATTENTE, Effet.QUARANTAINE)

    @property
    def counts(self) -> bool:
        """Return whether the event has changed its subject."""
        return self.effet is Effet.APPLIQUE
