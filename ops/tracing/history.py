"""Steps of a history: accepted events and their effects. Trace, fate and next act are all made from these."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

ATTACHED = "rattache"
"""Reason of an orphan answer that a person has attached: a later event repeats it about the right subject."""
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
    """Accepted event and its effect."""

    id: UUID
    message: UUID
    """Message that contained the event, or whose event caused it."""
    line: int | None
    """Number of the row, as the message's sender counts; None for an event that the hub added."""
    type: str
    subject: UUID
    source: str
    at: datetime
    """Moment of acceptance."""
    received_at: datetime | None
    """Moment at which the message was received; None if a restore lost the message."""
    effet: Effet
    reason: str | None = None
    """Code that says why the event has no effect."""
    judged_at: datetime | None = None
    etat: str | None = None
    """State of the subject when the event was judged; if it was not recorded, the present state."""
    parked: bool = False
    """True if an earlier event of the subject is in quarantine."""
    again: bool = False
    """True if a restore lost the event, and the bus gave it back."""
    quarantine: UUID | None = None
    """Open quarantine row of the event."""
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
