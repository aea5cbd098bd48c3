"""Log people in without an identity provider: by a mailed link, then a one-time code from their telephone. No
response tells whether an address has an account."""

from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from console import sessions
from console.login import LOGGED_IN, own_page, start_of
from console.parts import Parts
from console.rendering import bare, form_page
from console.rights import member_of
from console.visit import check_form, slow_down
from ops.accounts.accounts import Account, Accounts
from ops.accounts.codes import address, new_factor, picture
from ops.accounts.requests import Requests
from ops.sessions import sql as store
from router.store.audit import record

router = APIRouter()
LINKS_PER_SECOND, LINKS_BURST = 1 / 60, 10.0
"""Limits on the requests of one network address for a link: number per second in the long run, and number in
one burst."""
SENT = (
    "Si cette adresse a un compte, un lien vient d'y partir : il sert une fois, pendant quinze minutes. "
    "Rien ne vient ? Regardez parmi les indésirables, puis demandez à l'équipe du hub si votre compte est ouvert."
)
USED = "ce lien ne sert plus : il a déjà servi, ou il a plus de quinze minutes. Demandez-en un autre"
NOT_BEGUN = "cette entrée n'a pas commencé dans ce navigateur, ou a trop duré : demandez un autre lien"
WRONG = "Ce code n'est pas le bon, ou il a déjà servi : attendez le suivant, et vérifiez l'heure de votre téléphone."
SHUT = "Trop de codes faux : ce compte est fermé. Demandez à l'équipe du hub de le rouvrir."
NO_PARTNER = "le registre n'a plus votre partenaire : voyez avec l'équipe du hub"
Text = Annotated[str, Form(max_length=300)]


@router.post("/connexion/lien")
async def ask(request: Request, adresse: Text, vers: Text = "/") -> Response:
    """Queue the mailing of a login link. `vers`: page to open after the login. The response is always the same,
    so that nobody learns whether the address has an account."""
    slow_down(request, rate=(LINKS_PER_SECOND, LINKS_BURST))
    _links(request).add(adresse, own_page(vers))
    return bare("Regardez votre courrier", SENT, 200, "/connexion", "Demander un autre lien")


@router.get("/connexion/lien/{secret}")
async def show(request: Request, secret: str, vers: str = "/") -> Response:
    """Show whose account a login link opens. Only the page's button uses the link up, because some mail
    programs open links on their own. `vers`: page to open after the login. Raises 403 for an unknown, used or
    expired link."""
    slow_down(request)
    account = await _accounts(request).of_link(secret)
    if account is None:
        raise HTTPException(403, USED)
    return form_page("lien.html", compte=account, vers=own_page(vers))


@router.post("/connexion/lien/{secret}")
async def use(request: Request, secret: str, vers: Text = "/") -> Response:
    """Use up a mailed login link, end any session of this browser, and redirect to the form for the one-time
    code that the visitor's telephone shows. `vers`: page to open after the login. Raises 403 for an unknown,
    used or expired link."""
    slow_down(request)
    parts: Parts = request.app.state.parts
    settings, begun = parts.settings.console, sessions.new_secret()
    before = sessions.secret_of(request, settings)
    async with parts.database.transaction() as connection:
        account = await _accounts(request).use_link(connection, secret)
        if account is not None:
            if before is not None:
                await store.end(connection, sessions.hash_of(before))
            fresh = sessions.sealed(begun, new_factor()).hex()
            expected = {"compte": str(account.id), "vers": own_page(vers), "facteur": fresh}
            await store.begin_login(connection, sessions.hash_of(begun), expected, sessions.LOGIN_LASTS)
    if account is None:
        raise HTTPException(403, USED)
    response = RedirectResponse("/connexion/code", 303)
    sessions.give(response, settings, begun, sessions.LOGIN_LASTS)
    return response


@router.get("/connexion/code")
async def code(request: Request) -> Response:
    """Show the form for the one-time code that the visitor's telephone shows. At the first login, also show how
    to set up the telephone's app for one-time codes. Raises 403 if this browser has not used a login link."""
    slow_down(request)
    begun = await _Begun.of(request)
    async with _accounts(request).database.transaction() as connection:
        account = await _accounts(request).of(connection, begun.account)
    if account is None:
        raise HTTPException(403, NOT_BEGUN)
    return _code_page(begun, account, SHUT if account.is_shut else "")


@router.post("/connexion/code")
async def prove(request: Request, code: Text, jeton: Annotated[str, Form()] = "") -> Response:
    """Log the visitor in if `code` is the one-time code that the visitor's telephone shows. For a wrong or used
    code, or a shut account, show the form again (403). Too many wrong codes shut the account. Raises 403
    without a begun login, for a wrong form token (`jeton`), or for an account or partner that is gone."""
    slow_down(request)
    parts, begun = request.app.state.parts, await _Begun.of(request)
    check_form(jeton, sessions.form_token(begun.secret))
    now, settings = datetime.now(UTC), parts.settings.console
    lasts, idle = timedelta(hours=settings.session_h), timedelta(minutes=settings.idle_min)
    async with parts.database.transaction() as connection:
        account = await _accounts(request).of(connection, begun.account)
        if account is None:
            raise HTTPException(403, NOT_BEGUN)
        person = member_of(account.partner, str(account.id), account.nom, parts.registry())
        if person is None:
            raise HTTPException(403, NO_PARTNER)
        right = await _accounts(request).prove(connection, account, begun.factor, code, now)
        if right:
            await store.end(connection, sessions.hash_of(begun.secret))
            new = await sessions.begin(connection, person, None, now, idle, lasts, account.partner)
            detail = {"profil": person.profil, "perimetre": person.perimetre}
            await record(connection, person.actor, LOGGED_IN, person.id, detail)
        else:  # perhaps the tenth wrong code
            account = await _accounts(request).of(connection, account.id) or account
    if not right:
        return _code_page(begun, account, SHUT if account.is_shut else WRONG, 403)
    response = RedirectResponse(start_of(person, begun.page, parts.registry()), 303)
    sessions.give(response, settings, new, lasts)
    return response


class _Begun:
    """Login that a browser has begun with a mailed link, and that still needs the code from the telephone."""

    def __init__(self, secret: str, account: UUID, page: str, factor: str) -> None:
        self.secret, self.account, self.page, self.factor = secret, account, page, factor

    @classmethod
    async def of(cls, request: Request) -> "_Begun":
        """Return the login that this browser has begun with a mailed link. Raises 403 if there is no such
        login, or if it has expired."""
        parts: Parts = request.app.state.parts
        secret = sessions.secret_of(request, parts.settings.console) or ""
        async with parts.database.statement() as connection:
            expected = await store.expected(connection, sessions.hash_of(secret))
        if expected is None or "compte" not in expected:
            raise HTTPException(403, NOT_BEGUN)
        factor = sessions.unsealed(secret, bytes.fromhex(expected["facteur"]))
        return cls(secret, UUID(expected["compte"]), expected["vers"], factor)


def _links(request: Request) -> Requests:
    links: Requests | None = request.app.state.parts.links
    if links is None:
        raise HTTPException(404)
    return links


def _accounts(request: Request) -> Accounts:
    return _links(request).accounts


def _code_page(begun: _Begun, account: Account, said: str, status: int = 200) -> Response:
    uri = address(begun.factor, account.adresse) if account.factor is None else None
    return form_page(
        "code.html",
        status,
        jeton=sessions.form_token(begun.secret),
        refus=said,
        ferme=account.is_shut,
        cle=begun.factor if uri else None,
        adresse=uri,
        image=picture(uri) if uri else None,
    )
