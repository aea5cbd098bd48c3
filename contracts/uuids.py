"""Make ids quickly.

The standard library's UUIDs are written in Python: a worker spent a sixth of its time in them. This class is
in C and comes with PostgreSQL's driver, so ids read from tables already have it. To every caller it is a
`uuid.UUID`.
"""

import os
from datetime import datetime
from hashlib import sha1
from uuid import UUID

from asyncpg.pgproto.pgproto import UUID as _Quick

__all__ = ["beside", "dated", "named", "random", "read"]

_MOMENT_BYTES = 6
"""Number of bytes at the start of a dated id that hold its time, in milliseconds."""
_BESIDE_BYTES = 4
"""Number of bytes that `beside` copies from the first id: they name the 65 seconds in which that id was made.
The exact time is not copied, because two partners who each see one of the two ids could match them by it."""
_WITH_A_MOMENT = (7, 8)
"""UUID versions that begin with a time."""


def read(text: str) -> UUID:
    """Return the id that a text contains. Raises ValueError."""
    ident: UUID = _Quick(text)
    return ident


def named(namespace: UUID, name: str) -> UUID:
    """Return the id of this name in this namespace (RFC 9562, version 5). Equal input gives equal ids."""
    return _versioned(_digest(namespace.bytes, name), 0x50)


def random() -> UUID:
    """Make a new id from the system's randomness (RFC 9562, version 4)."""
    return _versioned(os.urandom(16), 0x40)


def dated(moment: datetime) -> UUID:
    """Make a new id that begins with this moment (RFC 9562, version 7), so that ids of one hour are
    neighbours in an index."""
    milliseconds = int(moment.timestamp() * 1000)
    return _versioned(milliseconds.to_bytes(_MOMENT_BYTES, "big") + os.urandom(10), 0x70)


def beside(ident: UUID, name: str) -> UUID:
    """Return an id made of another id and a name; equal input gives equal ids. It begins with the same 65
    seconds as the other id (version 8), so both are near each other in an index. If the other id holds no
    time, as that of a person, return a version 5 id in its namespace."""
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
