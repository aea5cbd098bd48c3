"""The contract that a machine reads: it is valid, it is whole, and what it shows is true."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from pydantic_core import from_json, to_json

from adapters.declaration import JEU
from adapters.objets import Objet
from adapters.registry import ADAPTERS, EVENTS_IN_JSON
from connectors.admission import Admissions
from contracts.ports import Native
from contracts.v1 import CONTRATS
from ops.sandbox.http import sandbox_routes
from router.intake.api import api_of
from router.intake.bodies import bodies, component
from router.intake.catalogue import catalogue
from router.intake.list_routes import list_routes
from tests.golden import cas
from tests.golden.cas import partenaire
from tests.rows import each_row

NOBODY: Any = None
DOOR = Admissions(lambda key: None)


def written() -> Iterator[cas.Cas]:
    yield from (case for case in cas.a_encoder() if case.dialecte in bodies())


def read() -> Iterator[tuple[str, str]]:
    yield from ((nom, event) for nom, both in bodies().items() for event in both.lus)


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    routes = (sandbox_routes(NOBODY, DOOR), list_routes(NOBODY, NOBODY, DOOR))
    return api_of(NOBODY, NOBODY, NOBODY, routes, NOBODY, DOOR, {}).openapi()


def test_the_official_schema_finds_nothing_wrong_in_it(document: dict[str, Any]) -> None:
    components, webhooks = document["components"], document["webhooks"]
    seen = set[str]()
    schemas = {name: new_in(schema, seen) for name, schema in components["schemas"].items()}
    one_a_dialect = {name.partition(".")[0]: (name, said) for name, said in webhooks.items()}
    validate(
        {
            **document,
            "components": {**components, "schemas": schemas},
            "webhooks": dict(one_a_dialect.values()),
        }
    )
    named = set(re.findall(r'"#/components/schemas/([^"]+)"', to_json(document).decode()))
    assert named <= set(schemas)


def new_in(schema: dict[str, Any], seen: set[str]) -> dict[str, Any]:
    """A schema without the fields of which an earlier one has one that says the same. It takes long to judge one, and
    events have most in common."""
    if schema.get("type") == "array":
        return {**schema, "items": new_in(schema["items"], seen)}
    fields = dict[str, Any]()
    for name, field in schema.get("properties", {}).items():
        text = to_json(field).decode()
        if text not in seen:
            seen.add(text)
            fields[name] = new_in(field, seen)
    if "properties" not in schema:
        return schema
    return {**schema, "properties": fields, "required": [*fields.keys() & {*schema.get("required", ())}]}


@each_row(("dialecte", "event"), read())
def test_the_example_of_every_event_is_accepted_as_it_is(dialecte: str, event: str) -> None:
    body = to_json(bodies()[dialecte].lus[event]["example"])
    (ligne,) = ADAPTERS[dialecte].decode(Native(body, ""), partenaire(dialecte, {})).lignes
    assert ligne.rejets == ()
    assert ligne.contrat is not None


@each_row("case", written())
def test_what_a_dialect_writes_is_what_its_schema_says(case: cas.Cas) -> None:
    schema = bodies()[case.dialecte].ecrits[CONTRATS[from_json(case.entree.read_bytes())["type"]].NOM]
    for told in (from_json(case.attendu.read_bytes()), schema["example"]):
        Draft202012Validator(schema).validate(told)


def test_every_event_that_a_dialect_reads_or_writes_has_its_schema_with_every_field(
    document: dict[str, Any],
) -> None:
    schemas = document["components"]["schemas"]
    for nom, dialecte in EVENTS_IN_JSON.items():
        for event, contrat in dialecte.entrants.items():
            shown = schemas[component(nom, event, "lu")]
            table = dialecte.tables[event].champs
            read = {name for name, each in table.items() if isinstance(each, Objet) or each.lire}
            assert read <= set(shown["properties"]), contrat
        assert all(component(nom, event, "ecrit") in schemas for event in dialecte.sortants)


def test_every_message_that_a_dialect_writes_is_a_webhook_with_its_signature_but_those_of_a_set(
    document: dict[str, Any],
) -> None:
    said = [adapter.DECLARATION for adapter in ADAPTERS.values()]
    written = {f"{one.nom}.{c.NOM}" for one in said if JEU not in one.formats_ecrits for c in one.ecrit}
    assert set(document["webhooks"]) == written
    for said in document["webhooks"].values():
        assert {each["name"] for each in said["post"]["parameters"]} >= {"webhook-id", "webhook-signature"}


def test_every_answer_that_is_no_success_is_described_as_a_problem(document: dict[str, Any]) -> None:
    for path, methods in document["paths"].items():
        for method, said in methods.items():
            errors = {
                status: each for status, each in said["responses"].items() if not status.startswith("2")
            }
            assert {"401", "429", "503", "default"} <= set(errors), (path, method)
            assert all(set(each["content"]) == {"application/problem+json"} for each in errors.values())
    assert (
        "reprenez toute la liste" in document["paths"]["/v1/liste"]["get"]["responses"]["410"]["description"]
    )
    problems = document["components"]["schemas"]["Probleme"]["properties"]["type"]["anyOf"][0]["enum"]
    assert {each.rpartition(":")[2] for each in problems} == set(catalogue()["probleme"])
    assert "HTTPValidationError" not in str(document)
