"""Store the lists of households ready for housing. Each reader, a partner that receives such a list, has its
own.

A list is a series of numbered changes. The latest change of a household says how the household stands in the
list now; its earlier changes no longer count. A reader needs only the changes after the last number that it
has. Numbers have no gaps, and follow the order of commits.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple
from uuid import UUID

from router.store.deliveries import INTO_THEIR_LANES
from router.store.real import is_real
from router.store.sql import Connection, Row, Sql

CHANGED = """
    shown AS (
        SELECT l.*, fiche, lag(l.event, 1, present.event) OVER household AS event_before,
               lag(l.gone, 1, present.gone) OVER household AS gone_before,
               lag(l.label, 1, present.label) OVER household AS label_before
        FROM unnest(
            CAST(:list_readers AS text[]), CAST(:list_menages AS uuid[]), CAST(:list_events AS uuid[]),
            CAST(:list_gone AS boolean[]), CAST(:list_deliveries AS uuid[]), CAST(:list_labels AS text[])
        ) WITH ORDINALITY AS l(reader, menage, event, gone, delivery, label, n)
        LEFT JOIN list_change present
            ON present.menage = l.menage AND present.reader = l.reader AND present.superseded_by IS NULL
        WINDOW household AS (PARTITION BY l.reader, l.menage ORDER BY n)
    ), news AS (
        SELECT * FROM shown WHERE (event, gone, label) IS DISTINCT FROM (event_before, gone_before, label_before)
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
        SELECT reader, menage, event, gone, label, delivery, number, lead(number) OVER household AS superseded_by,
               COALESCE(fiche, first_value(number) OVER household) AS fiche
        FROM placed
        WINDOW household AS (PARTITION BY reader, menage ORDER BY n)
    ), superseded AS (
        UPDATE list_change c SET superseded_by = f.number, over_at = COALESCE(c.over_at, now())
        FROM (SELECT reader, menage, min(number) AS number FROM placed GROUP BY reader, menage) AS f
        WHERE c.reader = f.reader AND c.menage = f.menage AND c.superseded_by IS NULL
    ), changed AS (
        INSERT INTO list_change (reader, number, menage, event, fiche, gone, label, superseded_by, over_at)
        SELECT reader, number, menage, event, fiche, gone, label, superseded_by,
               CASE WHEN gone OR superseded_by IS NOT NULL THEN now() END
        FROM numbered
    )
"""
"""Queries for a WITH statement that number the changes of lists, and store them. The caller must have locked
the households. The query `numbered` returns two numbers for each delivery: that of its change, and that of
its household in the reader's list (`fiche`)."""
OFF_ITS_LIST = """(
    s.nature = 'menage' AND d.numero IS NOT NULL AND NOT EXISTS (
        SELECT FROM list_change c
        WHERE c.menage = s.id AND c.reader = d.partner AND c.superseded_by IS NULL AND NOT c.gone)
)"""
"""SQL condition on a delivery `d` about a subject `s`: the delivery told its partner of a change of the
partner's list, and the list no longer has the household."""
_POINT = Sql("SELECT last, whole_from FROM list_reader WHERE reader = :reader")
_COLUMNS = """
    c.number AS numero, c.fiche, c.label, c.gone, c.menage, c.event AS event_id, e.type, e.source, e.subject,
    e.territoire, e.time, e.correlation, e.causation, e.trace, e.payload, s.etat AS subject_etat
"""
_PAGE = Sql(f"""
    SELECT {_COLUMNS}
    FROM list_change c JOIN event e ON e.id = c.event LEFT JOIN subject s ON s.id = c.menage
    WHERE c.reader = :reader AND c.number > CAST(:after AS bigint) AND c.number <= CAST(:point AS bigint)
      AND (c.superseded_by IS NULL OR c.superseded_by > :point) AND NOT (c.gone AND :whole)
    ORDER BY c.number LIMIT :most
""")
_COUNTED = Sql(f"""
    SELECT donnees ->> 'departement' AS departement, etat, count(*) AS number FROM subject
    WHERE nature = 'menage' AND etat = ANY(CAST(:etats AS text[])) AND {is_real("donnees ->> 'emetteur'")}
    GROUP BY 1, 2
""")
_LISTED = Sql("""
    SELECT s.id, s.nature, s.etat, s.version, s.donnees, s.menage, s.due_at, k.holder IS NULL AS forgotten,
           ARRAY(SELECT reader FROM list_change c
                 WHERE c.menage = s.id AND c.superseded_by IS NULL AND NOT c.gone) AS readers
    FROM subject s LEFT JOIN holder_key k ON k.holder = s.id
    WHERE s.nature = 'menage' AND s.etat = ANY(CAST(:etats AS text[])) AND s.id > :after
    ORDER BY s.id LIMIT :most
""")
_EXTRACT = Sql(f"""
    WITH point AS (
        SELECT COALESCE(max(last), 0) AS last FROM list_reader WHERE reader = CAST(:reader AS text)
    ), present AS (
        SELECT number, (row_number() OVER (ORDER BY number) - 1) / CAST(:at_once AS int) AS part
        FROM list_change WHERE reader = CAST(:reader AS text) AND superseded_by IS NULL AND NOT gone
    ), parts AS (
        SELECT min(number) - 1 AS behind FROM present GROUP BY part
        UNION ALL SELECT last FROM point WHERE CAST(:at_once AS int) > 1 AND NOT EXISTS (SELECT FROM present)
    ), recorded AS (
        INSERT INTO delivery (id, partner, subject, event_id, etat, numero, fiche)
        SELECT CAST(md5(concat(CAST(:event AS uuid), CAST(:reader AS text), behind)) AS uuid), CAST(:reader AS text),
               CAST(:subject AS uuid), CAST(:event AS uuid), 'en_attente', point.last, behind
        FROM parts CROSS JOIN point ORDER BY behind
        ON CONFLICT (id) DO NOTHING
        RETURNING partner, subject
    ), added AS (
        SELECT partner, subject, true AS bulk FROM recorded
    ), laned AS ({INTO_THEIR_LANES})
    SELECT pg_notify(:due, '')
""")
"""Statement that stores the deliveries of a whole list. Each delivery has at most `:at_once` households:
those that follow the change whose number is in the column `fiche`. An empty list gives one empty delivery, or
none if `:at_once` is 1."""
_OF_THE_EXTRACT = "FROM delivery n WHERE n.event_id = d.event_id AND n.partner = d.partner"
_PARTS = Sql(f"""
    SELECT d.id, d.event_id, d.numero AS point,
           (SELECT count(*) {_OF_THE_EXTRACT} AND n.fiche <= d.fiche) AS part,
           (SELECT count(*) {_OF_THE_EXTRACT}) AS parts
    FROM delivery d WHERE d.id = ANY(CAST(:ids AS uuid[]))
""")
# Households that have left the list since are left out.
_LINES = Sql(f"""
    SELECT d.id AS delivery, {_COLUMNS}
    FROM delivery d JOIN list_change c
      ON c.reader = d.partner AND c.number > d.fiche
     AND c.number <= COALESCE((SELECT min(fiche) {_OF_THE_EXTRACT} AND n.fiche > d.fiche), d.numero)
     AND (c.superseded_by IS NULL OR c.superseded_by > d.numero) AND NOT c.gone
    JOIN event e ON e.id = c.event LEFT JOIN subject s ON s.id = c.menage
    WHERE d.id = ANY(CAST(:ids AS uuid[])) AND NOT EXISTS (
        SELECT FROM list_change l
        WHERE l.menage = c.menage AND l.superseded_by IS NULL AND l.reader = c.reader AND l.gone)
    ORDER BY c.number
""")
_LEAP = Sql("UPDATE list_reader SET last = last + :by, whole_from = last + :by")
LEAP = 1_000_000
"""Number by which all change numbers are raised after the database went back. A list cannot have had as many
changes since a backup: so no number is given twice."""


class Changed(NamedTuple):
    """Change of one household in one reader's list."""

    reader: str
    menage: UUID
    event: UUID
    gone: bool
    delivery: UUID | None
    """Delivery that tells the reader of the change. None if the reader is the household's own SIAO."""
    label: str | None = None
    """Answer by which the household's own SIAO gave the household a label. None if it gave none."""


class Point(NamedTuple):
    """Two change numbers of one reader's list: the last, and the lowest from which the reader can catch up
    without fetching the whole list."""

    last: int
    """Number of the last change. 0 without any."""
    whole_from: int
    """Number below which a reader must fetch the whole list. Up to this number, changes by which households left
    the list may be deleted."""


class Cursor(NamedTuple):
    """Position at which a page of a reader's list begins."""

    since: int
    """Number above which the pages, taken together, give all changes. 0 stands for the whole list."""
    point: int | None
    """Number of the list's last change when the first page was read. None for the first page."""
    after: int
    """Number of the last change on the page before. 0 for the first page."""


def values_of(changes: Sequence[Changed]) -> dict[str, object]:
    """Return the parameters of the query `CHANGED` for these changes. The query numbers and stores each change in
    its reader's list."""
    return {
        "list_readers": [c.reader for c in changes],
        "list_menages": [c.menage for c in changes],
        "list_events": [c.event for c in changes],
        "list_gone": [c.gone for c in changes],
        "list_deliveries": [c.delivery for c in changes],
        "list_labels": [c.label for c in changes],
    }


async def point(connection: Connection, reader: str) -> Point:
    """Return two change numbers of a reader's list: the last, and the lowest from which the reader can catch up
    without fetching the whole list. For a list without changes, both numbers are 0."""
    row = await _POINT.first(connection, reader=reader)
    return Point(0, 0) if row is None else Point(row.last, row.whole_from)


async def page(
    connection: Connection, reader: str, after: int, point: int, most: int, *, whole: bool
) -> Sequence[Row]:
    """Return at most `most` changes of a reader's list with their events, in the order of their numbers. Of
    each household, return only the last change whose number is above `after` and at most `point`. With
    `whole`, leave out households that have left the list."""
    return await _PAGE.all(connection, reader=reader, after=after, point=point, whole=whole, most=most)


async def owe_whole(
    connection: Connection, reader: str, event: UUID, subject: UUID, at_once: int, channel: str
) -> None:
    """Store the deliveries that send a reader its whole list, with at most `at_once` households in each. They
    are deliveries of the event `event`, in the lane of `subject`. Notify the PostgreSQL channel `channel`."""
    await _EXTRACT.run(connection, reader=reader, event=event, subject=subject, at_once=at_once, due=channel)


async def parts(connection: Connection, deliveries: Collection[UUID]) -> tuple[Sequence[Row], Sequence[Row]]:
    """Return two lists of rows about these deliveries. Each delivery has one part of a reader's whole list.

    * The first list has one row for each delivery: `point` is the number of the last change in the whole list,
      `part` the rank of the delivery's part, from 1, and `parts` the number of parts.
    * The second list has one row for each household in these parts: `delivery` is the id of its delivery, and
      the other columns are those of the rows that `page` returns.
    """
    ids = list(deliveries)
    return await _PARTS.all(connection, ids=ids), await _LINES.all(connection, ids=ids)


async def counted(connection: Connection, etats: Collection[str]) -> Sequence[Row]:
    """Return how many households are in these states, as (departement, etat, number). Households of
    sandboxes are not counted."""
    return await _COUNTED.all(connection, etats=list(etats))


async def listed(connection: Connection, etats: Collection[str], after: UUID, most: int) -> Sequence[Row]:
    """Return at most `most` households in these states with ids above `after`, in the order of their ids.
    `forgotten` is true if the household's data key is destroyed. `readers` are the readers whose list has the
    household."""
    return await _LISTED.all(connection, etats=list(etats), after=after, most=most)


async def leap(connection: Connection) -> None:
    """Raise the change numbers of all lists after the database went back, so that no number is given twice.
    Each reader must then fetch its whole list."""
    await _LEAP.run(connection, by=LEAP)
