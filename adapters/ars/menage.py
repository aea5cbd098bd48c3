"""Write a household in FHIR: a Group, and a Patient for each person. Values that the recipient may not read
are left out."""

from collections.abc import Iterator

from adapters.ars.ressources import Ressource, identifier, iso, labelled, present
from contracts.ports import View
from contracts.v1.menage import Menage, Personne

GENRES = {"F": "female", "M": "male"}


def household(menage: Menage, view: View) -> list[Ressource]:
    """Return the FHIR resources of a household: first the Group `#menage`, then a Patient for each person.
    They are meant to stand inside a request (its element `contained`)."""
    return [_group(menage, view), *_patients(menage)]


def _group(menage: Menage, view: View) -> Ressource:
    (composition,) = labelled("compositions", menage.composition)
    members = range(1, len(menage.personnes) + 1)
    return present(
        resourceType="Group",
        id="menage",
        identifier=[identifier("menage", view.id_of(menage.id))],
        type="person",
        actual=True,
        quantity=menage.adultes + menage.enfants,
        characteristic=[
            _characteristic("composition", valueCodeableConcept=composition),
            _characteristic("adultes", valueQuantity={"value": menage.adultes}),
            _characteristic("enfants", valueQuantity={"value": menage.enfants}),
        ],
        member=[{"entity": {"reference": f"#personne-{number}"}} for number in members],
    )


def _characteristic(name: str, **value: object) -> Ressource:
    return {"code": {"text": name}, **value, "exclude": False}


def _patients(menage: Menage) -> Iterator[Ressource]:
    for number, personne in enumerate(menage.personnes, 1):
        yield _patient(personne, number, menage.telephone if number == 1 else None)


def _patient(personne: Personne, number: int, telephone: str | None) -> Ressource:
    name = present(family=personne.nom, given=[personne.prenom] if personne.prenom else [])
    return present(
        resourceType="Patient",
        id=f"personne-{number}",
        name=[name] if name else [],
        telecom=[{"system": "phone", "value": telephone}] if telephone else [],
        gender=GENRES.get(personne.sexe or ""),
        birthDate=iso(personne.date_naissance),
    )
