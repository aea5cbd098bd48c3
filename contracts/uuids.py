"""Make and read UUIDs fast. They belong to a subclass of `uuid.UUID` written in C, from PostgreSQL's
driver."""

import os
from datetime import UTC, datetime
from hashlib import sha1
from uuid import UUID

from asyncpg.pgproto.pgproto import UUID as _Quick

__all__ = ["beside", "dated", "moment_of", "named", "random", "read"]

_MOMENT_BYTES = 6
"""Number of bytes at the start of a dated UUID (version 7) that hold its time, in milliseconds."""
_BESIDE_BYTES = 4
"""Number of bytes that `beside` copies. They hold the time, rounded to 65 seconds. If two partners had ids
with the exact time, they could find out which of their ids belong together."""
_WITH_A_MOMENT = (7, 8)
"""Versions of UUID that begin with a time."""


def read(text: str) -> UUID:
    """Parse a UUID. Raises ValueError for text that is no UUID."""
    ident: UUID = _Quick(text)
    return ident


def named(namespace: UUID, name: str) -> UUID:
    """Return the UUID of a name in a namespace (RFC 9562, version 5). Equal arguments give an equal UUID."""
    return _versioned(_digest(namespace.bytes, name), 0x50)


def random() -> UUID:
    """Return a new random UUID (RFC 9562, version 4)."""
    return _versioned(os.urandom(16), 0x40)


def dated(moment: datetime) -> UUID:
    """Return a new UUID that begins with `moment` (RFC 9562, version 7). UUIDs made one after the other then
    stand together in an index of the database."""
    milliseconds = int(moment.timestamp() * 1000)
    return _versioned(milliseconds.to_bytes(_MOMENT_BYTES, "big") + os.urandom(10), 0x70)


def moment_of(ident: UUID) -> datetime | None:
    """Return the time (UTC) with which a UUID of version 7 begins. Return None for another version, or a time
    after the year 9999."""
    if ident.version != _WITH_A_MOMENT[0]:
        return None
    try:
        return datetime.fromtimestamp(int.from_bytes(ident.bytes[:_MOMENT_BYTES], "big") / 1000, UTC)
    except ValueError:
        return None


def beside(ident: UUID, name: str) -> UUID:
    """Return a UUID made of `ident` and `name`. Equal arguments give an equal UUID. If `ident` begins with a
    time, the result begins with about the same time, so that both stand near each other in an index."""
    source = ident.bytes
    if source[_MOMENT_BYTES] >> 4 not in _WITH_A_MOMENT:
        return named(ident, name)
    return _versioned(source[:_BESIDE_BYTES] + _digest(source, name)[_BESIDE_BYTES:16], 0x80)


def _digest(source: bytes, name: str) -> bytes:
    return sha1(source + name.encode(), usedforsecurity=False).digest()


def _versioned(raw: bytes, version: int) -> UUID:
    marked = bytes((raw[6] & 0x0F | version, raw[7], raw[8] & 0x3F | 0x80))
    ident: UUID = _Quick(raw[:6] + marked + raw[9:16])
    return ident
