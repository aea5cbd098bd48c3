"""Steps of a message's or subject's history."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

ATTACHED = "rattache"
"""Reason why an orphan answer (an answer to a request that the hub does not know) has itself no effect: a
person has attached it to a request, which appended another event."""
OLDER = "plus_ancien"
"""Reason why an event has no effect: its sender had already sent a newer version."""


class Effet(StrEnum):
    """Effect of an accepted event on its subject."""

    EN_ATTENTE = "accepte"
    """Accepted and not yet applied."""
    QUARANTAINE = "quarantaine"
    APPLIQUE = "applique"
    SANS_EFFET = "sans_effet"
    ANOMALIE = "anomalie"


class Step(NamedTuple):
    """Accepted event in the history of a message or subject, with its effect."""

    id: UUID
    message: UUID
    """Message of the event; for an event of the hub, the message that led to it."""
    line: int | None
    """Row of the message; None for an event of the hub."""
    type: str
    subject: UUID
    source: str
    at: datetime
    """When the event was accepted."""
    received_at: datetime | None
    """When the message was received; None if a restore lost it."""
    effet: Effet
    reason: str | None = None
    """Why the event has no effect; None if it has an effect."""
    judged_at: datetime | None = None
    etat: str | None = None
    """State of the subject when the rules were applied; if unknown, the present state."""
    parked: bool = False
    again: bool = False
    """Whether the event was accepted again from Kafka, after a restore had lost it."""
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
        """Return whether the event has changed its subject."""
        return self.effet is Effet.APPLIQUE
