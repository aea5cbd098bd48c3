"""Time zones of the territories."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

METROPOLE, ANTILLES = "Europe/Paris", "America/Guadeloupe"
FUSEAUX: Mapping[str, str] = {
    "971": ANTILLES,
    "972": ANTILLES,
    "973": "America/Cayenne",
    "974": "Indian/Reunion",
    "975": "America/Miquelon",
    "976": "Indian/Mayotte",
    "977": ANTILLES,
    "978": ANTILLES,
    "986": "Pacific/Wallis",
    "987": "Pacific/Tahiti",
    "988": "Pacific/Noumea",
}
"""Time zones of overseas territories, by the first three characters of the territory (`974-sud`). Territories
whose clocks always agree share one zone name, because the hub compares zones by name."""

HEURES: Mapping[str, str] = {
    METROPOLE: "heure de Paris",
    ANTILLES: "heure des Antilles",
    "America/Cayenne": "heure de Cayenne",
    "Indian/Reunion": "heure de La Réunion",
    "America/Miquelon": "heure de Saint-Pierre-et-Miquelon",
    "Indian/Mayotte": "heure de Mayotte",
    "Pacific/Wallis": "heure de Wallis-et-Futuna",
    "Pacific/Tahiti": "heure de Tahiti",
    "Pacific/Noumea": "heure de Nouméa",
}


def zone(territoire: str) -> ZoneInfo:
    """Return the time zone of a territory. For any territory that is not overseas, this is the zone of
    Paris."""
    return ZoneInfo(FUSEAUX.get(territoire[:3], METROPOLE))
