"""FHIR R4 of a medico-social structure: it gets a ServiceRequest with its Task, and sends Tasks."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from simulation import people, story
from simulation.familles.langue import Langue
from simulation.shelter import ANNULEE, PROPOSEE, Referral
from simulation.story import Step

STATUS = {
    "orientation.accusee": "received",
    "orientation.mise-en-attente": "on-hold",
    "orientation.acceptee": "accepted",
    "admission.prononcee": "in-progress",
    "entree.constatee": "completed",
    "presentation.absence": "failed",
}
REFUSED = {"STRUCTURE": "rejected", "PERSONNE": "cancelled"}
BEGINS, ENDS = ("admission.prononcee",), ("entree.constatee", "presentation.absence")


def read_bundle(body: bytes) -> Referral:
    """Read a referral, in which a date of birth encodes the household, or its cancellation."""
    found = {entry["resource"]["resourceType"]: entry["resource"] for entry in json.loads(body)["entry"]}
    task = found["Task"]
    if task["status"] == "cancelled":
        return Referral(ANNULEE, task["id"], None)
    (patient,) = [one for one in found["ServiceRequest"]["contained"] if one["resourceType"] == "Patient"]
    place = people.brought_number(date.fromisoformat(patient["birthDate"]))
    return Referral(PROPOSEE, task["id"], story.dossier(place, story.BROUGHT_SLOT))


def task(subject: str, step: Step, today: date) -> Mapping[str, Any]:
    """Return one step of an answer, as a Task."""
    said: dict[str, Any] = {
        "resourceType": "Task",
        "id": subject,
        "status": STATUS.get(step.event) or REFUSED[step.codes["auteur"]],
        "intent": "order",
        "focus": {"reference": f"ServiceRequest/{subject}"},
    }
    if "motif" in step.codes:
        said["statusReason"] = {"coding": [{"code": step.codes["motif"]}]}
    if step.event in BEGINS:
        said["executionPeriod"] = {"start": today.isoformat()}
    if step.event in ENDS:
        said["executionPeriod"] = {"end": today.isoformat()}
    return said


def bundle(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Return the JSON of one Task, or of a Bundle of several."""
    if len(rows) == 1:
        return json.dumps(rows[0]).encode()
    entries = [{"resource": row} for row in rows]
    return json.dumps({"resourceType": "Bundle", "type": "searchset", "entry": entries}).encode()


FHIR = Langue("application/json", read_bundle, bundle, answer=task)
