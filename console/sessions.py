"""Who visits: a secret in a cookie, known here by its hash; what a form has to send back is made of the secret, too."""

import hashlib
import secrets
from dataclasses import asdict
from datetime import timedelta

from fastapi import Request, Response

from console.rights import Personne, Profil
from router.settings import ConsoleSettings
from router.store import sessions
from router.store.database import Database

LOGIN_LASTS = timedelta(minutes=10)
"""For the way to the identity provider and back."""


def is_tls(settings: ConsoleSettings) -> bool:
    """Whether browsers come over TLS, here or before a proxy."""
    return (settings.url or "").startswith("https://")


def new_secret() -> str:
    """256 bits that nobody can guess."""
    return secrets.token_urlsafe(32)


def hash_of(secret: str) -> bytes:
    """How the hub knows a session: whoever reads its tables cannot take one over."""
    return hashlib.sha256(secret.encode()).digest()


def form_token(secret: str) -> str:
    """What a form of this session sends back: another site's form cannot know it."""
    return hashlib.sha256(b"formulaire\0" + secret.encode()).hexdigest()


def cookie_name(settings: ConsoleSettings) -> str:
    """Over TLS one that no other site or subdomain can set."""
    return "__Host-siao" if is_tls(settings) else "siao"


def give(response: Response, settings: ConsoleSettings, secret: str, lasts: timedelta) -> None:
    """Give a browser its secret. A page of another site can follow a link to us with it, and send us no form."""
    response.set_cookie(
        cookie_name(settings),
        secret,
        max_age=int(lasts.total_seconds()),
        httponly=True,
        secure=is_tls(settings),
        samesite="lax",
        path="/",
    )


def secret_of(request: Request, settings: ConsoleSettings) -> str | None:
    """The secret that a browser shows."""
    return request.cookies.get(cookie_name(settings))


async def visitor(database: Database, secret: str | None) -> Personne | None:
    """Who is logged in by a secret. Raises BusUnavailable."""
    if secret is None:
        return None
    async with database.transaction() as connection:
        known = await sessions.person(connection, hash_of(secret))
    if known is None:
        return None
    return Personne(known["id"], known["nom"], Profil(known["profil"]), tuple(known["perimetre"]))


async def begin(database: Database, person: Personne, lasts: timedelta) -> str:
    """Somebody is logged in; the secret of their session."""
    secret = new_secret()
    async with database.transaction() as connection:
        await sessions.begin(connection, hash_of(secret), asdict(person), lasts)
    return secret
