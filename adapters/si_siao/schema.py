"""JSON Schemas, with examples, of messages exchanged with SI-SIAO's own API: documents that the hub reads,
and objects that the hub writes."""

from collections.abc import Mapping
from typing import Any

from adapters.json_schema import BY_READER, OUR_ID, Schema, object_schema
from adapters.objets import Champ, Objet
from adapters.si_siao.champs_fiches import DEMANDE_DITE, DOCUMENT, ORIENTATION_LUE, ORIENTATIONS
from adapters.si_siao.fiches_parties import SUIVIS, WITHOUT_EVENT
from adapters.si_siao.fiches_sortie import SORTANTS, TABLES
from contracts.base import Contrat
from contracts.v1.demande import DemandeAnnulee, DemandeTransferee, EvenementDemande
from contracts.v1.orientation import OrientationAnnulee

EXAMPLE: dict[str, Any] = {
    "ficheSynthese": {
        "id": 4711,
        "composition": {"id": 20},
        "personnes": [{"nom": "EXEMPLE", "prenom": "Ana", "dateNaissance": "14/02/1990", "sexe": "FEMME"}],
    },
    "demandeInsertion": {
        "situationDemande": {"id": 20},
        "dateModification": "2026-03-02T14:30:00",
        "siao": {"territoire": {"codeDepartement": "001"}},
    },
    "situationParRapportAuLogement": {
        "numerosUniqueLogementSocial": {"numeroUnique": "1110318016982G1104"},
        "inscriptionSYPLO": "NON_INSCRIT",
    },
    "diagnosticSocial": {"avecRessource": "OUI"},
}
WHEN = "2026-03-02T14:30:00+01:00"
NEEDED = ("ficheSynthese", "demandeInsertion")


REFERRAL: dict[str, Any] = {"id": 88001, "place": {"identifiantExterne": OUR_ID}, "dispositif": "INSERTION"}
FOLLOWED: Mapping[type[Contrat], Mapping[str, Any]] = {
    DemandeAnnulee: {"etat": "annulée", "motifAnnulation": "AUTRE_SOLUTION"},
    DemandeTransferee: {"etat": "transférée", "siaoDestinataire": {"territoire": {"codeDepartement": "062"}}},
}
"""Example values of the document's demand, by the message that the hub derives from the document. Any other
message has a default."""


def read(contrat: type[Contrat]) -> Schema:
    """Return the JSON Schema of a document from which the hub derives the message `contrat`."""
    return _followed(contrat) if contrat.NOM in SUIVIS else _ready(contrat.NOM)


def _followed(contrat: type[Contrat]) -> Schema:
    demand = Objet({**DOCUMENT.champs, "demandeInsertion": DEMANDE_DITE}, ferme=False)
    referrals: Schema = {
        "type": "array",
        "items": {"type": "object", "properties": _properties(ORIENTATION_LUE)},
    }
    preconised = {"preconisations": [{"typeEtablissementUn": {"id": 400}}]}
    referral = {**REFERRAL, "etat": "ANNULEE" if contrat is OrientationAnnulee else "PROPOSEE"}
    said = {"identifiantExterne": OUR_ID, **FOLLOWED.get(contrat, preconised)}
    about_the_demand = issubclass(contrat, EvenementDemande)
    return {
        "type": "object",
        "properties": {**_properties(demand), ORIENTATIONS: referrals},
        "required": [*NEEDED, ORIENTATIONS],
        "example": {
            **EXAMPLE,
            "demandeInsertion": EXAMPLE["demandeInsertion"] | (said if about_the_demand else {}),
            ORIENTATIONS: [] if about_the_demand else [referral],
        },
    }


def _ready(event: str) -> Schema:
    named: Schema = {"type": {"const": event}}
    return {
        "type": "object",
        "properties": {**named, **_properties(DOCUMENT)},
        "required": [*(() if event == WITHOUT_EVENT else ("type",)), *NEEDED],
        "example": {"type": event, **EXAMPLE},
    }


def written(event: str) -> Schema:
    """Return the JSON Schema of the object that the hub PUTs into SI-SIAO for one event. `event`: the event's
    short name."""
    schema = object_schema(TABLES[event], SORTANTS[event], (), frozenset(), read=False)
    named: Schema = {
        "idMessage": {"type": "string", "format": "uuid"},
        "type": {"const": event},
        "dateModification": {"type": "string", "format": "date-time"},
    }
    example = {"idMessage": OUR_ID, "type": event, "dateModification": WHEN, **schema["example"]}
    properties = {**named, **schema["properties"]}
    return {**schema, "properties": properties, "required": list(named), "example": example}


def _properties(table: Objet) -> Schema:
    return {name: _field(champ) for name, champ in table.champs.items()}


def _field(champ: Champ | Objet) -> Schema:
    if isinstance(champ, Champ):
        known, _ = BY_READER.get(champ.lire, ({}, None))
        return {"description": champ.aide} if "format" in known else {**known, "description": champ.aide}
    inside: Schema = {"type": "object", "properties": _properties(champ)}
    return {"type": "array", "items": inside} if champ.liste else inside
