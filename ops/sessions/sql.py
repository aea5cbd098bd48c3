"""Store of the console's login sessions. A row is found by the hash of a secret known only to the browser.

Before the login, a session holds the answer expected from the identity provider, or the account of a login
link. At the login, a new session replaces it.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from pydantic_core import to_json

from router.store.sql import Connection, Sql

_BEGIN = Sql("""
    WITH expired AS (DELETE FROM console_session WHERE expires_at < now())
    INSERT INTO console_session (secret, attend, personne, proof, proved_at, expires_at, ends_at)
    VALUES (:secret, CAST(:attend AS jsonb), CAST(:personne AS jsonb), :proof, :proved_at,
            now() + LEAST(CAST(:idle AS interval), CAST(:lasts AS interval)), now() + CAST(:lasts AS interval))
""")
_DUE = "proof IS NOT NULL AND asked_at < now() - CAST(:every AS interval) AS due"
_PERSON = Sql(f"""
    WITH used AS (
        UPDATE console_session SET expires_at = LEAST(ends_at, now() + CAST(:idle AS interval))
        WHERE secret = :secret AND personne IS NOT NULL AND expires_at > now() AND expires_at < ends_at
          AND expires_at < now() + CAST(:idle AS interval) - interval '1 minute'
    )
    SELECT personne, proved_at, vouched_at, {_DUE}
    FROM console_session WHERE secret = :secret AND personne IS NOT NULL AND expires_at > now()
""")
"""SQL statement that reads the person of a session, and prolongs the session by `:idle`. If `:idle` is null,
the session is not prolonged: a page that refreshes itself must not prolong it."""
_STANDING = Sql(f"""
    SELECT secret, personne, {_DUE} FROM console_session
    WHERE secret = ANY(CAST(:secrets AS bytea[])) AND personne IS NOT NULL AND expires_at > now()
""")
_TAKE_PROOF = Sql("""
    UPDATE console_session SET asked_at = now()
    WHERE secret = :secret AND asked_at < now() - CAST(:every AS interval) RETURNING proof
""")
_VOUCHED = Sql("""
    UPDATE console_session SET personne = CAST(:personne AS jsonb), proof = :proof, vouched_at = now()
    WHERE secret = :secret
""")
_TAKE_LOGIN = Sql("""
    DELETE FROM console_session WHERE secret = :secret AND personne IS NULL AND expires_at > now() RETURNING attend
""")
_EXPECTED = Sql("""
    SELECT attend FROM console_session WHERE secret = :secret AND personne IS NULL AND expires_at > now()
""")
_END = Sql("DELETE FROM console_session WHERE secret = :secret")


class Known(NamedTuple):
    """Person whom a session has logged in."""

    person: Mapping[str, Any]
    due: bool
    """True if the identity provider has to confirm again that the person may still log in."""
    proved_at: datetime | None = None
    vouched_at: datetime | None = None
    """Moment at which the identity provider last confirmed the person."""


async def begin_login(
    connection: Connection, secret: bytes, expected: Mapping[str, Any], lasts: timedelta
) -> None:
    """Store a login that has begun, with the answer `expected` from the identity provider. The login expires if
    it is not completed within `lasts`."""
    attend = to_json(expected).decode()
    nobody = {"personne": None, "proof": None, "proved_at": None}
    await _BEGIN.run(connection, secret=secret, attend=attend, idle=lasts, lasts=lasts, **nobody)


async def expected(connection: Connection, secret: bytes) -> Mapping[str, Any] | None:
    """Return the answer that a begun login expects from the identity provider, to compare it with the answer
    that came. Return None if the login is unknown or has expired."""
    row = await _EXPECTED.first(connection, secret=secret)
    values: Mapping[str, Any] | None = row.attend if row else None
    return values


async def take_login(connection: Connection, secret: bytes) -> Mapping[str, Any] | None:
    """Find an unfinished login by the hash `secret`, and delete it. Return the answer that the hub expects
    from the identity provider for this login; None for an unknown or expired login."""
    row = await _TAKE_LOGIN.first(connection, secret=secret)
    expected: Mapping[str, Any] | None = row.attend if row else None
    return expected


async def begin(
    connection: Connection,
    secret: bytes,
    person: Mapping[str, Any],
    proof: bytes | None,
    proved_at: datetime | None,
    idle: timedelta,
    lasts: timedelta,
) -> None:
    """Store the session of a person who has logged in. The session ends after `idle` without use, and after
    `lasts` at the latest.

    `proof` is the encrypted token with which to ask the identity provider about the person again; None if the
    provider gave none. `proved_at` is the moment at which the person proved their identity.
    """
    what = {"attend": None, "personne": to_json(person).decode(), "proof": proof, "proved_at": proved_at}
    await _BEGIN.run(connection, secret=secret, idle=idle, lasts=lasts, **what)


async def known(
    connection: Connection, secret: bytes, every: timedelta, idle: timedelta | None
) -> Known | None:
    """Return the person of a session; None if there is no such session. If `idle` is given, prolong the
    session: it then lasts for `idle` from now, but never past its latest end. `Known.due` says whether the
    identity provider was last asked about the person longer than `every` ago."""
    row = await _PERSON.first(connection, secret=secret, every=every, idle=idle)
    return None if row is None else Known(row.personne, row.due, row.proved_at, row.vouched_at)


async def standing(
    connection: Connection, secrets: Collection[bytes], every: timedelta
) -> Mapping[bytes, Known]:
    """Return the people of these sessions, by the hash of the session's secret. Sessions that have ended are
    left out. `Known.due` says whether the identity provider was last asked longer than `every` ago."""
    rows = await _STANDING.all(connection, secrets=list(secrets), every=every)
    return {bytes(row.secret): Known(row.personne, row.due) for row in rows}


async def take_proof(connection: Connection, secret: bytes, every: timedelta) -> bytes | None:
    """Return the encrypted token with which to ask the identity provider about the person. Record that the
    provider is asked now. Return None if the provider was already asked within `every`, or if there is no
    session."""
    row = await _TAKE_PROOF.first(connection, secret=secret, every=every)
    return None if row is None else row.proof


async def vouched(connection: Connection, secret: bytes, person: Mapping[str, Any], proof: bytes) -> None:
    """Record that the identity provider has confirmed the person of a session. Store the person's new claims,
    and `proof`, the encrypted token for the next time the provider is asked."""
    await _VOUCHED.run(connection, secret=secret, personne=to_json(person).decode(), proof=proof)


async def end(connection: Connection, secret: bytes) -> None:
    """Delete the session whose secret has this hash."""
    await _END.run(connection, secret=secret)
