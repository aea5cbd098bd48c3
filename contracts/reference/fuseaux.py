"""Time zones of the territories."""

from collections.abc import Mapping
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
"""Time zones overseas, by the first three characters of a territory (`974-sud`)."""

HEURES: Mapping[str, str] = {
    METROPOLE: "heure de Paris",
    "America/Guadeloupe": "heure de la Guadeloupe",
    "America/Martinique": "heure de la Martinique",
    "America/Cayenne": "heure de Cayenne",
    "Indian/Reunion": "heure de La Réunion",
    "America/Miquelon": "heure de Saint-Pierre-et-Miquelon",
    "Indian/Mayotte": "heure de Mayotte",
    "America/St_Barthelemy": "heure de Saint-Barthélemy",
    "America/Marigot": "heure de Saint-Martin",
    "Pacific/Wallis": "heure de Wallis-et-Futuna",
    "Pacific/Tahiti": "heure de Tahiti",
    "Pacific/Noumea": "heure de Nouméa",
}


def zone(territoire: str) -> ZoneInfo:
    """Return the time zone of a territory: its own if the territory is overseas, that of Paris for all
    others."""
    return ZoneInfo(FUSEAUX.get(territoire[:3], METROPOLE))
