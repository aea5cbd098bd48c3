"""JSON Schemas, with examples, of FHIR messages: a Task as the hub reads it, and a transaction (list of
resources) as the hub writes it."""

from typing import Any

from adapters import json_schema, valeurs
from adapters.ars.fhir import PLANNED, REPONSES
from adapters.ars.ressources import Ressource
from adapters.json_schema import OUR_ID, Schema
from adapters.objets import Champ, Objet
from contracts.base import Contrat
from contracts.reference.codes import MotifRefus
from contracts.v1 import orientation

REFERRAL = f"ServiceRequest/{OUR_ID}"
TEXT: Schema = {"type": "string"}
REQUEST: Schema = {
    "type": "object",
    "required": ["method", "url"],
    "properties": {"method": {"const": "PUT"}, "url": TEXT},
}
RESOURCE: Schema = {
    "type": "object",
    "required": ["resourceType", "id", "status", "intent"],
    "properties": {
        "resourceType": {"enum": ["ServiceRequest", "Task"]},
        "id": {"type": "string", "format": "uuid"},
        "status": TEXT,
        "intent": TEXT,
    },
}


def read(contrat: type[Contrat]) -> Schema:
    """Return the JSON Schema, with an example, of a FHIR resource `Task` from which the hub makes the message
    `contrat`."""
    status, reponse = next((said, each) for said, each in REPONSES.items() if each.contrat is contrat)
    said = [name.partition(" ")[0] for name, each in REPONSES.items() if each.contrat is contrat]
    known, dates = contrat.model_fields, _dates(reponse.table(valeurs.day))
    properties: Schema = {
        "resourceType": {"const": "Task"},
        "status": {"enum": said},
        "intent": TEXT,
        "focus": _object({"reference": {**TEXT, "description": "ServiceRequest/UUID, reçu du hub"}}),
    }
    needed = ["focus"]
    example: Ressource = {
        "resourceType": "Task",
        "status": said[0],
        "intent": "order",
        "focus": {"reference": REFERRAL},
    }
    if dates:
        properties["executionPeriod"] = _object(
            {name: json_schema.BY_READER[_reader(cible)][0] for name, cible in dates.items()},
            [name for name, cible in dates.items() if known[cible].is_required()],
        )
        example["executionPeriod"] = {n: json_schema.BY_READER[_reader(c)][1] for n, c in dates.items()}
        needed += ["executionPeriod"] * bool(properties["executionPeriod"]["required"])
    if status.endswith(PLANNED):
        properties["businessStatus"] = _coding({"const": PLANNED})
        example["businessStatus"] = _coded(PLANNED)
        needed.append("businessStatus")
    if contrat is orientation.OrientationRefusee:
        properties["statusReason"] = _coding({"enum": [str(motif) for motif in MotifRefus]})
        example["statusReason"] = _coded(str(MotifRefus.PLACE_NON_DISPONIBLE))
        needed.append("statusReason")
    required = ["resourceType", "status", *needed]
    return {"type": "object", "properties": properties, "required": required, "example": example}


def written(_: type[Contrat]) -> Schema:
    """Return the schema, with an example, of the FHIR transaction that a partner receives. The schema is the
    same for every contract."""
    entry: Schema = {
        "type": "object",
        "required": ["resource", "request"],
        "properties": {"resource": RESOURCE, "request": REQUEST},
    }
    task = {"resourceType": "Task", "id": OUR_ID, "status": "requested", "intent": "order"}
    asked = {"method": "PUT", "url": f"Task/{OUR_ID}"}
    return {
        "type": "object",
        "required": ["resourceType", "type", "entry"],
        "properties": {
            "resourceType": {"const": "Bundle"},
            "type": {"const": "transaction"},
            "entry": {"type": "array", "items": entry},
        },
        "example": {
            "resourceType": "Bundle",
            "type": "transaction",
            "entry": [{"resource": task, "request": asked}],
        },
    }


def _dates(table: Objet) -> dict[str, str]:
    period = table.champs["executionPeriod"]
    assert isinstance(period, Objet)
    return {name: champ.cible for name, champ in period.champs.items() if isinstance(champ, Champ)}


def _reader(cible: str) -> Any:
    return valeurs.moment if cible == "entretien_le" else valeurs.day


def _object(properties: Schema, required: list[str] | None = None) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties) if required is None else required,
    }


def _coding(code: Schema) -> Schema:
    return _object({"coding": {"type": "array", "minItems": 1, "items": _object({"code": code})}})


def _coded(code: str) -> Ressource:
    return {"coding": [{"code": code}]}
