"""Store rhythms and silences, and read when partners' messages came."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from pydantic import TypeAdapter

from ops.silences.rhythm import Rhythm
from router.store.sql import Connection, Row, Sql

_READ = Sql("SELECT partner, learnt, learnt_at, silent_since FROM rhythm")
_HEARD = Sql("""
    SELECT p.partner, last.id, COALESCE(last.received_at, entry.applied_at) AS at
    FROM unnest(CAST(:partners AS text[])) AS p(partner)
    JOIN partner entry ON entry.id = p.partner
    LEFT JOIN LATERAL (SELECT id, received_at FROM inbox WHERE inbox.partner = p.partner
                       ORDER BY received_at DESC LIMIT 1) AS last ON true
""")
_TIMES = Sql("""
    WITH RECURSIVE said AS (
        (SELECT received_at FROM inbox WHERE partner = :partner AND received_at > :since
         ORDER BY received_at LIMIT 1)
        UNION ALL
        SELECT (SELECT received_at FROM inbox WHERE partner = :partner
                  AND received_at > said.received_at + CAST(:step AS interval) ORDER BY received_at LIMIT 1)
        FROM said WHERE said.received_at IS NOT NULL
    )
    SELECT received_at FROM said WHERE received_at IS NOT NULL
""")
_LEARNT = Sql("""
    INSERT INTO rhythm (partner, learnt, learnt_at) VALUES (:partner, CAST(:learnt AS jsonb), now())
    ON CONFLICT (partner) DO UPDATE SET learnt = excluded.learnt, learnt_at = excluded.learnt_at
""")
_SILENT = Sql("""
    INSERT INTO rhythm (partner, silent_since)
    SELECT * FROM unnest(CAST(:partners AS text[]), CAST(:since AS timestamptz[]))
    ON CONFLICT (partner) DO UPDATE SET silent_since = excluded.silent_since
""")
_FORGET = Sql("DELETE FROM rhythm WHERE NOT partner = ANY(CAST(:partners AS text[]))")
STEP = timedelta(minutes=15)
_AS_JSON = TypeAdapter(Rhythm)


class Known(NamedTuple):
    """The learnt rhythm and the present silence of a partner."""

    learnt: Rhythm | None
    learnt_at: datetime | None
    silent_since: datetime | None
    """The moment by which a message should have come; None if the partner is not silent."""


UNKNOWN = Known(None, None, None)


async def read(connection: Connection) -> Mapping[str, Known]:
    """Return the learnt rhythm and the present silence of each partner, by the partner's id."""
    return {
        row.partner: Known(rhythm_of_row(row.learnt), row.learnt_at, row.silent_since)
        for row in await _READ.all(connection)
    }


def rhythm_of_row(learnt: object) -> Rhythm | None:
    return None if learnt is None else _AS_JSON.validate_python(learnt)


async def last_messages(connection: Connection, partners: Collection[str]) -> list[Row]:
    """Return a row (partner, id, at) about the last message of each of `partners`: the message's id, and when
    it came. For a partner without any message, `id` is None, and `at` is when its registry entry was applied.
    A partner that is not in the stored registry has no row. Messages received before a recovery of the
    database may be missing here."""
    return list(await _HEARD.all(connection, partners=sorted(partners)))


async def times(connection: Connection, partner: str, since: datetime) -> list[datetime]:
    """Return when a partner's messages after `since` came. At most one message in a quarter of an hour is
    counted."""
    return await _TIMES.column(connection, partner=partner, since=since, step=STEP)


async def keep(connection: Connection, partner: str, learnt: Rhythm | None) -> None:
    """Store the rhythm that a partner's messages show (`learnt`); None if they show none."""
    text = None if learnt is None else _AS_JSON.dump_json(learnt).decode()
    await _LEARNT.run(connection, partner=partner, learnt=text)


async def note(connection: Connection, silent: Iterable[tuple[str, datetime | None]]) -> None:
    """Record since when each partner in `silent` is silent; None says that the partner's silence is over."""
    if pairs := list(silent):
        await _SILENT.run(connection, partners=[p for p, _ in pairs], since=[at for _, at in pairs])


async def forget_all_but(connection: Connection, partners: Collection[str]) -> None:
    """Delete the rhythms and silences of all partners that are not in `partners`."""
    await _FORGET.run(connection, partners=sorted(partners))
