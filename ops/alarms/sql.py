"""Queries for alarms and their notices. An alarm is kept for ninety days after its end."""

from collections.abc import Sequence

from ops.alarms.rules import Alarm
from ops.status.findings import Code
from router.store.sql import Connection, Sql

_KNOWN = Sql("""
    SELECT code, about, sentence, first_seen, started_at, gone_at, ended_at, told, since FROM alarm
    WHERE ended_at IS NULL OR ended_at > now() - interval '1 day'
    ORDER BY first_seen, id
""")
_SAVE = Sql("""
    WITH wanted AS (
        SELECT * FROM unnest(
            CAST(:ids AS uuid[]), CAST(:codes AS text[]), CAST(:abouts AS text[]), CAST(:sentences AS text[]),
            CAST(:first_seens AS timestamptz[]), CAST(:started_ats AS timestamptz[]), CAST(:gone_ats AS timestamptz[]),
            CAST(:ended_ats AS timestamptz[]), CAST(:tolds AS text[]), CAST(:sinces AS timestamptz[]))
            AS a(id, code, about, sentence, first_seen, started_at, gone_at, ended_at, told, since)
    ), forgotten AS (
        DELETE FROM alarm WHERE ended_at < now() - interval '90 days' OR id = ANY(CAST(:dropped AS uuid[]))
    )
    INSERT INTO alarm (id, code, about, sentence, first_seen, started_at, gone_at, ended_at, told, since)
    SELECT id, code, about, sentence, first_seen, started_at, gone_at, ended_at, string_to_array(told, ' '), since
    FROM wanted
    ON CONFLICT (id) DO UPDATE SET
        sentence = excluded.sentence, started_at = excluded.started_at, gone_at = excluded.gone_at,
        ended_at = excluded.ended_at, told = excluded.told
""")


async def known(connection: Connection) -> list[Alarm]:
    """Return the alarms that have not ended, and those that ended in the last 24 hours. Skip alarms whose
    code this version of the hub does not know."""
    return [
        Alarm(
            Code(row.code),
            row.about,
            row.sentence,
            row.first_seen,
            row.started_at,
            row.gone_at,
            row.ended_at,
            frozenset(row.told),
            row.since,
        )
        for row in await _KNOWN.all(connection)
        if row.code in set(Code)  # a newer version of the hub may have stored other codes
    ]


async def save(connection: Connection, alarms: Sequence[Alarm], dropped: Sequence[Alarm] = ()) -> None:
    """Store these alarms. Delete the alarms in `dropped`, and all alarms that ended more than 90 days ago."""
    await _SAVE.run(
        connection,
        ids=[a.id for a in alarms],
        codes=[str(a.code) for a in alarms],
        abouts=[a.about for a in alarms],
        sentences=[a.sentence for a in alarms],
        first_seens=[a.first_seen for a in alarms],
        started_ats=[a.started_at for a in alarms],
        gone_ats=[a.gone_at for a in alarms],
        ended_ats=[a.ended_at for a in alarms],
        tolds=[" ".join(sorted(a.notified)) for a in alarms],
        sinces=[a.since for a in alarms],
        dropped=[a.id for a in dropped],
    )
