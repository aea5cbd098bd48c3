"""Store which HMAC keys are in use, by their marks. A mark is the short name of a key.

The newest key makes the fingerprints by which the hub recognises values without reading them. The first key
of an installation has no row until it is replaced.
"""

from collections.abc import Sequence

from contracts.errors import BusUnavailable
from router.store.sql import Connection, Sql

WRITES = """
    CAST(:writer AS bytea) = COALESCE((SELECT mark FROM hmac_key ORDER BY at DESC LIMIT 1), :writer)
"""
"""SQL condition: the key with the mark `:writer` makes new fingerprints. A statement with this condition
writes nothing once that key was replaced."""
TURNED = f"NOT ({WRITES})"
"""SQL condition: the key with the mark `:writer` was replaced."""
_IN_USE = Sql("SELECT mark FROM hmac_key ORDER BY at")
FINGERPRINTED = ("idempotency_key", "crosswalk", "housing_number")
"""Tables with fingerprints. Transactions must lock them in this order, so that they cannot deadlock."""
_NO_WRITING = tuple(Sql(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE") for table in FINGERPRINTED)
_REPLACED = Sql("INSERT INTO hmac_key (mark, at) VALUES (:mark, 'epoch') ON CONFLICT DO NOTHING")
_WRITE_WITH = Sql("INSERT INTO hmac_key (mark) VALUES (:mark) ON CONFLICT DO NOTHING RETURNING mark")
_TAKE_OUT = Sql("DELETE FROM hmac_key WHERE mark <> :writer")


class KeyTurned(BusUnavailable):
    """Raised when the HMAC key with which a fingerprint was made has been replaced. The caller may make the
    fingerprint again."""

    def __init__(self) -> None:
        super().__init__("la clé des empreintes vient de changer")


async def in_use(connection: Connection) -> Sequence[bytes]:
    """Return the marks of the HMAC keys in use, oldest first. The result is empty until the first key is
    replaced: only then is the mark of the first key, `b""`, stored."""
    return await _IN_USE.column(connection)


async def write_with(connection: Connection, writer: bytes, replaced: bytes) -> bool:
    """Let the key with the mark `writer` make new fingerprints. The key with the mark `replaced`, which made
    them before, still recognises older ones. Waits for transactions that write fingerprints. Return False if
    `writer` is in use already."""
    for each in _NO_WRITING:
        await each.run(connection)
    await _REPLACED.run(connection, mark=replaced)
    return await _WRITE_WITH.first(connection, mark=writer) is not None


async def take_out(connection: Connection, writer: bytes) -> None:
    """Take all HMAC keys out of use, except the key with the mark `writer`."""
    await _TAKE_OUT.run(connection, writer=writer)
