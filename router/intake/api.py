"""Make the gateway's routes by which partners read: mailbox, state of a message, documents, health. The module
`gateway` takes partners' messages."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from fastapi import APIRouter, FastAPI, Request, Response
from pydantic_core import to_json

from adapters.xml import xml_schemas
from connectors.admission import Admissions
from connectors.answer import Stop
from connectors.mailbox import MailboxStore
from connectors.mailbox_http import mailbox_routes
from connectors.problem import CATALOGUE
from connectors.problem_routes import ADDRESS_UNKNOWN, answer_problems
from connectors.soap.answer import PATH as SOAP
from router.intake.api_page import HEADERS, SCHEMAS, page, words_page
from router.intake.api_schema import completed
from router.intake.catalogue import catalogue
from router.intake.documents import document_routes
from router.intake.orientations_http import Envois, orientation_routes
from router.intake.own_routes import RULES, Own, Receipts, own_routes
from router.intake.wsdl import wsdl_at

Check = Callable[[], Any]
OPENAPI = "/openapi.json"
DATABASE = "postgresql"
"""Name of PostgreSQL's health check: `/readyz` answers 503 only if this check fails."""


class Routes(NamedTuple):
    """Group of further HTTP routes, for example those of the sandbox. `api_of` adds them to the gateway's own
    routes."""

    router: APIRouter
    rules: Mapping[str, str]
    """French text for a wrong value of a query parameter, by the parameter's name."""


def api_of(
    own: Own,
    receipts: Receipts,
    envois: Envois,
    more: Sequence[Routes],
    mailbox: MailboxStore,
    door: Admissions,
    ready: Mapping[str, Check],
) -> FastAPI:
    """Return the gateway's FastAPI application. Its routes read the caller's own messages with `own`, signed
    receipts with `receipts`, referrals and candidacies with `envois`, and the caller's mailbox with `mailbox`.
    `more` has further routes to add. `door` admits callers by their API key. `ready` has the health checks of
    the servers on which the hub depends, by the server's name."""
    api = FastAPI(
        title="Hub SIAO",
        version="1",
        description="Chaque place vacante connue, chaque orientation répondue.",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    _probes(api, ready)
    # Added as they are: `include_router` would analyse each route a second time.
    routers = mailbox_routes(mailbox, door), own_routes(own, receipts, door), orientation_routes(envois, door)
    for router in (*routers, *(each.router for each in more)):
        api.router.routes += router.routes
    _document_messages(api)
    answer_problems(api, {**RULES, **{name: text for each in more for name, text in each.rules.items()}})
    _pages(api)
    api.router.routes += document_routes().routes
    return api


def _pages(api: FastAPI) -> None:
    """Add the documentation pages. The functions of pages that are slow to build are not async, so that FastAPI
    runs them in threads."""

    @cache
    def described() -> bytes:
        return to_json(api.openapi())

    @api.get(OPENAPI, include_in_schema=False)
    def openapi() -> Response:
        return Response(described(), media_type="application/json")

    @api.get("/docs", include_in_schema=False)
    def documentation() -> Response:
        return Response(page(api.openapi()), media_type="text/html", headers=HEADERS)

    @api.get(CATALOGUE, include_in_schema=False)
    def words() -> Response:
        return Response(words_page(catalogue()), media_type="text/html", headers=HEADERS)

    @api.get(f"{SCHEMAS}/{{name}}", include_in_schema=False)
    def xml_schema(name: str) -> Response:
        known = xml_schemas()
        if name not in known:
            raise Stop(ADDRESS_UNKNOWN)
        return Response(known[name], media_type="application/xml", headers=HEADERS)

    @api.get(SOAP, include_in_schema=False)
    async def wsdl(request: Request) -> Response:
        """Return the WSDL, the description of the SOAP service. The query string is ignored, because tools write
        `?wsdl` in many ways."""
        content = wsdl_at(request.scope["scheme"], request.headers.get("host", ""), SOAP)
        return Response(content, media_type="text/xml", headers=HEADERS)


def _probes(api: FastAPI, ready: Mapping[str, Check]) -> None:

    @api.get("/healthz", include_in_schema=False)
    async def alive() -> Response:
        return Response('{"etat":"ok"}', media_type="application/json")

    @api.get("/readyz", include_in_schema=False)
    async def readiness() -> Response:
        """Answer 200 if PostgreSQL can be reached, else 503. The body says whether each server on which the hub
        depends can be reached."""
        states = {name: await check() for name, check in ready.items()}
        return Response(
            to_json({name: "ok" if ok else "absent" for name, ok in states.items()}),
            200 if states[DATABASE] else 503,
            media_type="application/json",
        )


def _document_messages(api: FastAPI) -> None:
    generate = api.openapi

    def described() -> dict[str, Any]:
        if api.openapi_schema is None or "webhooks" not in api.openapi_schema:
            api.openapi_schema = completed(generate(), _OPERATION)
        return api.openapi_schema

    # FastAPI's documented way to extend the schema.
    api.openapi = described  # type: ignore[method-assign]


def _parameter(name: str, where: str, text: str, kind: str = "string") -> dict[str, Any]:
    return {"name": name, "in": where, "required": False, "description": text, "schema": {"type": kind}}


_OPERATION: dict[str, Any] = {
    "summary": "Envoyer un message, dans votre dialecte",
    "operationId": "envoyer_message",
    "tags": ["Messages"],
    "security": [{"HTTPBearer": []}],
    "parameters": [
        _parameter(
            "Idempotency-Key",
            "header",
            "Même clé et même contenu : même réponse. Obligatoire pour une orientation.",
        ),
        _parameter("SIAO-Dialecte", "header", "Un des dialectes de votre entrée ; à défaut, le premier."),
        _parameter("essai", "query", "« true » : valider et répondre sans aucun effet.", "boolean"),
    ],
    "responses": {
        "202": {
            "description": "Accepté : tout ce qui est retenu est enregistré ; les rejets sont cités par ligne et champ."
        },
        "200": {"description": "Essai : le message serait accepté."},
        "400": {"description": "Message illisible."},
        "401": {"description": "Clé d'API absente ou inconnue."},
        "408": {"description": "Message trop lent à venir."},
        "409": {"description": "Clé déjà utilisée pour un autre contenu."},
        "413": {"description": "Message trop grand."},
        "415": {"description": "Encodage inconnu."},
        "422": {"description": "Aucune ligne acceptée."},
        "429": {"description": "Votre limite est atteinte : revenez après Retry-After."},
        "503": {"description": "Momentanément indisponible : renvoyez avec la même clé."},
    },
}
