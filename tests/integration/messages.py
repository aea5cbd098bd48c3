"""Messages as partners send them. All persons in them are made up."""

from typing import Any

from tests.integration.registry import FINESS

NOM = "Fictif"


def vacancy(place: str = "A-101", **more: Any) -> dict[str, Any]:
    """Return a vacancy as the shelter's software sends it. `more`: further fields."""
    return {
        "type": "place.vacante",
        "place": place,
        "structure": FINESS,
        "commune": "01451",
        "dispositif": "INSERTION",
        "capacite": 1,
        **more,
    }


def referral(place: str, number: int = 4711) -> dict[str, Any]:
    """Return a referral to a place as the SI-SIAO sends it. `number` is the SIAO's id of it."""
    return {
        "idMessage": f"m-{number}",
        "type": "orientation.proposee",
        "orientation": {"id": number, "dispositif": "INSERTION"},
        "place": {"identifiantExterne": place},
        "ficheGroupe": {
            "id": number * 10,
            "composition": 10,
            "nbAdultes": 1,
            "personnes": [{"nom": NOM, "prenom": "Camille", "sexe": "M"}],
            "telephone": "01 00 00 00 00",
            "situationDemande": 25,
            "victimeViolences": "NON",
        },
    }


def to_structure(structure: str, number: int) -> dict[str, Any]:
    """Return a referral to a structure, which is to choose the place."""
    message = referral("", number)
    del message["place"]
    message["orientation"]["structure"] = structure
    return message


def cancellation(number: int) -> dict[str, Any]:
    """Return the SIAO's withdrawal of a referral."""
    return {"idMessage": f"a-{number}", "type": "orientation.annulee", "orientation": {"id": number}}
