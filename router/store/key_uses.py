"""Store when each API key was last used. Keys are identified by their hash."""

from collections.abc import Collection, Mapping
from datetime import datetime

from router.store.sql import Connection, Sql

_NOTE = Sql("""
    INSERT INTO key_use (key, used_at)
    SELECT * FROM unnest(CAST(:keys AS text[]), CAST(:times AS timestamptz[]))
    ON CONFLICT (key) DO UPDATE SET used_at = greatest(key_use.used_at, excluded.used_at)
""")
_READ = Sql("SELECT key, used_at FROM key_use")
_FORGET = Sql("DELETE FROM key_use WHERE key <> ALL (CAST(:keys AS text[]))")


async def note(connection: Connection, uses: Mapping[str, datetime]) -> None:
    """Store the last uses of API keys. If a later use of a key is stored already, it is not changed."""
    keys = sorted(uses)  # sorted, so that two gateways cannot deadlock
    await _NOTE.run(connection, keys=keys, times=[uses[key] for key in keys])


async def read(connection: Connection) -> dict[str, datetime]:
    """Return the moment of the last use of each API key, by the key's hash."""
    return {row.key: row.used_at for row in await _READ.all(connection)}


async def forget_all_but(connection: Connection, keys: Collection[str]) -> None:
    """Delete the uses of all API keys but these."""
    await _FORGET.run(connection, keys=sorted(keys))
