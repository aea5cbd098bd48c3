"""Store the open doubts about what partners declare, and count the vacancies declared too long ago."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from router.domain.doubts import Doubt, Kind
from router.store.sql import Connection, Sql

_READ = Sql("""
    SELECT partner, kind, dispositif, since, day, said, known FROM doubt
    ORDER BY since, partner, kind, dispositif LIMIT 1000
""")
_NOTE = Sql("""
    WITH found AS (
        SELECT * FROM unnest(
            CAST(:partners AS text[]), CAST(:kinds AS text[]), CAST(:dispositifs AS text[]),
            CAST(:since AS timestamptz[]), CAST(:days AS date[]), CAST(:said AS int[]), CAST(:known AS int[]))
            AS f(partner, kind, dispositif, since, day, said, known)
    ), over AS (
        DELETE FROM doubt d WHERE NOT EXISTS (
            SELECT FROM found f WHERE (f.partner, f.kind, f.dispositif) = (d.partner, d.kind, d.dispositif))
    )
    INSERT INTO doubt SELECT * FROM found
    ON CONFLICT (partner, kind, dispositif)
        DO UPDATE SET day = excluded.day, said = excluded.said, known = excluded.known
    RETURNING partner, kind, dispositif, xmax = 0 AS begins
""")
_STALE = Sql("""
    SELECT p.partner, few.number FROM unnest(CAST(:partners AS text[]), CAST(:before AS timestamptz[]))
        AS p(partner, before)
    CROSS JOIN LATERAL (
        SELECT count(*) AS number FROM (
            SELECT FROM subject WHERE nature = 'place' AND etat = 'DISPONIBLE'
              AND donnees ->> 'gestionnaire' = p.partner AND changed_at < p.before LIMIT 10000) AS old) AS few
    WHERE few.number > 0
""")


async def read(connection: Connection) -> list[Doubt]:
    """Return the open doubts, oldest first, at most 1,000."""
    return [Doubt(**row)._replace(kind=Kind(row.kind)) for row in await _READ.all(connection)]


async def note(connection: Connection, found: Sequence[Doubt]) -> list[Doubt]:
    """Store the doubts `found` in place of those stored before, and return the new ones. A doubt found again
    keeps the moment at which it began."""
    rows = await _NOTE.all(
        connection,
        partners=[each.partner for each in found],
        kinds=[each.kind for each in found],
        dispositifs=[each.dispositif for each in found],
        since=[each.since for each in found],
        days=[each.day for each in found],
        said=[each.said for each in found],
        known=[each.known for each in found],
    )
    begun = {(row.partner, row.kind, row.dispositif) for row in rows if row.begins}
    return [each for each in found if (each.partner, each.kind, each.dispositif) in begun]


async def stale_vacancies(connection: Connection, before: Mapping[str, datetime]) -> Mapping[str, int]:
    """Count each partner's vacant places that have not changed since the moment that `before` gives for this
    partner. Return the numbers by partner, at most 10,000 each. Partners without such places are left out."""
    rows = await _STALE.all(connection, partners=list(before), before=list(before.values()))
    return {row.partner: row.number for row in rows}
