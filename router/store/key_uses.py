"""Store when each API key was last used, and when each retired API key was last refused. A retired key is one
that was removed from its partner's registry entry. The tables have the keys' hashes, never the keys."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from router.store.sql import Connection, Row, Sql

_NOTE = Sql("""
    INSERT INTO key_use (key, used_at)
    SELECT * FROM unnest(CAST(:keys AS text[]), CAST(:times AS timestamptz[]))
    ON CONFLICT (key) DO UPDATE SET used_at = greatest(key_use.used_at, excluded.used_at)
""")
_READ = Sql("SELECT key, used_at FROM key_use")
_FORGET = Sql("""
    WITH unused AS (DELETE FROM key_use WHERE key <> ALL (CAST(:keys AS text[])))
    DELETE FROM retired_key WHERE key = ANY (CAST(:keys AS text[]))
       OR greatest(retired_at, refused_at) < now() - interval '90 days'
""")
_RETIRE = Sql("""
    INSERT INTO retired_key (key, partner, retired_at)
    SELECT key, partner, now() FROM unnest(CAST(:keys AS text[]), CAST(:partners AS text[])) AS gone(key, partner)
    ON CONFLICT (key) DO UPDATE SET partner = excluded.partner, retired_at = excluded.retired_at
""")
_RETIRED = Sql("SELECT key FROM retired_key")
_STILL_SENT = Sql("""
    SELECT key, retired_at, refused_since, refused_at FROM retired_key
    WHERE partner = :partner AND refused_at IS NOT NULL ORDER BY refused_at DESC
""")
_REFUSE = Sql("""
    UPDATE retired_key AS k SET
        refused_at = greatest(k.refused_at, sent.last),
        refused_since = CASE WHEN k.refused_at > sent.first - interval '1 hour' THEN k.refused_since
                             ELSE sent.first END
    FROM (SELECT DISTINCT ON (key) * FROM unnest(CAST(:keys AS text[]), CAST(:firsts AS timestamptz[]),
                                                 CAST(:lasts AS timestamptz[])) AS s(key, first, last)) AS sent
    WHERE k.key = sent.key
""")


class Refused(NamedTuple):
    """Times of the first and the last refused request with a retired API key."""

    first: datetime
    last: datetime


async def note(connection: Connection, uses: Mapping[str, datetime]) -> None:
    """Store the time of the last use of each API key. If a later time is stored already, the later time
    stays."""
    keys = sorted(uses)  # sorted, so that two gateways cannot deadlock
    await _NOTE.run(connection, keys=keys, times=[uses[key] for key in keys])


async def read(connection: Connection) -> dict[str, datetime]:
    """Return the time of the last use of each API key, by the key's hash."""
    return {row.key: row.used_at for row in await _READ.all(connection)}


async def refuse(connection: Connection, refused: Mapping[str, Refused]) -> None:
    """Store, for each retired API key in `refused` (by hash), when requests with it were refused. Any other key
    is skipped."""
    keys = sorted(refused)  # sorted, so that two gateways cannot deadlock
    await _REFUSE.run(
        connection,
        keys=keys,
        firsts=[refused[key].first for key in keys],
        lasts=[refused[key].last for key in keys],
    )


async def retired(connection: Connection) -> frozenset[str]:
    """Return the hashes of the retired API keys."""
    return frozenset(await _RETIRED.column(connection))


async def still_sent(connection: Connection, partner: str) -> Sequence[Row]:
    """Return (key, retired_at, refused_since, refused_at) for each of a partner's retired API keys with which
    requests still came, latest refusal first."""
    return await _STILL_SENT.all(connection, partner=partner)


async def replace(connection: Connection, before: Mapping[str, str], now: Mapping[str, str]) -> None:
    """Record that the API keys in force have changed from `before` to `now`; both have the partner of each key,
    by the key's hash. Keys that are gone become retired. A retired key is forgotten after 90 days in which no
    request has used it."""
    gone = {key: partner for key, partner in before.items() if key not in now}
    await _RETIRE.run(connection, keys=list(gone), partners=list(gone.values()))
    await _FORGET.run(connection, keys=sorted(now))
