"""Bodies of the messages in all benchmarks: vacancies of about one kilobyte each, for 10,000 places."""

import json
from collections.abc import Sequence

from bench.territories import AIN, Territory

PLACES = 10_000
COMMENTAIRE = (
    "Chambre au premier étage sans ascenseur, cuisine et sanitaires partagés avec trois autres ménages. "
    "Accueil du lundi au vendredi de 9 h à 18 h, week-end sur rendez-vous auprès de la veille de nuit. "
    "Animaux acceptés après accord de la direction, stationnement gratuit dans la cour du bâtiment B. "
    "Ligne de bus n° 4, arrêt Alimentec ; prévenir la structure une demi-journée avant l'arrivée. "
    "Linge de lit fourni, casier fermant à clé, laverie au sous-sol."
)
COLUMNS = (
    "reference_place",
    "etat",
    "structure",
    "commune",
    "adresse",
    "dispositif",
    "capacite",
    "compositions",
    "accessible",
    "date",
)


def code_of(number: int) -> str:
    """Return the shelter's own id of the place that message `number` is about. Numbers wrap around after PLACES."""
    return f"BRG-{number % PLACES:05d}"


def vacancy(number: int, territory: Territory = AIN) -> dict[str, object]:
    """Return one event as the shelter's software writes it."""
    return {
        "type": "place.vacante",
        "dateMessage": "2026-11-24T08:15:00+01:00",
        "emetteur": {
            "logiciel": "Gestion des places",
            "version": "12.4.1",
            "etablissement": territory.finess,
        },
        "place": code_of(number),
        "structure": territory.finess,
        "commune": "01451",
        "adresse": f"{number % 200 + 1} avenue du Mail, bâtiment B, escalier 3, 01000 Saint-Denis-lès-Bourg",
        "dispositif": "INSERTION",
        "capacite": 2,
        "compositions": ["10", "20", "30"],
        "accessible": False,
        "disponibleLe": "2026-11-24",
        "commentaire": COMMENTAIRE,
    }


def bodies(territory: Territory = AIN) -> list[bytes]:
    """Return one JSON body for each place."""
    return [json.dumps(vacancy(number, territory), ensure_ascii=False).encode() for number in range(PLACES)]


def csv_file(rows: int, territory: Territory = AIN) -> bytes:
    """Return `rows` vacancies as one file of the standard CSV profile."""
    lines = [";".join(COLUMNS), *(";".join(_cells(vacancy(number, territory))) for number in range(rows))]
    return "\r\n".join(lines).encode("utf-8-sig")


def places_file(rows: int, territory: Territory = AIN, *, addresses: bool = True) -> bytes:
    """Return a CSV file of `rows` different places, with short lines. The hub seals addresses; without `addresses`
    it has nothing to seal."""
    lines = ["reference_place;etat;structure;commune;adresse;dispositif"]
    for number in range(rows):
        address = f"{number % 200 + 1} avenue du Mail" if addresses else ""
        lines.append(f"BRG-{number:07d};vacante;{territory.finess};01451;{address};INSERTION")
    return "\r\n".join(lines).encode("utf-8-sig")


def _cells(event: dict[str, object]) -> Sequence[str]:
    return (
        str(event["place"]),
        "vacante",
        str(event["structure"]),
        str(event["commune"]),
        str(event["adresse"]),
        str(event["dispositif"]),
        str(event["capacite"]),
        "10,20,30",
        "NON",
        str(event["disponibleLe"]),
    )
