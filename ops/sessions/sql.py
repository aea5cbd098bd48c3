"""Store the console's sessions. A session is found by the hash of a secret that only the browser knows.
Before the login has ended, a session holds what the login needs: the answer expected from the identity
provider (the service that vouches for people who log in), or the account of a login link."""

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
"""SQL statement that reads a session's person, and prolongs the session by `:idle`. If `:idle` is null, the
session is not prolonged: a page that refreshes itself must not prolong it."""
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
    """What a session has stored about the person who has logged in."""

    person: Mapping[str, Any]
    due: bool
    """Whether it is time to ask the identity provider again whether it still vouches for the person."""
    proved_at: datetime | None = None
    vouched_at: datetime | None = None


async def begin_login(
    connection: Connection, secret: bytes, expected: Mapping[str, Any], lasts: timedelta
) -> None:
    """Store that a person has begun to log in. The login must end within `lasts`. `secret` is the hash of the
    secret that identifies the login. `expected` has what the end of the login needs:

    * the page to open after the login;
    * for a login at the identity provider: the values with which to check the provider's reply;
    * for a login by a mailed link: the account, and a new second factor, encrypted, in case the account has
      none.
    """
    attend = to_json(expected).decode()
    nobody = {"personne": None, "proof": None, "proved_at": None}
    await _BEGIN.run(connection, secret=secret, attend=attend, idle=lasts, lasts=lasts, **nobody)


async def expected(connection: Connection, secret: bytes) -> Mapping[str, Any] | None:
    """Return what was stored at the beginning of a login, such as what the identity provider's reply must
    contain. `secret` is the hash of the login's secret. Return None if the login is unknown or expired."""
    row = await _EXPECTED.first(connection, secret=secret)
    values: Mapping[str, Any] | None = row.attend if row else None
    return values


async def take_login(connection: Connection, secret: bytes) -> Mapping[str, Any] | None:
    """Delete a login that a person has begun, and return what `begin_login` stored for the end of this login.
    `secret` is the hash of the login's secret. Return None if the login is unknown or expired."""
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
    """Store the session of a person who has logged in. `secret` is the hash of the secret that identifies it.
    The session ends after `idle` without use, and at the latest after `lasts`. `proof` is an encrypted token,
    with which the hub later asks the identity provider whether it still vouches for the person; None if there
    is no token. `proved_at` is when the person last proved their identity; None if unknown."""
    what = {"attend": None, "personne": to_json(person).decode(), "proof": proof, "proved_at": proved_at}
    await _BEGIN.run(connection, secret=secret, idle=idle, lasts=lasts, **what)


async def known(
    connection: Connection, secret: bytes, every: timedelta, idle: timedelta | None
) -> Known | None:
    """Return the person of a session; None if the session is unknown or over. `secret` is the hash of the
    session's secret. `Known.due` is True if the identity provider should be asked about the person again: the
    hub has a token for this, and last asked more than `every` ago. With `idle`, the call counts as a use: the
    session then ends after `idle` without further use, at the latest at the end fixed when the person logged
    in."""
    row = await _PERSON.first(connection, secret=secret, every=every, idle=idle)
    return None if row is None else Known(row.personne, row.due, row.proved_at, row.vouched_at)


async def standing(
    connection: Connection, secrets: Collection[bytes], every: timedelta
) -> Mapping[bytes, Known]:
    """Return the persons of several sessions. `secrets` has the hashes of the sessions' secrets; the result
    is keyed by these hashes. Sessions that are unknown or over are left out. `Known.due` is True if the
    identity provider should be asked about the person again: the hub has a token for this, and last asked
    more than `every` ago."""
    rows = await _STANDING.all(connection, secrets=list(secrets), every=every)
    return {bytes(row.secret): Known(row.personne, row.due) for row in rows}


async def take_proof(connection: Connection, secret: bytes, every: timedelta) -> bytes | None:
    """Return the encrypted token with which to ask the identity provider whether it still vouches for the
    person of a session. Record that the provider is asked now. `secret` is the hash of the session's secret.
    Return None if the provider was already asked within `every`, or if there is no such session or no
    token."""
    row = await _TAKE_PROOF.first(connection, secret=secret, every=every)
    return None if row is None else row.proof


async def vouched(connection: Connection, secret: bytes, person: Mapping[str, Any], proof: bytes) -> None:
    """Record that the identity provider has just vouched for the person of a session. `secret` is the hash of
    the session's secret. `person` has the person's present data. `proof` is the encrypted token with which
    the hub will ask the provider about the person the next time."""
    await _VOUCHED.run(connection, secret=secret, personne=to_json(person).decode(), proof=proof)


async def end(connection: Connection, secret: bytes) -> None:
    """Delete the session whose secret has the hash `secret`."""
    await _END.run(connection, secret=secret)
