"""The small pieces of FHIR R4 that our resources are made of."""

from collections.abc import Mapping
from datetime import date

from contracts.reference.codes import libelle

OURS = "urn:siao-hub"
FINESS, SIRENE = "https://finess.esante.gouv.fr", "https://sirene.fr"
FINESS_DIGITS = 9

Ressource = dict[str, object]


def present(**elements: object) -> Ressource:
    """The elements that say something: FHIR knows neither null nor an empty list."""
    return {name: value for name, value in elements.items() if value not in (None, [], {})}


def concept(liste: str, code: str) -> Ressource:
    """A code of ours."""
    return {"coding": [{"system": f"{OURS}:{liste}", "code": code}]}


def labelled(liste: str, code: str | None) -> list[Ressource]:
    """A code of the SI-SIAO with its label; nothing where there is none."""
    if code is None:
        return []
    return [{"coding": [{"system": f"{OURS}:{liste}", "code": code, "display": libelle(liste, code)}]}]


def identifier(nature: str, value: str) -> Mapping[str, str]:
    """An id as the recipient knows it."""
    return {"system": f"{OURS}:{nature}", "value": value}


def establishment(number: str) -> Mapping[str, str]:
    """A FINESS or a SIRET."""
    return {"system": FINESS if len(number) == FINESS_DIGITS else SIRENE, "value": number}


def iso(day: date | None) -> str | None:
    """A FHIR date."""
    return day.isoformat() if day else None


def task(ident: str, status: str, authored: str, **elements: object) -> Ressource:
    """A Task that the SIAO has given, under an id of ours."""
    return present(
        resourceType="Task",
        id=ident,
        status=status,
        intent="order",
        **elements,
        authoredOn=authored,
        requester={"display": "SIAO"},
    )
