"""The page that shows the API: all of it, and nothing that comes from elsewhere."""

import re
from typing import Any

from fastapi import FastAPI

from connectors.admission import Admissions
from ops.sandbox.http import sandbox_routes
from router.intake.api import api_of
from router.intake.api_page import HEADERS, page
from router.intake.list_routes import list_routes

NOBODY: Any = None
DOOR = Admissions(lambda key: None)


def api() -> FastAPI:
    routes = (sandbox_routes(NOBODY, DOOR), list_routes(NOBODY, NOBODY, DOOR))
    return api_of(NOBODY, NOBODY, NOBODY, routes, NOBODY, DOOR, {})


def test_it_names_every_operation_every_parameter_and_every_answer() -> None:
    schema = api().openapi()
    shown = page(schema)
    for path, methods in schema["paths"].items():
        for method, said in methods.items():
            assert f"{method.upper()} {path}" in shown
            for parameter in said.get("parameters", ()):
                assert f"<td>{parameter['name']}</td>" in shown
    assert "Même clé et même contenu : même réponse." in shown
    assert "Successful" not in shown


def test_it_loads_nothing_and_runs_nothing() -> None:
    shown = page(api().openapi())
    assert re.findall(r"(?:src|href|url|@import)\s*[=(]\s*[\"']?([^\"')> ]+)", shown) == [
        "/docs/guide-partenaire.md",
        "/openapi.json",
        "/docs/asyncapi.json",
        "/docs/contrats",
        "/docs/erreurs",
        "/docs/schemas/bailleur.xsd",
        "/v1/soap?wsdl",
    ]
    assert "<script" not in shown
    assert "default-src 'none'" in HEADERS["content-security-policy"]


def test_what_a_description_says_is_text_and_no_markup() -> None:
    schema = api().openapi()
    schema["info"]["description"] = "<img src=x>"
    assert "<img" not in page(schema)
