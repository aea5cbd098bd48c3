"""Who is logged in to the console. A session is known by the hash of the secret that its browser holds.

It begins before anybody is known, with what the identity provider will have to prove (`attend`); once it has, another
session of another secret takes its place. Now and then the provider is asked again whether it still vouches for them;
what it is asked by (`proof`) is sealed under the secret.
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
"""Without `idle` nothing is written: somebody's page asks by itself."""
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
_END = Sql("DELETE FROM console_session WHERE secret = :secret")


class Known(NamedTuple):
    """Somebody who is logged in."""

    person: Mapping[str, Any]
    due: bool
    """Whether the provider has not been asked about them for a while."""
    proved_at: datetime | None = None
    vouched_at: datetime | None = None
    """When the provider last answered."""


async def begin_login(
    connection: Connection, secret: bytes, expected: Mapping[str, Any], lasts: timedelta
) -> None:
    """Keep what a login that begins is to be compared with."""
    attend = to_json(expected).decode()
    nobody = {"personne": None, "proof": None, "proved_at": None}
    await _BEGIN.run(connection, secret=secret, attend=attend, idle=lasts, lasts=lasts, **nobody)


async def take_login(connection: Connection, secret: bytes) -> Mapping[str, Any] | None:
    """What a login was begun with, once; None where there is none, or it took too long."""
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
    """Somebody is logged in: for as long as they use it, with pauses of `idle` at most, and no longer than `lasts`."""
    what = {"attend": None, "personne": to_json(person).decode(), "proof": proof, "proved_at": proved_at}
    await _BEGIN.run(connection, secret=secret, idle=idle, lasts=lasts, **what)


async def known(
    connection: Connection, secret: bytes, every: timedelta, idle: timedelta | None
) -> Known | None:
    """Who is logged in by this secret, the provider being asked again so often. Keeps the session for `idle` more;
    without one, as it is."""
    row = await _PERSON.first(connection, secret=secret, every=every, idle=idle)
    return None if row is None else Known(row.personne, row.due, row.proved_at, row.vouched_at)


async def standing(
    connection: Connection, secrets: Collection[bytes], every: timedelta
) -> Mapping[bytes, Known]:
    """Those of these sessions that have not ended."""
    rows = await _STANDING.all(connection, secrets=list(secrets), every=every)
    return {bytes(row.secret): Known(row.personne, row.due) for row in rows}


async def take_proof(connection: Connection, secret: bytes, every: timedelta) -> bytes | None:
    """What the provider is to be asked by now; None for whoever comes second, or where the session has ended."""
    row = await _TAKE_PROOF.first(connection, secret=secret, every=every)
    return None if row is None else row.proof


async def vouched(connection: Connection, secret: bytes, person: Mapping[str, Any], proof: bytes) -> None:
    """The provider still vouches for them, with these claims; `proof` is what it is asked by the next time."""
    await _VOUCHED.run(connection, secret=secret, personne=to_json(person).decode(), proof=proof)


async def end(connection: Connection, secret: bytes) -> None:
    """Nobody is logged in by this secret any more."""
    await _END.run(connection, secret=secret)
