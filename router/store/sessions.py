"""Who is logged in to the console. A session is known by the hash of the secret that its browser holds.

It begins before anybody is known, with what the identity provider will have to prove (`attend`); once it has, another
session of another secret takes its place. Now and then the provider is asked again whether it still vouches for them;
what it is asked by (`proof`) is sealed under the secret.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from pydantic_core import to_json

from router.store.sql import Connection, Sql

_BEGIN = Sql("""
    WITH expired AS (DELETE FROM console_session WHERE expires_at < now())
    INSERT INTO console_session (secret, attend, personne, proof, expires_at)
    VALUES (:secret, CAST(:attend AS jsonb), CAST(:personne AS jsonb), :proof, now() + CAST(:lasts AS interval))
""")
_PERSON = Sql("""
    SELECT personne, proof IS NOT NULL AND asked_at < now() - CAST(:every AS interval) AS due
    FROM console_session WHERE secret = :secret AND personne IS NOT NULL AND expires_at > now()
""")
_TAKE_PROOF = Sql("""
    UPDATE console_session SET asked_at = now()
    WHERE secret = :secret AND asked_at < now() - CAST(:every AS interval) RETURNING proof
""")
_VOUCHED = Sql("""
    UPDATE console_session SET personne = CAST(:personne AS jsonb), proof = :proof WHERE secret = :secret
""")
_TAKE_LOGIN = Sql("""
    DELETE FROM console_session WHERE secret = :secret AND personne IS NULL AND expires_at > now() RETURNING attend
""")
_END = Sql("DELETE FROM console_session WHERE secret = :secret")


class Known(NamedTuple):
    """Somebody who is logged in. `due`: the provider has not been asked about them for a while."""

    person: Mapping[str, Any]
    due: bool


async def begin_login(
    connection: Connection, secret: bytes, expected: Mapping[str, Any], lasts: timedelta
) -> None:
    """Keep what a login that begins is to be compared with."""
    attend = to_json(expected).decode()
    await _BEGIN.run(connection, secret=secret, attend=attend, personne=None, proof=None, lasts=lasts)


async def take_login(connection: Connection, secret: bytes) -> Mapping[str, Any] | None:
    """What a login was begun with, once; None where there is none, or it took too long."""
    row = await _TAKE_LOGIN.first(connection, secret=secret)
    expected: Mapping[str, Any] | None = row.attend if row else None
    return expected


async def begin(
    connection: Connection, secret: bytes, person: Mapping[str, Any], proof: bytes | None, lasts: timedelta
) -> None:
    """Somebody is logged in for so long at most."""
    personne = to_json(person).decode()
    await _BEGIN.run(connection, secret=secret, attend=None, personne=personne, proof=proof, lasts=lasts)


async def known(connection: Connection, secret: bytes, every: timedelta) -> Known | None:
    """Who is logged in by this secret, the provider being asked again so often."""
    row = await _PERSON.first(connection, secret=secret, every=every)
    return None if row is None else Known(row.personne, row.due)


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
