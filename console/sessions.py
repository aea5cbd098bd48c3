"""Keep the sessions of people who are logged in. A session's secret is in the browser's cookie, and the hash
of the secret in the database. The identity provider is asked regularly whether the person keeps their
profile."""

import asyncio
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
from console.rights import Personne, Profil, member_of, person_of
from contracts.errors import BusUnavailable, Misconfigured
from ops.sessions import sql as sessions
from router.domain.partners import Registry
from router.privacy.sealing import seal, unseal
from router.settings import ConsoleSettings
from router.store.audit import record
from router.store.database import Connection, Database

logger = structlog.get_logger()
ASKED_EVERY = timedelta(minutes=5)
"""Interval at which the identity provider is asked about a person."""
UNASKABLE_LASTS = timedelta(minutes=20)
"""How long a session goes on while the identity provider does not answer. It is also the longest duration of
a session without a token with which to ask the provider again."""
PROOF_LASTS = timedelta(minutes=10)
"""How long after a proof of identity a person may read messages in clear."""
KNOWN_SECONDS = 5.0
"""Maximum seconds to look up a session. Without this limit, a frozen database would hold a page for a
minute."""
FROZEN = (
    "La base ne répond pas : rechargez dans un instant. Pour l'équipe du hub, « siao-hub status » dit pourquoi, et "
    "docs/astreinte/base.md que faire."
)
PROOF = b"console proof"
CLOSED, CHANGED = "console.fermer", "console.profil"
LOGIN_LASTS = timedelta(minutes=10)
"""Maximum duration of a login."""


def is_tls(settings: ConsoleSettings) -> bool:
    """Return whether browsers reach the console by https, directly or through a proxy."""
    return (settings.url or "").startswith("https://")


def new_secret() -> str:
    """Return a new secret of 256 random bits, as text."""
    return secrets.token_urlsafe(32)


def hash_of(secret: str) -> bytes:
    """Return the hash of a session's secret. Only the hash is stored, so that whoever reads the database cannot
    take a session over."""
    return hashlib.sha256(secret.encode()).digest()


def form_token(secret: str) -> str:
    """Return the token that the forms of a session must post. It is derived from the session's secret, so that
    another site cannot forge a form."""
    return hashlib.sha256(b"formulaire\0" + secret.encode()).hexdigest()


def cookie_name(settings: ConsoleSettings) -> str:
    """Return the name of the session cookie. Over TLS, the name begins with `__Host-`: browsers then let no
    other site or subdomain set the cookie."""
    return "__Host-siao" if is_tls(settings) else "siao"


def give(response: Response, settings: ConsoleSettings, secret: str, lasts: timedelta) -> None:
    """Put the session's secret into a cookie of the response. The cookie lasts for `lasts`, and the browser
    does not send it with forms that other sites post."""
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
    """Return the secret in the session cookie of a request; None without cookie."""
    return request.cookies.get(cookie_name(settings))


class Visitor(NamedTuple):
    """Person of a session, and whether this person has proved their identity lately enough to read messages in
    clear."""

    person: Personne
    has_proved: bool
    """Whether the person has proved their identity within `PROOF_LASTS`."""


async def visitor(
    database: Database, provider: Provider, registry: Registry, secret: str | None, idle: timedelta | None
) -> Visitor | None:
    """Return the person who is logged in under the session's secret `secret`. Return None if:
    * there is no secret, or the session is unknown or over;
    * the identity provider no longer vouches for the person;
    * `registry` no longer has the partner of the person's account.
    If `idle` is given, the session is prolonged to `idle` from now, but not beyond its latest end. Raises
    BusUnavailable if the database does not answer in time.
    """
    if secret is None:
        return None
    try:
        async with asyncio.timeout(KNOWN_SECONDS), database.statement() as connection:
            known = await sessions.known(connection, hash_of(secret), ASKED_EVERY, idle)
    except TimeoutError as exc:
        raise BusUnavailable(FROZEN) from exc
    if known is None:
        return None
    person = person_in(known.person, registry)
    if person is not None and known.due:
        person = await _asked_again(database, provider, secret, known, person)
    if person is None:
        return None
    return Visitor(person, has_just_proved(known.proved_at, datetime.now(UTC)))


def person_in(said: Mapping[str, Any], registry: Registry) -> Personne | None:
    """Return the person that the stored data of a session describe; None if the registry lacks the partner of
    the person's account. The rights of a person with an account follow the registry."""
    if partner := said.get("partenaire"):
        return member_of(partner, said["id"], said["nom"], registry)
    return Personne(said["id"], said["nom"], Profil(said["profil"]), tuple(said["perimetre"]))


def has_just_proved(at: datetime | None, now: datetime) -> bool:
    """Return whether a proof of identity, given at the moment `at`, still counts as fresh. Return False without
    a proof (`at` is None)."""
    return at is not None and now - at <= PROOF_LASTS


async def begin(
    connection: Connection,
    person: Personne,
    proof: str | None,
    proved_at: datetime | None,
    idle: timedelta,
    lasts: timedelta,
    partner: str | None = None,
) -> str:
    """Begin a session, and return its secret. The session ends after the time `idle` without use, or after
    `lasts`. `proof`: the provider's refresh token, stored encrypted under the secret; `proved_at`: last proof
    of identity; `partner`: partner of the person's account, for a login by mail."""
    secret = new_secret()
    asked = sealed(secret, proof) if proof else None
    said = asdict(person) | {"partenaire": partner}
    await sessions.begin(connection, hash_of(secret), said, asked, proved_at, idle, lasts)
    return secret


async def _asked_again(
    database: Database, provider: Provider, secret: str, known: sessions.Known, person: Personne
) -> Personne | None:
    """Ask the identity provider about the person again, and return the person. If the provider refuses, or has
    been silent for too long, end the session and return None."""
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
    """Encrypt a text under a session's secret. Only the browser keeps this secret."""
    return seal(_cipher(secret), text.encode(), PROOF)


def unsealed(secret: str, found: bytes) -> str:
    """Decrypt a text that `sealed` encrypted under the same secret. Raises InvalidContract if the encrypted
    text was changed, or was encrypted under another secret."""
    return unseal(_cipher(secret), found, PROOF).decode()


def _cipher(secret: str) -> AESGCM:
    return AESGCM(hashlib.sha256(PROOF + b"\0" + secret.encode()).digest())
