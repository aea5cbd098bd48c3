"""A step of a history: an accepted event and its effect. Trace, fate and turn are all made from these."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

ATTACHED = "rattache"
"""Reason of an orphan answer that a later event repeats about the right subject."""
OLDER = "plus_ancien"
"""Reason of an event whose sender had already sent a newer version."""


class Effet(StrEnum):
    """Effect of an accepted event."""

    EN_ATTENTE = "accepte"
    """Accepted, and not applied yet."""
    QUARANTAINE = "quarantaine"
    APPLIQUE = "applique"
    SANS_EFFET = "sans_effet"
    ANOMALIE = "anomalie"


class Step(NamedTuple):
    """An accepted event and its effect."""

    id: UUID
    message: UUID
    """Message that brought the event or caused it."""
    line: int | None
    """Row of the message as its sender counts; None for an event that the hub added."""
    type: str
    subject: UUID
    source: str
    at: datetime
    """Moment of acceptance."""
    received_at: datetime | None
    """Moment at which the message was received; None if a restoration lost the message."""
    effet: Effet
    reason: str | None = None
    """Code that says why the event has no effect."""
    judged_at: datetime | None = None
    etat: str | None = None
    """State of the subject when the event was judged; if nothing was recorded then, the state today."""
    parked: bool = False
    """True if an earlier event of the subject is in quarantine."""
    again: bool = False
    """True if a restoration lost the event, and the bus gave it back."""
    quarantine: UUID | None = None
    """Open quarantine row of the event."""
    cause: str | None = None
    fingerprint: str | None = None
    quarantined_at: datetime | None = None

    @property
    def waits(self) -> bool:
        """Return whether the event is still to be applied."""
        return self.effet in (Effet.EN_ATTENTE, Effet.QUARANTAINE)

    @property
    def counts(self) -> bool:
        """Return whether the event changed its subject."""
        return self.effet is Effet.APPLIQUE
