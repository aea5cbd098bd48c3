"""Assemble the console's routes and error pages into one web application."""

from collections import OrderedDict
from http import HTTPStatus
from urllib.parse import quote

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse, RedirectResponse
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.formparsers import MultiPartParser

from console import assets, by_mail, login
from console.bureau import (
    declaring,
    dropping,
    duplicates,
    free_places,
    helping,
    households,
    offers,
    presenting,
    received,
    referring,
    sandbox,
    sent,
    todo,
)
from console.guard import Guard
from console.pages import (
    acts,
    alarms,
    audit,
    balance,
    deliveries,
    flows,
    messages,
    night,
    orphans,
    partners,
    places,
    quarantine,
    referrals,
    replays,
    searching,
    statements,
    subjects,
    territories,
    trying,
    wall,
    work,
)
from console.parts import Parts
from console.rendering import bare, show_contact
from console.stream import OVER
from console.visit import NotLoggedIn, NotProved, is_stream
from contracts.errors import BusUnavailable, HubError
from router.store.database import UNWRITABLE

SENTENCES = {
    403: "votre profil ne permet pas cela",
    404: "rien n'existe ici, ou rien que vous puissiez voir",
    405: "cette adresse ne s'appelle pas de cette façon",
}
TO_PROVE = (
    "lire en clair demande de s'être identifié dans les dix dernières minutes ; identifiez-vous à nouveau, puis "
    "redemandez-le avec son motif"
)
GO = "M'identifier à nouveau"
PAGES = (
    login, by_mail, night, searching, referrals, subjects, places, messages, quarantine, replays, orphans, deliveries,
    partners, trying, territories, statements, acts, flows, wall, work, alarms, audit, balance, todo, dropping,
    received, free_places, referring, presenting, households, sent, declaring, offers, duplicates, helping, sandbox,
)  # fmt: skip


def application(parts: Parts) -> Guard:
    """Return the whole console as an ASGI application: the pages, inside a `Guard`, which limits requests and
    adds security headers."""
    settings = parts.settings.console
    # What somebody sends stays in memory: on the disk it would lie unencrypted.
    MultiPartParser.spool_max_size = settings.max_body_bytes
    return Guard(pages(parts), settings)


def pages(parts: Parts) -> FastAPI:
    """Return the web application with all routes and error pages of the console, but without the limits and
    security headers that `Guard` adds."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.state.parts = parts
    app.state.buckets = OrderedDict()
    show_contact(parts.settings.console.contact)
    for module in PAGES:
        app.router.routes += module.router.routes  # `include_router` would analyse each route again
    app.add_exception_handler(NotLoggedIn, _to_the_login)
    app.add_exception_handler(NotProved, _to_prove)
    app.add_exception_handler(StarletteHTTPException, _no)
    for misread in (RequestValidationError, *UNWRITABLE):
        app.add_exception_handler(misread, _misread)
    app.add_exception_handler(HubError, _decided)
    app.add_exception_handler(Exception, _bug)
    app.add_api_route("/adieu", goodbye)
    app.add_api_route("/sante", alive)
    app.add_api_route(assets.PATH + "{name}", assets.asset)
    return app


async def goodbye() -> Response:
    """Show the page that says that the visitor is logged out."""
    return bare("Au revoir", "vous n'êtes plus connecté", 200, link="Entrer de nouveau")


async def alive() -> Response:
    """Tell a load balancer that this process serves pages. The database is not asked."""
    return PlainTextResponse("ok")


async def _to_the_login(request: Request, _: Exception) -> Response:
    if is_stream(request):
        return Response(OVER, media_type="text/event-stream")
    if request.method != "GET":
        return bare(
            "Session terminée", "votre session a pris fin, et rien n'a été fait : reconnectez-vous", 401
        )
    return RedirectResponse(f"/connexion?vers={quote(request.url.path)}", 303)


async def _to_prove(request: Request, _: Exception) -> Response:
    """Ask the visitor to log in again, because what they have just asked for requires a recent login."""
    page = request.url.path.rpartition("/")[0]
    return bare("Prouvez qui vous êtes", TO_PROVE, 401, f"/connexion?preuve=true&vers={quote(page)}", GO)


async def _no(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, StarletteHTTPException)
    if exc.status_code == 403 and is_stream(request):
        return Response(OVER, media_type="text/event-stream")
    ours = isinstance(exc, HTTPException) and exc.detail != HTTPStatus(exc.status_code).phrase
    said = exc.detail if ours else SENTENCES.get(exc.status_code, "cette demande ne peut être servie")
    return bare(f"Erreur {exc.status_code}", said, exc.status_code)


async def _misread(_: Request, __: Exception) -> Response:
    """Return a page with the status 422. The page does not name the wrong values, because they may be personal.
    It is also the answer to a text that PostgreSQL cannot store, such as one with a NUL character."""
    return bare("Demande illisible", "un champ manque, ou n'est pas de la forme attendue", 422)


async def _bug(_: Request, __: Exception) -> Response:
    return bare(
        "Erreur de la console", "l'erreur vient de la console : l'équipe du hub la voit dans le journal", 500
    )


async def _decided(_: Request, exc: Exception) -> Response:
    status = 503 if isinstance(exc, BusUnavailable) else 409
    return bare("Cela n'a pas abouti", str(exc), status)
