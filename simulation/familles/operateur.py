"""Format of a simulated operator of social support: CloudEvents in structured mode."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from simulation.familles.langue import Langue, as_json
from simulation.journal import Record
from simulation.story import Step

ASKED = "accompagnement.demande"
TYPE = "fr.siao.orientation.{}.v1"
SOURCE = "https://avdl.exemple.fr"


def understand(body: bytes) -> Record:
    """Return the journal line for a request to support a household. Raises ValueError for another type."""
    event = json.loads(body)
    if event["type"] != TYPE.format(ASKED):
        raise ValueError("type inattendu")
    subject = event["data"]["orientation"]
    return {"ref": f"{subject}:{ASKED}", "event": ASKED, "subject": subject}


def answer(subject: str, step: Step, today: date) -> Mapping[str, Any]:
    """Return the operator's answer: it accepts, with support from today on."""
    return {
        "specversion": "1.0",
        "id": f"{subject}-{step.event}",
        "source": SOURCE,
        "type": TYPE.format(step.event),
        "datacontenttype": "application/json",
        "data": {"orientation": subject, "accepte": True, "debut_le": today.isoformat()},
    }


OPERATEUR = Langue("application/cloudevents+json", understand, as_json, answer=answer)
