"""Who is logged in to the console. A session is known by the hash of the secret that its browser holds.

It begins before anybody is known, with what the identity provider will have to prove (`attend`); once it has, another
session of another secret takes its place.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from pydantic_core import to_json

from router.store.sql import Connection, Sql

_BEGIN = Sql("""
    WITH expired AS (DELETE FROM console_session WHERE expires_at < now())
    INSERT INTO console_session (secret, attend, personne, expires_at)
    VALUES (:secret, CAST(:attend AS jsonb), CAST(:personne AS jsonb), now() + CAST(:lasts AS interval))
""")
_PERSON = Sql("""
    SELECT personne FROM console_session WHERE secret = :secret AND personne IS NOT NULL AND expires_at > now()
""")
_TAKE_LOGIN = Sql("""
    DELETE FROM console_session WHERE secret = :secret AND personne IS NULL AND expires_at > now() RETURNING attend
""")
_END = Sql("DELETE FROM console_session WHERE secret = :secret")


async def begin_login(
    connection: Connection, secret: bytes, expected: Mapping[str, Any], lasts: timedelta
) -> None:
    """Keep what a login that begins is to be compared with."""
    attend = to_json(expected).decode()
    await _BEGIN.run(connection, secret=secret, attend=attend, personne=None, lasts=lasts)


async def take_login(connection: Connection, secret: bytes) -> Mapping[str, Any] | None:
    """What a login was begun with, once; None where there is none, or it took too long."""
    row = await _TAKE_LOGIN.first(connection, secret=secret)
    expected: Mapping[str, Any] | None = row.attend if row else None
    return expected


async def begin(connection: Connection, secret: bytes, person: Mapping[str, Any], lasts: timedelta) -> None:
    """Somebody is logged in for so long."""
    personne = to_json(person).decode()
    await _BEGIN.run(connection, secret=secret, attend=None, personne=personne, lasts=lasts)


async def person(connection: Connection, secret: bytes) -> Mapping[str, Any] | None:
    """Who is logged in by this secret."""
    row = await _PERSON.first(connection, secret=secret)
    found: Mapping[str, Any] | None = row.personne if row else None
    return found


async def end(connection: Connection, secret: bytes) -> None:
    """Nobody is logged in by this secret any more."""
    await _END.run(connection, secret=secret)
