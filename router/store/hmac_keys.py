"""Marks of the HMAC keys in use, the newest of which writes.

No table row is written here for the first key of an installation until it is replaced.
"""

from collections.abc import Sequence

from contracts.errors import BusUnavailable
from router.store.sql import Connection, Sql

WRITES = """
    CAST(:writer AS bytea) = COALESCE((SELECT mark FROM hmac_key ORDER BY at DESC LIMIT 1), :writer)
"""
"""Condition that the key under which a fingerprint was made still writes."""
TURNED = f"NOT ({WRITES})"
"""Condition that it does not."""
_IN_USE = Sql("SELECT mark FROM hmac_key ORDER BY at")
_NO_WRITING = tuple(
    Sql(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")
    for table in ("idempotency_key", "crosswalk", "housing_number")
)
_REPLACED = Sql("INSERT INTO hmac_key (mark, at) VALUES (:mark, 'epoch') ON CONFLICT DO NOTHING")
_WRITE_WITH = Sql("INSERT INTO hmac_key (mark) VALUES (:mark)")
_TAKE_OUT = Sql("DELETE FROM hmac_key WHERE mark <> :writer")


class KeyTurned(BusUnavailable):
    """Fingerprints were made under a key that writes no more: make them again."""

    def __init__(self) -> None:
        super().__init__("la clé des empreintes vient de changer")


async def in_use(connection: Connection) -> Sequence[bytes]:
    """Return the marks of the keys in use, the one that writes last; none where the key was never replaced."""
    return await _IN_USE.column(connection)


async def write_with(connection: Connection, writer: bytes, replaced: bytes) -> None:
    """Let another key write. Waits for transactions that are writing fingerprints: after the commit none is
    written under the replaced one."""
    for each in _NO_WRITING:
        await each.run(connection)
    await _REPLACED.run(connection, mark=replaced)
    await _WRITE_WITH.run(connection, mark=writer)


async def take_out(connection: Connection, writer: bytes) -> None:
    """Leave only the key that writes in use."""
    await _TAKE_OUT.run(connection, writer=writer)
