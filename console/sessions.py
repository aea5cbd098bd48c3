"""Sessions of logged-in people: a secret in a cookie, whose hash the hub stores.

Every few minutes the identity provider is asked whether the person still has their profile.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import structlog
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from fastapi import Request, Response

from console.oidc import Provider
from console.rights import Personne, Profil, person_of
from contracts.errors import Misconfigured
from ops.sessions import sql as sessions
from router.privacy.sealing import seal, unseal
from router.settings import ConsoleSettings
from router.store.audit import record
from router.store.database import Connection, Database

logger = structlog.get_logger()
ASKED_EVERY = timedelta(minutes=5)
"""Interval at which the identity provider is asked whether a person still has their profile."""
UNASKABLE_LASTS = timedelta(minutes=20)
"""Time for which a session lasts if the identity provider does not answer."""
PROOF_LASTS = timedelta(minutes=10)
"""Time after a proof of identity in which the person may read unmasked messages."""
PROOF = b"console proof"
CLOSED, CHANGED = "console.fermer", "console.profil"
LOGIN_LASTS = timedelta(minutes=10)
"""Time limit for a login at the identity provider."""


def is_tls(settings: ConsoleSettings) -> bool:
    """Return whether browsers reach the console over TLS, with or without a proxy."""
    return (settings.url or "").startswith("https://")


def new_secret() -> str:
    """Return 256 random bits as text."""
    return secrets.token_urlsafe(32)


def hash_of(secret: str) -> bytes:
    """Return the hash of a session's secret. The hub stores only the hash, so that a reader of its tables
    cannot take over the session."""
    return hashlib.sha256(secret.encode()).digest()


def form_token(secret: str) -> str:
    """Return the token of a session's forms, which another site cannot know."""
    return hashlib.sha256(b"formulaire\0" + secret.encode()).hexdigest()


def cookie_name(settings: ConsoleSettings) -> str:
    """Return the name of the session cookie. Over TLS, it is a name that no other site or subdomain can set."""
    return "__Host-siao" if is_tls(settings) else "siao"


def give(response: Response, settings: ConsoleSettings, secret: str, lasts: timedelta) -> None:
    """Store the secret in the browser, as a cookie that is not sent with forms of other sites."""
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
    """Return the secret in a browser's cookie; None if there is no cookie."""
    return request.cookies.get(cookie_name(settings))


class Visitor(NamedTuple):
    """Person who is logged in."""

    person: Personne
    has_proved: bool
    """Whether the person has proved their identity within `PROOF_LASTS`."""


async def visitor(
    database: Database, provider: Provider, secret: str | None, idle: timedelta | None
) -> Visitor | None:
    """Return the person to whom a session belongs, found by the session's secret; None if there is no valid
    session. The session is extended by `idle`, if given. Raises BusUnavailable if the database cannot be
    reached."""
    if secret is None:
        return None
    async with database.statement() as connection:
        known = await sessions.known(connection, hash_of(secret), ASKED_EVERY, idle)
    if known is None:
        return None
    person: Personne | None = person_in(known.person)
    if known.due:
        person = await _asked_again(database, provider, secret, known)
    if person is None:
        return None
    return Visitor(person, has_just_proved(known.proved_at, datetime.now(UTC)))


def person_in(said: Mapping[str, Any]) -> Personne:
    """Return a person from the columns of a session."""
    return Personne(said["id"], said["nom"], Profil(said["profil"]), tuple(said["perimetre"]))


def has_just_proved(at: datetime | None, now: datetime) -> bool:
    """Return whether a proof of identity is younger than `PROOF_LASTS`; False for None."""
    return at is not None and now - at <= PROOF_LASTS


async def begin(
    connection: Connection,
    person: Personne,
    proof: str | None,
    proved_at: datetime | None,
    idle: timedelta,
    lasts: timedelta,
) -> str:
    """Begin a session of a person, and return its secret."""
    secret = new_secret()
    asked = sealed(secret, proof) if proof else None
    await sessions.begin(connection, hash_of(secret), asdict(person), asked, proved_at, idle, lasts)
    return secret


async def _asked_again(
    database: Database, provider: Provider, secret: str, known: sessions.Known
) -> Personne | None:
    """Ask the identity provider again about a person.

    Ends the session and returns None if the profile is gone, or after `UNASKABLE_LASTS` of silence. Returns
    the known person while another request asks.
    """
    person = person_in(known.person)
    async with database.statement() as connection:
        asked = await sessions.take_proof(connection, hash_of(secret), ASKED_EVERY)
    if asked is None:
        return person
    try:
        vouched = await provider.again(unsealed(secret, asked))
    except Misconfigured as exc:
        logger.warning("console.provider_is_silent", reason=str(exc))
        if known.vouched_at is not None and datetime.now(UTC) - known.vouched_at <= UNASKABLE_LASTS:
            return person
        vouched = None
    by_now = person_of(vouched.claims) if vouched else None
    async with database.transaction() as connection:
        if by_now is None or by_now.id != person.id or vouched is None or vouched.proof is None:
            await sessions.end(connection, hash_of(secret))
            await record(connection, "hub", CLOSED, person.id, {})
            return None
        proof = sealed(secret, vouched.proof)
        await sessions.vouched(connection, hash_of(secret), asdict(by_now), proof)
        if by_now != person:
            detail = {"profil": by_now.profil, "perimetre": by_now.perimetre}
            await record(connection, "hub", CHANGED, person.id, detail)
    return by_now


def sealed(secret: str, text: str) -> bytes:
    """Encrypt a text with a session's secret, which only the browser keeps."""
    return seal(_cipher(secret), text.encode(), PROOF)


def unsealed(secret: str, found: bytes) -> str:
    """Decrypt a text that was encrypted with a session's secret."""
    return unseal(_cipher(secret), found, PROOF).decode()


def _cipher(secret: str) -> AESGCM:
    return AESGCM(hashlib.sha256(PROOF + b"\0" + secret.encode()).digest())
