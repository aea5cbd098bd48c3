"""Store of the console's sessions, by the hash of a secret that only the browser knows. Before login, a session
holds the answer expected from the identity provider, or the account of a login link."""

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
"""SQL statement that reads a session's person, and prolongs the session by `:idle` unless null: a page that
refreshes itself must not prolong it."""
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
    """Person who has logged in, with what their session has stored of them."""

    person: Mapping[str, Any]
    due: bool
    """Whether the identity provider has to confirm the person again."""
    proved_at: datetime | None = None
    vouched_at: datetime | None = None


async def begin_login(
    connection: Connection, secret: bytes, expected: Mapping[str, Any], lasts: timedelta
) -> None:
    """Store that a person has begun to log in. The login must end within `lasts`. `secret` is the hash of the
    secret that identifies the login. `expected` has the page to open after the login. For a login at the
    identity provider, it also has the values with which to check the provider's reply. For a login by a mailed
    link, it also has the account, and an encrypted new second factor in case the account has none."""
    attend = to_json(expected).decode()
    nobody = {"personne": None, "proof": None, "proved_at": None}
    await _BEGIN.run(connection, secret=secret, attend=attend, idle=lasts, lasts=lasts, **nobody)


async def expected(connection: Connection, secret: bytes) -> Mapping[str, Any] | None:
    """Return what the identity provider's reply must contain for the begun login `secret`; None for an unknown
    or expired login."""
    row = await _EXPECTED.first(connection, secret=secret)
    values: Mapping[str, Any] | None = row.attend if row else None
    return values


async def take_login(connection: Connection, secret: bytes) -> Mapping[str, Any] | None:
    """Delete the login that a person has begun under `secret`. Return the values stored at its beginning, with
    which to check the identity provider's reply; None for an unknown or expired login."""
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
    """Store a person's session, identified by `secret`. It ends after `idle` without use, at the latest after
    `lasts`. `proof` is the encrypted token with which the hub later asks the identity provider to confirm the
    person; None if there is no token. `proved_at` is when the person last proved their identity; None if
    unknown."""
    what = {"attend": None, "personne": to_json(person).decode(), "proof": proof, "proved_at": proved_at}
    await _BEGIN.run(connection, secret=secret, idle=idle, lasts=lasts, **what)


async def known(
    connection: Connection, secret: bytes, every: timedelta, idle: timedelta | None
) -> Known | None:
    """Return the person of the session `secret`; None if it is unknown or over. `Known.due` says that the hub
    has a token for the identity provider, and last asked it about the person more than `every` ago. With
    `idle`, the call counts as a use. The session then ends after `idle` without further use, at the latest at
    the end fixed when the person logged in."""
    row = await _PERSON.first(connection, secret=secret, every=every, idle=idle)
    return None if row is None else Known(row.personne, row.due, row.proved_at, row.vouched_at)


async def standing(
    connection: Connection, secrets: Collection[bytes], every: timedelta
) -> Mapping[bytes, Known]:
    """Return the person of each of these sessions, by secret, without unknown and ended sessions. `Known.due`
    says that the hub has a token for the identity provider, and last asked it about the person more than
    `every` ago."""
    rows = await _STANDING.all(connection, secrets=list(secrets), every=every)
    return {bytes(row.secret): Known(row.personne, row.due) for row in rows}


async def take_proof(connection: Connection, secret: bytes, every: timedelta) -> bytes | None:
    """Return the encrypted token with which to ask the identity provider whether it still vouches for a
    session's person, and record that the provider is asked now. `secret`: hash of the session's secret. Return
    None if the provider was asked within `every`, or if there is no session or token."""
    row = await _TAKE_PROOF.first(connection, secret=secret, every=every)
    return None if row is None else row.proof


async def vouched(connection: Connection, secret: bytes, person: Mapping[str, Any], proof: bytes) -> None:
    """Record that the identity provider has just confirmed the person of a session. `secret`: hash of the
    session's secret. `person` has the person's present data. `proof` is the encrypted token with which the hub
    will ask the provider about the person the next time."""
    await _VOUCHED.run(connection, secret=secret, personne=to_json(person).decode(), proof=proof)


async def end(connection: Connection, secret: bytes) -> None:
    """Delete the session whose secret has the hash `secret`."""
    await _END.run(connection, secret=secret)
