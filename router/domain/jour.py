"""The day it is in a territory: a date that a partner writes is its own day."""

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

METROPOLE = "Europe/Paris"
FUSEAUX: Mapping[str, str] = {
    "971": "America/Guadeloupe",
    "972": "America/Martinique",
    "973": "America/Cayenne",
    "974": "Indian/Reunion",
    "975": "America/Miquelon",
    "976": "Indian/Mayotte",
    "977": "America/St_Barthelemy",
    "978": "America/Marigot",
    "986": "Pacific/Wallis",
    "987": "Pacific/Tahiti",
    "988": "Pacific/Noumea",
}
"""Time zones overseas, by the code that a territory begins with (`974`, `974-sud`)."""


def day_in(territoire: str, now: datetime) -> date:
    """The date there at a moment."""
    return now.astimezone(ZoneInfo(FUSEAUX.get(territoire[:3], METROPOLE))).date()
