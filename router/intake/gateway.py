"""The front door as an application: the hot endpoint, the mailbox, the fate of a message, health."""

from collections.abc import Callable, Mapping, MutableMapping
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from fastapi import FastAPI, Request, Response
from pydantic_core import to_json

from adapters.xml import xml_schemas
from connectors.admission import Admissions
from connectors.answer import JSON, PRIVATE, Answer, Stop
from connectors.http_in import PATH, AsgiApp, Send, message_endpoint, reply
from connectors.mailbox import MailboxStore
from connectors.mailbox_http import mailbox_routes
from connectors.problem import CATALOGUE, UNAVAILABLE, problem, rejet_json
from connectors.problem_routes import ADDRESS_UNKNOWN, answer_problems
from connectors.soap import enveloped
from connectors.soap.answer import PATH as SOAP
from contracts.errors import Misconfigured
from contracts.partner import Partner
from contracts.ports import IntakeReport, Native
from contracts.soap import MustUnderstand, VersionMismatch
from router.intake.api_page import HEADERS, SCHEMAS, page, words_page
from router.intake.api_schema import completed
from router.intake.catalogue import catalogue
from router.intake.decoding import TOO_COSTLY
from router.intake.documents import document_routes
from router.intake.draft import ILLISIBLE, KEY_NEEDED, OUR_BUG
from router.intake.orientations_http import Envois, orientation_routes
from router.intake.own_routes import RULES, Own, own_routes
from router.intake.receive import Intake
from router.intake.sandbox_http import RULES as SANDBOX_RULES
from router.intake.sandbox_http import Play, sandbox_routes
from router.intake.wsdl import wsdl_at

logger = structlog.get_logger()
Check = Callable[[], Any]
DATABASE = "postgresql"
"""The part without which nothing can be accepted."""

CONFLICT = problem(
    409,
    "cle-deja-utilisee",
    "Clé déjà utilisée pour un autre contenu",
    "Cette clé (« Idempotency-Key », sinon l'identifiant d'événement du message) a déjà servi à un autre contenu. "
    "Renvoyez avec une clé neuve, ou le contenu d'origine.",
)


BUG = problem(
    500,
    "erreur-interne",
    "Erreur du hub",
    "La faute est du côté du hub, et son équipe le voit. Renvoyez la même requête, avec la même clé, dans une heure.",
)
NOTHING_EXPECTED = problem(
    400,
    "aucun-dialecte",
    "Aucun message attendu de votre part",
    "Votre entrée au registre ne prévoit aucun dialecte : demandez à l'équipe du hub de l'ajouter.",
)


def application(
    intake: Intake,
    own: Own,
    envois: Envois,
    play: Play,
    mailbox: MailboxStore,
    door: Admissions,
    ready: Mapping[str, Check],
) -> AsgiApp:
    """One ASGI callable: `POST /v1/messages` and `/v1/soap` on their own short way, all the rest through FastAPI."""
    hot = message_endpoint(_answering(intake), door)
    soap = message_endpoint(_answering(intake), door, SOAP, enveloped)
    rest = _api(own, envois, play, mailbox, door, ready)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        private = partial(_send_private, send)
        sent_to = scope["path"] if scope["type"] == "http" and scope["method"] != "GET" else None
        if sent_to == SOAP:
            await _told(soap, scope, receive, private, enveloped(BUG))
        else:
            await _told(hot if sent_to == PATH else rest, scope, receive, private, BUG)

    return app


async def _told(serve: AsgiApp, scope: Any, receive: Any, send: Send, bug: Answer) -> None:
    """A bug of ours is told as a problem where nothing was said yet, and left to the server's log."""
    begun = False

    async def noted(message: MutableMapping[str, Any]) -> None:
        nonlocal begun
        begun = True
        await send(message)

    try:
        await serve(scope, receive, noted)
    except Exception:
        if not begun:
            await reply(send, bug)
        raise


async def _send_private(send: Send, message: MutableMapping[str, Any]) -> None:
    """Every answer says that it is to be neither kept nor guessed at on its way."""
    if message["type"] == "http.response.start":
        said = {name for name, _ in message["headers"]}
        message["headers"] = [*message["headers"], *(each for each in PRIVATE if each[0] not in said)]
    await send(message)


def _answering(intake: Intake) -> Any:
    async def take_in(
        native: Native, partner: Partner, dialecte: str | None, cle: str | None, essai: bool
    ) -> Answer:
        if not partner.dialectes:
            return NOTHING_EXPECTED
        try:
            report = await intake.receive(native, partner, dialecte or partner.dialectes[0], cle, essai=essai)
        except Misconfigured as exc:  # our database's fault: for a sender no other than its absence
            logger.error("gateway.misconfigured", reason=str(exc))
            return UNAVAILABLE
        return answer_of(report, kept=not essai)

    return take_in


def answer_of(report: IntakeReport, *, kept: bool = True) -> Answer:
    """A report as its HTTP sender gets it: 202, or 200 for a trial, of which nothing is `kept`. What is refused is kept
    too: its id says under which name."""
    if report.etat == "conflit":
        return CONFLICT
    if report.etat == "refuse":
        return _refusal(report, report.message_id if kept else None)
    content = {
        "id": str(report.message_id),
        "etat": report.etat,
        "acceptes": report.acceptes,
        "rejets": [rejet_json(rejet) for rejet in report.rejets],
        "avertissements": [rejet_json(each) for each in report.avertissements],
    }
    if not kept:
        return Answer(200, to_json(content), JSON)
    location = (b"location", f"{PATH}/{report.message_id}".encode())
    return Answer(202, to_json(content), (*JSON, location))


def _refusal(report: IntakeReport, ident: UUID | None) -> Answer:
    first = report.rejets[0] if report.rejets else None
    if first is not None and first.code == OUR_BUG.code:
        return problem(500, "erreur-interne", "Erreur du hub", first.message, ident=ident)
    if first is not None and first.code in REFUSALS:
        status, slug, title = REFUSALS[first.code]
        return problem(status, slug, title, first.message, report.rejets, ident=ident)
    return problem(
        422,
        "message-refuse",
        "Aucune ligne acceptée",
        "Corrigez les lignes et les champs cités, puis renvoyez. Rien n'a été pris en compte.",
        report.rejets,
        ident=ident,
    )


REFUSALS = {
    KEY_NEEDED.code: (422, "cle-absente", "Clé absente"),
    TOO_COSTLY.code: (422, "message-trop-couteux", "Message trop coûteux à lire"),
    **dict.fromkeys(
        (ILLISIBLE, MustUnderstand.code, VersionMismatch.code),
        (400, "message-illisible", "Message illisible"),
    ),
}
"""What a whole message is refused for, by the code of its first rejection: status, type and title of the answer."""


def _api(
    own: Own,
    envois: Envois,
    play: Play,
    mailbox: MailboxStore,
    door: Admissions,
    ready: Mapping[str, Check],
) -> FastAPI:
    api = FastAPI(
        title="Hub SIAO",
        version="1",
        description="Chaque place vacante connue, chaque orientation répondue.",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    api.include_router(mailbox_routes(mailbox, door))
    api.include_router(own_routes(own, door))
    api.include_router(orientation_routes(envois, door))
    api.include_router(sandbox_routes(play, door))
    _document_messages(api)
    answer_problems(api, {**RULES, **SANDBOX_RULES})

    @api.get("/docs", include_in_schema=False)
    async def documentation() -> Response:
        return Response(page(api.openapi()), media_type="text/html", headers=HEADERS)

    @api.get(CATALOGUE, include_in_schema=False)
    async def words() -> Response:
        return Response(words_page(catalogue()), media_type="text/html", headers=HEADERS)

    @api.get(f"{SCHEMAS}/{{name}}", include_in_schema=False)
    async def xml_schema(name: str) -> Response:
        known = xml_schemas()
        if name not in known:
            raise Stop(ADDRESS_UNKNOWN)
        return Response(known[name], media_type="application/xml", headers=HEADERS)

    @api.get(SOAP, include_in_schema=False)
    async def wsdl(request: Request) -> Response:
        """Whatever the query: tools write `?wsdl` in many ways."""
        said = wsdl_at(request.scope["scheme"], request.headers.get("host", ""), SOAP)
        return Response(said, media_type="text/xml", headers=HEADERS)

    api.include_router(document_routes())

    @api.get("/healthz", include_in_schema=False)
    async def alive() -> Response:
        return Response('{"etat":"ok"}', media_type="application/json")

    @api.get("/readyz", include_in_schema=False)
    async def readiness() -> Response:
        """Ready is who can accept: that takes PostgreSQL alone, and what Kafka misses is kept for it."""
        states = {name: await check() for name, check in ready.items()}
        return Response(
            to_json({name: "ok" if ok else "absent" for name, ok in states.items()}),
            200 if states[DATABASE] else 503,
            media_type="application/json",
        )

    return api


def _document_messages(api: FastAPI) -> None:
    """The hot endpoint is served outside FastAPI; here it is only described."""
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
