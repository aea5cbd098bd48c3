"""Describe the two topics of a partner that has a Kafka of its own, in AsyncAPI 3.0, a format for describing
topics."""

from collections.abc import Mapping
from typing import Any

from adapters.declaration import MEDIA_TYPES
from router.intake.bodies import CLOUDEVENTS, bodies

Schema = dict[str, Any]
SENT = "envois"
"""Channel that the partner writes and the hub reads. The partner's registry entry names the topic."""
DELIVERED = "livraisons"
"""Channel that the hub writes and the partner reads. The partner's registry entry names the topic."""


def asyncapi() -> Schema:
    """Return the AsyncAPI document. It describes the messages on a partner's own topics, which are in the format
    CloudEvents."""
    both = bodies()[CLOUDEVENTS]
    sent, delivered = _messages("lu", both.lus), _messages("ecrit", both.ecrits)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Hub SIAO : vos topics Kafka",
            "version": "1",
            "description": "Les topics sont les vôtres : leurs noms, et vos serveurs, sont dans votre entrée.",
        },
        "defaultContentType": MEDIA_TYPES["cloudevents.json"],
        "channels": {
            SENT: _channel("Ce que vous écrivez, et que le hub lit", sent),
            DELIVERED: _channel("Ce que le hub écrit pour vous", delivered),
        },
        "operations": {
            "lire_envois": _operation("receive", SENT, "Le hub lit un envoi, puis l'enregistre"),
            "ecrire_livraisons": _operation("send", DELIVERED, "Le hub livre un événement"),
        },
        "components": {"messages": {**sent, **delivered}},
    }


def _messages(way: str, schemas: Mapping[str, Schema]) -> dict[str, Schema]:
    return {
        f"{way}.{event}": {
            "name": schema["properties"]["type"]["const"],
            "headers": HEADERS[way],
            "payload": {key: part for key, part in schema.items() if key != "example"},
            "examples": [{"payload": schema["example"]}],
        }
        for event, schema in schemas.items()
    }


HEADERS: Mapping[str, Schema] = {
    "lu": {
        "type": "object",
        "properties": {
            "idempotency-key": {"type": "string", "description": "À défaut, « id » en tient lieu"}
        },
    },
    "ecrit": {
        "type": "object",
        "required": ["idempotency-key"],
        "properties": {
            "idempotency-key": {
                "type": "string",
                "description": "Le même envoi peut figurer deux fois sous la même clé",
            }
        },
    },
}


def _channel(description: str, messages: Mapping[str, Schema]) -> Schema:
    references = {name: {"$ref": f"#/components/messages/{name}"} for name in messages}
    return {"address": None, "description": description, "messages": references, "bindings": {"kafka": {}}}


def _operation(action: str, channel: str, summary: str) -> Schema:
    return {"action": action, "channel": {"$ref": f"#/channels/{channel}"}, "summary": summary}
