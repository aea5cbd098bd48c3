"""Log people in through the identity provider, and log them out."""

import hmac
import re
from datetime import UTC, datetime, timedelta

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from console import sessions
from console.oidc import BACK, proved_at
from console.parts import Parts
from console.rendering import form_page
from console.rights import Personne, person_of
from console.visit import Closed, Suiveur, slow_down
from ops.sessions import sql as store
from router.domain.partners import Registry
from router.store.audit import record

_PAGE = re.compile(r"/(?!/)[A-Za-z0-9._~/-]*")
router = APIRouter()
LOGGED_IN = "console.entrer"
NOBODY_HERE = "votre compte n'a pas de profil dans cette console : demandez-en un à l'équipe du hub"
NOT_BEGUN = "cette connexion n'a pas commencé ici, ou a trop duré : recommencez"


@router.get("/connexion")
async def ways_in(request: Request, vers: str = "/", preuve: bool = False) -> Response:
    """Redirect to the identity provider if nobody can log in by mail, or for a fresh proof of identity
    (`preuve`). Otherwise show the ways to log in. `vers`: page after the login."""
    parts: Parts = request.app.state.parts
    if parts.links is None or preuve:
        return await begin(request, vers, preuve)
    slow_down(request)
    return form_page("connexion.html", vers=own_page(vers), fournisseur=parts.settings.console.issuer)


@router.get("/connexion/fournisseur")
async def begin(request: Request, vers: str = "/", preuve: bool = False) -> Response:
    """End this browser's session, and redirect to the identity provider; the login ends on the page `vers`.
    `preuve` asks the provider for a fresh proof of identity."""
    parts: Parts = request.app.state.parts
    slow_down(request)
    begun = await parts.provider.begin(anew=preuve)
    before, secret = sessions.secret_of(request, parts.settings.console), sessions.new_secret()
    expected = {name: begun[name] for name in ("state", "nonce", "code_verifier")}
    expected |= {"vers": own_page(vers), "preuve": preuve}
    async with parts.database.transaction() as connection:
        if before is not None:
            await store.end(connection, sessions.hash_of(before))
        await store.begin_login(connection, sessions.hash_of(secret), expected, sessions.LOGIN_LASTS)
    response = RedirectResponse(begun["url"], 303)
    sessions.give(response, parts.settings.console, secret, sessions.LOGIN_LASTS)
    return response


@router.get(BACK)
async def back(request: Request, state: str = "", code: str = "") -> Response:
    """Begin a session for a person whom the identity provider sends back. Raises 403 if this browser has not
    begun the login, or if the provider's statements describe no person with rights in the console (`person_of`).
    The person's profile decides what the person may do there."""
    parts: Parts = request.app.state.parts
    slow_down(request)
    secret = sessions.secret_of(request, parts.settings.console) or ""
    async with parts.database.transaction() as connection:
        begun = await store.take_login(connection, sessions.hash_of(secret))
    if begun is None or not hmac.compare_digest(begun.get("state", "").encode(), state.encode()) or not code:
        raise HTTPException(403, NOT_BEGUN)
    vouched = await parts.provider.conclude(begun, code)
    person = person_of(vouched.claims)
    if person is None:
        raise HTTPException(403, NOBODY_HERE)
    settings = parts.settings.console
    longest = timedelta(hours=settings.session_h)
    lasts = longest if vouched.proof else min(longest, sessions.UNASKABLE_LASTS)
    idle = timedelta(minutes=settings.idle_min)
    proved = proved_at(vouched.claims, settings.acr, datetime.now(UTC), anew=begun.get("preuve", False))
    async with parts.database.transaction() as connection:
        new = await sessions.begin(connection, person, vouched.proof, proved, idle, lasts)
        detail = {"profil": person.profil, "perimetre": person.perimetre}
        await record(connection, person.actor, LOGGED_IN, person.id, detail)
    response = RedirectResponse(start_of(person, begun["vers"], parts.registry()), 303)
    sessions.give(response, settings, new, lasts)
    return response


async def goodbye(request: Request, visite: Suiveur) -> Response:
    """End the visitor's session, and show the page that says so."""
    settings = visite.parts.settings.console
    async with visite.parts.database.transaction() as connection:
        await store.end(connection, sessions.hash_of(sessions.secret_of(request, settings) or ""))
    response = RedirectResponse("/adieu", 303)
    response.delete_cookie(sessions.cookie_name(settings), path="/")
    return response


router.add_api_route("/deconnexion", goodbye, methods=["POST"], route_class_override=Closed)


def own_page(path: str) -> str:
    """Return `path` without its query if it has the form of a page of the console, else "/". A link to the login
    page can thus not lead to another site, and a stranger's words do not get into a mail."""
    page = path.partition("?")[0].partition("#")[0]
    return page if _PAGE.fullmatch(page) else "/"


def start_of(person: Personne, page: str, registry: Registry) -> str:
    """Return the page that opens after a login: the desk, if `page` is "/" and the person works for a partner;
    otherwise `page`."""
    return "/bureau" if page == "/" and person.speaks_for(registry) else page
