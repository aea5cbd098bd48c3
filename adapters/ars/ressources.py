"""Building blocks of the FHIR R4 resources that the hub writes."""

from collections.abc import Mapping
from datetime import date

from contracts.reference.codes import libelle

OURS = "urn:siao-hub"
FINESS, SIRENE = "https://finess.esante.gouv.fr", "https://sirene.fr"
FINESS_DIGITS = 9

Ressource = dict[str, object]


def present(**elements: object) -> Ressource:
    """Return a FHIR resource made of `elements`. Empty elements are left out, because FHIR forbids them."""
    return {name: value for name, value in elements.items() if value not in (None, [], {})}


def concept(liste: str, code: str) -> Ressource:
    """Return the code `code` of `liste`, one of the hub's own code lists, in FHIR's form for codes (a
    CodeableConcept)."""
    return {"coding": [{"system": f"{OURS}:{liste}", "code": code}]}


def labelled(liste: str, code: str | None) -> list[Ressource]:
    """Return a list with one element: the code `code` of the SI-SIAO list `liste`, with its label, in FHIR's
    form for codes (a CodeableConcept). Return an empty list if `code` is None."""
    if code is None:
        return []
    return [{"coding": [{"system": f"{OURS}:{liste}", "code": code, "display": libelle(liste, code)}]}]


def identifier(nature: str, value: str) -> Mapping[str, str]:
    """Return the id `value` of a subject in FHIR's form for identifiers. `nature`: the kind of subject, which
    gives the identifier's naming system."""
    return {"system": f"{OURS}:{nature}", "value": value}


def establishment(number: str) -> Mapping[str, str]:
    """Return the FINESS or SIRET `number` of an establishment in FHIR's form for identifiers."""
    return {"system": FINESS if len(number) == FINESS_DIGITS else SIRENE, "value": number}


def iso(day: date | None) -> str | None:
    """Return a date as FHIR writes it; None if `day` is None."""
    return day.isoformat() if day else None


def task(ident: str, status: str, authored: str, **elements: object) -> Ressource:
    """Return a FHIR Task that the SIAO asks of the recipient. `ident`, `status`: its id and its status;
    `authored`: its date and time, as FHIR writes them; `elements`: its other elements."""
    return present(
        resourceType="Task",
        id=ident,
        status=status,
        intent="order",
        **elements,
        authoredOn=authored,
        requester={"display": "SIAO"},
    )
