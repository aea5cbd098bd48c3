"""Accepted events with their effect, for every history of a message or subject."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

ATTACHED = "rattache"
"""Reason of an orphan answer that a person attached to a referral, in a later event."""
OLDER = "plus_ancien"
"""Reason of an event without effect: its sender had sent a newer version."""


class Effet(StrEnum):
    """Effect of an accepted event."""

    EN_ATTENTE = "accepte"
    """The event is accepted and not applied yet."""
    QUARANTAINE = "quarantaine"
    APPLIQUE = "applique"
    SANS_EFFET = "sans_effet"
    ANOMALIE = "anomalie"


class Step(NamedTuple):
    """Accepted event with its effect, a step in a history."""

    id: UUID
    message: UUID
    """Message that contains the event. For an event of the hub, it is the message that led to the event."""
    line: int | None
    """Row number in the message; None for an event of the hub."""
    type: str
    subject: UUID
    source: str
    at: datetime
    """Moment at which the event was accepted."""
    received_at: datetime | None
    """Moment of receipt of the message; None if a restore lost it."""
    effet: Effet
    reason: str | None = None
    """Code of the reason why the event has no effect; None if the event has an effect."""
    judged_at: datetime | None = None
    etat: str | None = None
    """State of the subject when the event was judged. If that is unknown, it is the present state."""
    parked: bool = False
    """Whether an earlier event of the subject is in quarantine."""
    again: bool = False
    """Whether a restore lost the event and Kafka gave it back."""
    quarantine: UUID | None = None
    """Open quarantine row of the event, if any."""
    cause: str | None = None
    fingerprint: str | None = None
    quarantined_at: datetime | None = None

    @property
    def waits(self) -> bool:
        """Return whether the event is not applied yet."""
        return self.effet in (Effet.EN_ATTENTE, Effet.QUARANTAINE)

    @property
    def counts(self) -> bool:
        """Return whether the event changed its subject."""
        return self.effet is Effet.APPLIQUE
