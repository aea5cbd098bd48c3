"""Store which HMAC keys are in use. Each key has a mark: a short name that ends each fingerprint made with
the key.

The newest key makes new fingerprints. The first key of an installation has no row until it is replaced.
"""

from collections.abc import Sequence

from contracts.errors import BusUnavailable
from router.store.sql import Connection, Sql

WRITES = """
    CAST(:writer AS bytea) = COALESCE((SELECT mark FROM hmac_key ORDER BY at DESC LIMIT 1), :writer)
"""
"""SQL condition: new fingerprints are made with the HMAC key whose mark (short name) is `:writer`. A
statement with this condition writes nothing once this HMAC key has been replaced."""
TURNED = f"NOT ({WRITES})"
"""SQL condition: the HMAC key with the mark (short name) `:writer` was replaced. It must no longer make new
fingerprints (HMACs)."""
_IN_USE = Sql("SELECT mark FROM hmac_key ORDER BY at")
FINGERPRINTED = ("idempotency_key", "crosswalk", "housing_number")
"""Tables that contain fingerprints (HMACs). Transactions that lock several of these tables must lock them in
this order, or they may deadlock."""
_NO_WRITING = tuple(Sql(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE") for table in FINGERPRINTED)
_REPLACED = Sql("INSERT INTO hmac_key (mark, at) VALUES (:mark, 'epoch') ON CONFLICT DO NOTHING")
_WRITE_WITH = Sql("INSERT INTO hmac_key (mark) VALUES (:mark) ON CONFLICT DO NOTHING RETURNING mark")
_TAKE_OUT = Sql("DELETE FROM hmac_key WHERE mark <> :writer")


class KeyTurned(BusUnavailable):
    """Raised when a fingerprint (keyed hash of a value) was made with an HMAC key that has been replaced. Make
    the fingerprint again with the new key."""

    def __init__(self) -> None:
        super().__init__("la clé des empreintes vient de changer")


async def in_use(connection: Connection) -> Sequence[bytes]:
    """Return the marks (short names) of the HMAC keys in use, oldest key first. Marks are stored only once
    the HMAC key has been replaced. Until then, return an empty list."""
    return await _IN_USE.column(connection)


async def write_with(connection: Connection, writer: bytes, replaced: bytes) -> bool:
    """Let the HMAC key with the mark (short name) `writer` make new fingerprints. The key `replaced` stays in
    use to recognise older fingerprints. Return False if `writer` is already in use.

    Wait until no transaction is writing fingerprints.
    """
    for each in _NO_WRITING:
        await each.run(connection)
    await _REPLACED.run(connection, mark=replaced)
    return await _WRITE_WITH.first(connection, mark=writer) is not None


async def take_out(connection: Connection, writer: bytes) -> None:
    """Stop using all HMAC keys except the key with the mark (short name) `writer`."""
    await _TAKE_OUT.run(connection, writer=writer)
