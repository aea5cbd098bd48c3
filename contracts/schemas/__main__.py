"""Write the JSON Schemas of all contracts: `python -m contracts.schemas`. With `--check`, write nothing, and
fail if the committed schemas differ from the contracts.

A change that would break a reader of v1 is refused.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from contracts.base import Contrat, Modele, classe_of, is_sealed
from contracts.sealed import nested_model
from contracts.v1 import CONTRATS

FOLDER = Path(__file__).parent / "v1"
PART = {
    "type": "object",
    "additionalProperties": False,
    "required": ["classe", "titulaire", "nonce", "texte"],
    "properties": {
        "classe": {"enum": [2, 3, 4]},
        "titulaire": {"type": "string", "format": "uuid"},
        "nonce": {"type": "string", "pattern": "^[0-9a-f]{24}$"},
        "texte": {"type": "string", "pattern": "^([0-9a-f]{2})+$"},
    },
}


def schema_of(contrat: type[Contrat]) -> dict[str, Any]:
    """Return the JSON Schema of one message type, with all its fields, none of them encrypted."""
    schema = contrat.model_json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:siao:{contrat.TYPE}",
        **schema,
    }


def sealed_schema_of(contrat: type[Contrat]) -> dict[str, Any]:
    """Return the JSON Schema of a message type in the form that is stored and sent inside the hub: `{clair,
    scelle}`. The part `clair` lacks the fields that are always encrypted."""
    clair = contrat.model_json_schema()
    definitions = clair.pop("$defs", {})
    _drop_sealed(contrat, clair, definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:siao:{contrat.TYPE}:scelle",
        "type": "object",
        "additionalProperties": False,
        "required": ["clair", "scelle"],
        "properties": {"clair": clair, "scelle": {"type": "array", "items": PART}},
        "$defs": definitions,
    }


def _drop_sealed(model: type[Modele], schema: dict[str, Any], definitions: dict[str, Any]) -> None:
    for name, info in model.model_fields.items():
        classe, nested = classe_of(model, name), nested_model(info.annotation)
        if classe is not None and is_sealed(classe):
            schema["properties"].pop(name, None)
        if nested is not None and nested.__name__ in definitions:
            _drop_sealed(nested, definitions[nested.__name__], definitions)


def incompatibilities(old: dict[str, Any], new: dict[str, Any], where: str = "") -> Iterator[str]:
    """Yield, in French, each change from the schema `old` to `new` that would break a reader of `old`.
    `where`: path of these schemas in the whole schema, for the French texts."""
    gone = set(old.get("properties", {})) - set(new.get("properties", {}))
    required = set(new.get("required", ())) - set(old.get("required", ()))
    values = set(map(str, old.get("enum", ()))) - set(map(str, new.get("enum", old.get("enum", ()))))
    yield from (f"{where}.{name} : propriété disparue" for name in sorted(gone))
    yield from (f"{where}.{name} : devenu obligatoire" for name in sorted(required))
    yield from (f"{where} : valeur « {value} » disparue" for value in sorted(values))
    if lost := _types(old) - _types(new):
        yield f"{where} : type changé, « {' », « '.join(sorted(lost))} » disparu"
    was, now = _parts(old), _parts(new)
    for name in sorted(was.keys() & now.keys()):
        yield from incompatibilities(was[name], now[name], f"{where}{name}")


def _types(schema: dict[str, Any]) -> set[str]:
    if "anyOf" in schema:
        return set().union(*map(_types, schema["anyOf"]))
    return {str(schema[key]) for key in ("type", "$ref") if key in schema}


def _parts(schema: dict[str, Any]) -> dict[str, Any]:
    named = {**schema.get("properties", {}), **schema.get("$defs", {})}
    parts = {f".{name}": part for name, part in named.items()}
    if "items" in schema:
        parts["[]"] = schema["items"]
    alternatives = [part for part in schema.get("anyOf", ()) if part.get("type") != "null"]
    return parts | {"?" * number: part for number, part in enumerate(alternatives, start=1)}


def main(arguments: list[str]) -> int:
    """Write the schemas into the repository; with `--check`, only compare them. Return 1 if a change is
    incompatible, or if `--check` finds committed schemas that differ from the contracts. Else return 0."""
    generated = {
        f"{contrat.TYPE}{suffix}.json": make(contrat)
        for contrat in CONTRATS.values()
        for suffix, make in ((".contrat", schema_of), (".scelle", sealed_schema_of))
    }
    committed = {path.name: json.loads(path.read_text()) for path in FOLDER.glob("*.json")}
    drift = sorted(name for name in generated if committed.get(name) != generated[name])
    for contrat in CONTRATS.values():  # a field encrypted since then is no loss: its readers still get it
        if kept := committed.get(f"{contrat.TYPE}.scelle.json"):
            _drop_sealed(contrat, kept["properties"]["clair"], kept["$defs"])
    broken = [
        f"{name}{problem}"
        for name in sorted(committed.keys() & generated.keys())
        for problem in incompatibilities(committed[name], generated[name])
    ]
    broken += [f"{name} : message disparu" for name in sorted(committed.keys() - generated.keys())]
    if broken:
        print("Changement incompatible de v1 (écrire une v2 à côté) :", *broken, sep="\n  ")
    elif "--check" in arguments and drift:
        print("Schémas périmés : lancer « python -m contracts.schemas ».", *drift, sep="\n  ")
    elif "--check" not in arguments:
        FOLDER.mkdir(exist_ok=True)
        for name in drift:
            (FOLDER / name).write_text(
                json.dumps(generated[name], ensure_ascii=False, indent=1, sort_keys=True) + "\n"
            )
    return 1 if broken or ("--check" in arguments and drift) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
