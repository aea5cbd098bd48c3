"""Accepted events with their effect, from which every history of a message or subject is built."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

ATTACHED = "rattache"
"""Reason of an orphan answer that a person attached to a referral: a later event repeats the answer."""
OLDER = "plus_ancien"
"""Reason of an event without effect, because its sender had already sent a newer version."""


class Effet(StrEnum):
    """Effect of an accepted event."""

    EN_ATTENTE = "accepte"
    """Effect of an event that is accepted and not applied yet."""
    QUARANTAINE = "quarantaine"
    APPLIQUE = "applique"
    SANS_EFFET = "sans_effet"
    ANOMALIE = "anomalie"


class Step(NamedTuple):
    """Accepted event with its effect: one step in a history."""

    id: UUID
    message: UUID
    """Message that contained the event, or that led to an event of the hub."""
    line: int | None
    """Row number in the message; None for an event of the hub."""
    type: str
    subject: UUID
    source: str
    at: datetime
    """Moment at which the event was accepted."""
    received_at: datetime | None
    """Moment at which the message was received; None if a restore lost the message."""
    effet: Effet
    reason: str | None = None
    """Code of the reason why the event has no effect; None for an event with an effect."""
    judged_at: datetime | None = None
    etat: str | None = None
    """State of the subject when the event was judged; the present state if that was not recorded."""
    parked: bool = False
    """Whether an earlier event of the subject is in quarantine."""
    again: bool = False
    """Whether a restore lost the event and Kafka gave it back."""
    quarantine: UUID | None = None
    """Open quarantine row of the event; None without one."""
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
