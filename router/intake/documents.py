"""Serve documents without an API key: the partners' guide, the contracts' schemas, the AsyncAPI document."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from fastapi import APIRouter, Response
from pydantic_core import to_json

from connectors.answer import Stop
from connectors.problem_routes import ADDRESS_UNKNOWN
from router.intake.api_page import ASYNCAPI, CONTRACTS, HEADERS, SCHEMAS, contracts_page, schemas_page
from router.intake.asyncapi import asyncapi
from router.intake.guide import guide_page, served

CONTRACT = ".contrat.json"
"""End of the file names of the schemas that partners may read. All other schemas are internal."""


def document_routes() -> APIRouter:
    """Return the routes of the documents below `/docs`. Add these routes last, because one of them takes any path
    below `/docs`. Their functions are not async, so that FastAPI runs them in threads, where they do not delay
    messages."""
    routes = APIRouter(prefix="/docs", include_in_schema=False)

    @routes.get(CONTRACTS.removeprefix("/docs"))
    def contracts() -> Response:
        return Response(contracts_page(contract_schemas()), media_type="text/html", headers=HEADERS)

    @routes.get(f"{CONTRACTS.removeprefix('/docs')}/{{name}}")
    def contract(name: str) -> Response:
        known = contract_schemas()
        if name not in known:
            raise Stop(ADDRESS_UNKNOWN)
        return Response(known[name], media_type="application/schema+json", headers=HEADERS)

    @routes.get(SCHEMAS.removeprefix("/docs"))
    def schemas() -> Response:
        return Response(schemas_page(), media_type="text/html", headers=HEADERS)

    @routes.get(ASYNCAPI.removeprefix("/docs"))
    def topics() -> Response:
        return Response(to_json(asyncapi()), media_type="application/json", headers=HEADERS)

    @routes.get("/{path:path}")
    def guide(path: str) -> Response:
        if path not in served():
            raise Stop(ADDRESS_UNKNOWN)
        found = guide_page(path)
        return Response(found.body, media_type=found.media_type, headers=HEADERS)

    return routes


@cache
def contract_schemas() -> Mapping[str, bytes]:
    """Return the JSON Schemas that partners may read, by file name."""
    folder = files("contracts.schemas").joinpath("v1")
    found = sorted(
        (each for each in folder.iterdir() if each.name.endswith(CONTRACT)), key=lambda each: each.name
    )
    return {each.name: each.read_bytes() for each in found}
