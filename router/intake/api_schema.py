"""Complete the OpenAPI document, which describes the API. Partners generate clients from it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from adapters.declaration import JEU, MEDIA_TYPES, Declaration
from adapters.registry import ADAPTERS
from connectors.answer import Answer
from connectors.http_in import PATH
from connectors.problem import UNAUTHENTICATED, UNAVAILABLE, too_many
from router.intake.bodies import bodies, component, components
from router.intake.catalogue import catalogue

Schema = dict[str, Any]
PROBLEM = "application/problem+json"
OF_THE_FRAMEWORK = ("HTTPValidationError", "ValidationError")
"""Schemas of FastAPI's own errors. They are removed from the document: the hub answers with problem details (RFC
9457)."""


def _open_list(known: list[str]) -> Schema:
    """Return the schema of a text for which `known` lists the present values. Other texts are valid too: a newer
    version of the hub may send them."""
    return {"type": "string", "anyOf": [{"enum": known}, {}]}


REJET: Schema = {
    "type": "object",
    "required": ["ligne", "champ", "code", "message"],
    "properties": {
        "ligne": {
            "type": ["integer", "null"],
            "description": "Comme votre outil la compte ; nul : tout le message",
        },
        "champ": {"type": ["string", "null"], "description": "Votre nom du champ"},
        "code": _open_list(sorted(catalogue()["rejet"])),
        "message": {"type": "string", "description": "Ce qui est faux, et que faire"},
        "reference": {
            "type": "string",
            "description": "Comment vous appelez l'événement, ou ce dont il parle",
        },
    },
}
A_CORRIGER: Schema = {
    "type": "string",
    "description": "Où reprendre les lignes refusées d'un tableau, pour les corriger et les renvoyer",
}
PROBLEME: Schema = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "documentation"],
    "properties": {
        "type": _open_list([f"urn:siao:probleme:{slug}" for slug in sorted(catalogue()["probleme"])]),
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "Ce qui ne va pas, et que faire"},
        "documentation": {"type": "string", "description": "Où ce problème est expliqué, sur le hub"},
        "id": {"type": "string", "format": "uuid", "description": "Sous quel nom vos octets sont gardés"},
        "a_corriger": A_CORRIGER,
        "rejets": {"type": "array", "items": {"$ref": "#/components/schemas/Rejet"}},
    },
}
REPONSE: Schema = {
    "type": "object",
    "required": ["id", "etat", "acceptes", "rejets", "avertissements"],
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "etat": {"type": "string", "enum": [etat for etat in catalogue()["message"] if etat != "refuse"]},
        "acceptes": {"type": "integer"},
        "rejets": {"type": "array", "items": {"$ref": "#/components/schemas/Rejet"}},
        "avertissements": {"type": "array", "items": {"$ref": "#/components/schemas/Rejet"}},
        "a_corriger": A_CORRIGER,
    },
}
SIGNED = ("webhook-id", "webhook-timestamp", "webhook-signature")


def completed(schema: Schema, operation: Schema) -> Schema:
    """Complete FastAPI's OpenAPI document in place, and return it. Add three things: `POST /v1/messages`, as
    `operation` describes it; the error responses; and the webhooks, by which the hub delivers."""
    schema["servers"] = [{"url": "/", "description": "Le hub qui sert ce document"}]
    known = schema.setdefault("components", {}).setdefault("schemas", {})
    for name in OF_THE_FRAMEWORK:
        known.pop(name, None)
    known |= {"Rejet": REJET, "Probleme": PROBLEME, "Reponse": REPONSE, **components()}
    schema["paths"][PATH]["post"] = {**operation, "requestBody": _body(), "responses": _answers(operation)}
    for methods in schema["paths"].values():
        for route in methods.values():
            own = route["responses"]
            route["responses"] = {**_without_the_frameworks(own), **_problems(own)}
    schema["webhooks"] = dict(_webhooks())
    return schema


def _body() -> Schema:
    by_type: dict[str, list[str]] = {}
    for nom, adapter in ADAPTERS.items():
        for kind in adapter.DECLARATION.formats_lus:
            by_type.setdefault(MEDIA_TYPES[kind], []).append(nom)
    content = {media: _content(media, sorted(names)) for media, names in sorted(by_type.items())}
    return {"required": True, "description": "Un message, dans votre dialecte", "content": content}


def _content(media: str, names: list[str]) -> Schema:
    description = f"Dialectes : {', '.join(names)}"
    if media != MEDIA_TYPES["json"]:
        return {"schema": {"type": "string", "format": "binary", "description": description}}
    events = [
        {"$ref": f"#/components/schemas/{component(nom, event, 'lu')}"}
        for nom in names
        for event in (bodies()[nom].lus if nom in bodies() else ())
    ]
    # A list is mentioned only in the text: usual client generators cannot handle "one event or a list".
    return {
        "schema": {
            "anyOf": [*events, {"type": "object"}],
            "description": f"{description}. Plusieurs : une liste, [ … ]",
        },
        "examples": {nom: {"value": _example(nom)} for nom in names if nom in bodies()},
    }


def _example(nom: str) -> Any:
    return next(iter(bodies()[nom].lus.values()))["example"]


def _answers(operation: Schema) -> Schema:
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Reponse"}}}
    return {
        status: {**response, "content": content if status in ("200", "202") else _problem_content()}
        for status, response in operation["responses"].items()
    }


def _without_the_frameworks(responses: Mapping[str, Schema]) -> Schema:
    return {status: each for status, each in responses.items() if not _names_the_frameworks(each)}


def _names_the_frameworks(response: Schema) -> bool:
    return any(name in json.dumps(response) for name in OF_THE_FRAMEWORK)


def _problems(responses: Mapping[str, Schema]) -> Schema:
    common = {
        "401": ("Clé d'API absente ou inconnue", UNAUTHENTICATED),
        "429": (
            "Votre limite est atteinte : revenez après Retry-After",
            too_many("Vous dépassez votre débit.", 1),
        ),
        "503": ("Momentanément indisponible : renvoyez", UNAVAILABLE),
    }
    problems = {status: _problem(text, answer) for status, (text, answer) in common.items()}
    of_its_own = {
        status: {**response, "content": _problem_content()}
        for status, response in responses.items()
        if status[0] in "45d" and status not in problems and not _names_the_frameworks(response)
    }
    return {**of_its_own, **problems, "default": _problem("Tout autre problème : lire « detail »")}


def _problem(text: str, answer: Answer | None = None) -> Schema:
    content = _problem_content()
    if answer is not None:
        content[PROBLEM]["example"] = json.loads(answer.body)
    return {"description": text, "content": content}


def _problem_content() -> Schema:
    return {PROBLEM: {"schema": {"$ref": "#/components/schemas/Probleme"}}}


def _webhooks() -> Iterator[tuple[str, Schema]]:
    for nom, adapter in ADAPTERS.items():
        by_http = JEU not in adapter.DECLARATION.formats_ecrits
        for contrat in adapter.DECLARATION.ecrit if by_http else ():
            yield f"{nom}.{contrat.NOM}", {"post": _webhook(nom, contrat.NOM, adapter.DECLARATION)}


def _webhook(nom: str, event: str, declared: Declaration) -> Schema:
    media = MEDIA_TYPES[declared.formats_ecrits[0]]
    known = nom in bodies()
    reference = {"$ref": f"#/components/schemas/{component(nom, event, 'ecrit')}"}
    return {
        "summary": f"{event}, en {nom}",
        "parameters": [
            {"name": name, "in": "header", "required": True, "schema": {"type": "string"}} for name in SIGNED
        ],
        "requestBody": {"content": {media: {"schema": reference if known else {"type": "string"}}}},
        "responses": {
            "204": {"description": "Enregistré chez vous : c'est la preuve de remise"},
            "4XX": {"description": "Refusé : une personne décide, ou vous le redemandez"},
            "503": {"description": "Rien n'a été pris en compte : le hub renvoie plus tard"},
        },
    }
