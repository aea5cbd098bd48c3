"""Steps of a history: accepted events with their effects. A history is that of a message or of a subject
(place, referral…)."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

ATTACHED = "rattache"
"""Code of the reason for which an orphan answer (one that matched no referral) has no effect itself: a person
has attached it to a referral. A new event made from the answer is applied in its place."""
OLDER = "plus_ancien"
"""Code of the reason for which an event has no effect: its sender had already sent a newer version."""


class Effet(StrEnum):
    """Effect of an accepted event on its subject (place, referral…)."""

    EN_ATTENTE = "accepte"
    """Effect of an event that is accepted and not yet applied."""
    QUARANTAINE = "quarantaine"
    APPLIQUE = "applique"
    SANS_EFFET = "sans_effet"
    ANOMALIE = "anomalie"


class Step(NamedTuple):
    """Step in a history: an accepted event with its effect."""

    id: UUID
    message: UUID
    """Message that contains the event. For an event made by the hub, the message that led to it."""
    line: int | None
    """Row number of the event in the message; None for an event made by the hub."""
    type: str
    subject: UUID
    source: str
    at: datetime
    """Moment at which the event was accepted."""
    received_at: datetime | None
    """Moment at which the message was received; None if a restore of the database lost this moment."""
    effet: Effet
    reason: str | None = None
    """Code of the reason for which the event has no effect; None if it has an effect."""
    judged_at: datetime | None = None
    etat: str | None = None
    """State that the subject (place, referral…) had when the rules were applied to the event. If this is
    unknown, the subject's present state."""
    parked: bool = False
    """Whether the event waits because an earlier event of its subject (place, referral…) is in quarantine."""
    again: bool = False
    """Whether the event was accepted a second time, from Kafka, because a restore of the database had lost
    it."""
    quarantine: UUID | None = None
    """Open quarantine row of the event; None if the event is not in quarantine."""
    cause: str | None = None
    fingerprint: str | None = None
    quarantined_at: datetime | None = None

    @property
    def waits(self) -> bool:
        """Return whether the event is still to be applied."""
        return self.effet in (Effet.EN_ATTENTE, Effet.QUARANTAINE)

    @property
    def counts(self) -> bool:
        """Return whether the event was applied and has changed its subject (place, referral…)."""
        return self.effet is Effet.APPLIQUE
