"""Lists of households ready for housing, one a reader: numbered changes, of which the present ones make up the list.

A change is present until a later one of its household supersedes it. So the list as of a number is known, and
a reader that has a number needs only the changes behind it. The lists change in the transaction that applies
an event: a reader's numbers follow each other without gaps, in the order of commits.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple
from uuid import UUID

from router.store.sql import Connection, Row, Sql

CHANGED = """
    present AS (
        SELECT reader, menage, event, fiche, gone FROM list_change
        WHERE superseded_by IS NULL AND menage = ANY(CAST(:list_menages AS uuid[]))
    ), news AS (
        SELECT l.*, fiche
        FROM unnest(
            CAST(:list_readers AS text[]), CAST(:list_menages AS uuid[]), CAST(:list_events AS uuid[]),
            CAST(:list_gone AS boolean[]), CAST(:list_deliveries AS uuid[])
        ) WITH ORDINALITY AS l(reader, menage, event, gone, delivery, n) LEFT JOIN present USING (reader, menage)
        WHERE (l.event, l.gone) IS DISTINCT FROM (present.event, present.gone)
    ), counted AS (
        INSERT INTO list_reader AS r (reader, last)
        SELECT reader, count(*) FROM news GROUP BY reader ORDER BY reader
        ON CONFLICT (reader) DO UPDATE SET last = r.last + excluded.last
        RETURNING reader, last
    ), placed AS (
        SELECT news.*, last - count(*) OVER (PARTITION BY reader)
                       + row_number() OVER (PARTITION BY reader ORDER BY n) AS number
        FROM news JOIN counted USING (reader)
    ), numbered AS (
        SELECT reader, menage, event, gone, delivery, number, lead(number) OVER household AS superseded_by,
               COALESCE(fiche, first_value(number) OVER household) AS fiche
        FROM placed
        WINDOW household AS (PARTITION BY reader, menage ORDER BY n)
    ), superseded AS (
        UPDATE list_change c SET superseded_by = f.number, over_at = COALESCE(c.over_at, now())
        FROM (SELECT reader, menage, min(number) AS number FROM placed GROUP BY reader, menage) AS f
        WHERE c.reader = f.reader AND c.menage = f.menage AND c.superseded_by IS NULL
    ), changed AS (
        INSERT INTO list_change (reader, number, menage, event, fiche, gone, superseded_by, over_at)
        SELECT reader, number, menage, event, fiche, gone, superseded_by,
               CASE WHEN gone OR superseded_by IS NOT NULL THEN now() END
        FROM numbered
    )
"""
"""Queries, for a statement that begins with WITH, that number the changes of `values_of` and write them down.
A list that shows the household as the event does already is left alone. `numbered` gives number and household's
number by delivery. The caller holds the households' locks."""
_POINT = Sql("SELECT last, whole_from FROM list_reader WHERE reader = :reader")
_PAGE = Sql("""
    SELECT c.number AS numero, c.fiche, c.gone, c.menage, c.event AS event_id, e.type, e.source, e.subject,
           e.territoire, e.time, e.correlation, e.causation, e.trace, e.payload, s.etat AS subject_etat
    FROM list_change c JOIN event e ON e.id = c.event LEFT JOIN subject s ON s.id = c.menage
    WHERE c.reader = :reader AND c.number > CAST(:after AS bigint) AND c.number <= CAST(:point AS bigint)
      AND (c.superseded_by IS NULL OR c.superseded_by > :point) AND NOT (c.gone AND :whole)
    ORDER BY c.number LIMIT :most
""")
_LISTED = Sql("""
    SELECT s.id, s.nature, s.etat, s.version, s.donnees, s.menage, s.due_at, k.holder IS NULL AS forgotten,
           ARRAY(SELECT reader FROM list_change c
                 WHERE c.menage = s.id AND c.superseded_by IS NULL AND NOT c.gone) AS readers
    FROM subject s LEFT JOIN holder_key k ON k.holder = s.id
    WHERE s.nature = 'menage' AND s.etat = ANY(CAST(:etats AS text[])) AND s.id > :after
    ORDER BY s.id LIMIT :most
""")
_LEAP = Sql("UPDATE list_reader SET last = last + :by, whole_from = last + :by")
LEAP = 1_000_000
"""Numbers left out once the tables went back: more than were given since the backup."""


class Changed(NamedTuple):
    """Change of one household in the list of one reader."""

    reader: str
    menage: UUID
    event: UUID
    gone: bool
    delivery: UUID | None
    """Delivery that tells the reader; None for the household's own SIAO, which said it."""


class Point(NamedTuple):
    """Point of a reader's list."""

    last: int
    """Number of its last change."""
    whole_from: int
    """Lowest number from which the changes behind it are all kept. A reader with a lower one needs the whole list."""


def values_of(changes: Sequence[Changed]) -> dict[str, object]:
    """Return the parameters of `CHANGED`."""
    return {
        "list_readers": [c.reader for c in changes],
        "list_menages": [c.menage for c in changes],
        "list_events": [c.event for c in changes],
        "list_gone": [c.gone for c in changes],
        "list_deliveries": [c.delivery for c in changes],
    }


async def point(connection: Connection, reader: str) -> Point:
    """Return the present point of a reader's list."""
    row = await _POINT.first(connection, reader=reader)
    return Point(0, 0) if row is None else Point(row.last, row.whole_from)


async def page(
    connection: Connection, reader: str, after: int, point: int, most: int, *, whole: bool
) -> Sequence[Row]:
    """Return the changes behind a number that are present at a point, in order, with their events.

    Where the `whole` list is asked for, households that have left it are left out.
    """
    return await _PAGE.all(connection, reader=reader, after=after, point=point, whole=whole, most=most)


async def listed(connection: Connection, etats: Collection[str], after: UUID, most: int) -> Sequence[Row]:
    """Return the next households in these states, as rows of `subject`. `readers` have it on their list;
    `forgotten` says whose key is destroyed."""
    return await _LISTED.all(connection, etats=list(etats), after=after, most=most)


async def leap(connection: Connection) -> None:
    """Leave numbers out in every list, because the tables went back: the numbers given since the backup may have
    been given for other changes. A reader that has one of them needs the whole list."""
    await _LEAP.run(connection, by=LEAP)
