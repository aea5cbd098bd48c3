"""Store which SIAO have merged into another, and find the rows that still name a merged SIAO.

From the merger on, deliveries to a merged SIAO cannot be claimed (module `lanes`), and the registry gives
everything to its successor. The rows that name the merged SIAO are changed later.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from router.domain.subjects import Subject
from router.store.outcomes import APPLIED
from router.store.sql import Connection, Row, Sql
from router.store.subjects import subject_of

TAKEN_OVER = "repris"
"""Reason for which a delivery to a merged SIAO is closed: the successor receives it."""
_ALL = Sql("SELECT siao, successeur, at, repris_at FROM succession ORDER BY at, siao")
# After a merger, no claim on a lane of the merged SIAO is valid any more: its fencing token is increased.
_BEGIN = Sql("""
    WITH begun AS (
        INSERT INTO succession (siao, successeur)
        SELECT siao, :successor FROM unnest(CAST(:siaos AS text[])) AS s(siao)
        ON CONFLICT (siao) DO NOTHING RETURNING siao
    ), overtaken AS (
        UPDATE lane SET token = token + 1 FROM begun WHERE partner = begun.siao
    )
    SELECT siao FROM begun ORDER BY siao
""")
_LEFT = """
    FROM delivery WHERE partner = ANY(CAST(:siaos AS text[]))
      AND etat IN ('en_attente', 'en_vol', 'deposee', 'refusee', 'incertaine')
"""
_OWED = Sql(f"""
    SELECT id, partner, subject, event_id, subject_etat {_LEFT} ORDER BY seq LIMIT :limit FOR UPDATE
""")
_CLOSE = Sql(f"""
    WITH closed AS (
        UPDATE delivery d SET etat = 'classee', error = '{TAKEN_OVER}', settled_at = now()
        FROM (SELECT id, etat FROM delivery WHERE id = ANY(CAST(:ids AS uuid[]))) AS was
        WHERE d.id = was.id
        RETURNING d.partner, d.subject, was.etat IN ('en_attente', 'en_vol') AS pending
    )
    UPDATE lane SET pending = lane.pending - c.number
    FROM (SELECT partner, subject, count(*) AS number FROM closed WHERE pending GROUP BY partner, subject) AS c
    WHERE lane.partner = c.partner AND lane.subject = c.subject
""")
_NAMED = """
    (donnees ->> 'emetteur' = ANY(CAST(:siaos AS text[])) OR donnees ->> 'destinataire' = ANY(CAST(:siaos AS text[]))
     OR donnees ->> 'repreneur' = ANY(CAST(:siaos AS text[])) OR donnees -> 'cedants' ?| CAST(:siaos AS text[])
     OR donnees -> 'lecteurs' ?| CAST(:siaos AS text[]) OR donnees -> 'quittes' ?| CAST(:siaos AS text[])
     OR EXISTS (SELECT FROM jsonb_each_text(donnees -> 'signatures') AS s WHERE s.value = ANY(CAST(:siaos AS text[]))))
"""
_PAGE = Sql(f"""
    SELECT id, nature, etat, version, donnees, menage, due_at FROM subject
    WHERE id > :after AND {_NAMED} ORDER BY id LIMIT :limit FOR UPDATE
""")
_PLACES = Sql("""
    SELECT id, nature, etat, version, donnees, menage, due_at FROM subject
    WHERE id > :after AND nature = 'place' AND etat = ANY(CAST(:etats AS text[])) ORDER BY id LIMIT :limit
""")
_LAST_WORDS = Sql(f"""
    SELECT id, subject FROM (
        SELECT DISTINCT ON (subject, type) id, subject, seq FROM event e
        WHERE subject = ANY(CAST(:places AS uuid[])) AND type = ANY(CAST(:types AS text[])) AND {APPLIED}
        ORDER BY subject, type, seq DESC
    ) AS said
    WHERE seq > COALESCE((SELECT max(later.seq) FROM delivery d JOIN event later ON later.id = d.event_id
                          WHERE d.subject = said.subject AND d.partner = :successor), 0)
    ORDER BY seq
""")
_CARDS = Sql("UPDATE household_card SET siao = :successor WHERE siao = ANY(CAST(:siaos AS text[]))")
_DUPLICATES = Sql("""
    UPDATE duplicate SET siaos = ARRAY(
        SELECT DISTINCT CASE WHEN s = ANY(CAST(:siaos AS text[])) THEN :successor ELSE s END FROM unnest(siaos) AS s)
    WHERE siaos && CAST(:siaos AS text[])
""")
# A merged SIAO's copy of its list is no longer up to date: any number that it has asks for the whole list, now empty.
_LISTS = Sql("""
    WITH ended AS (
        UPDATE list_change SET superseded_by = number, over_at = COALESCE(over_at, now())
        WHERE reader = ANY(CAST(:siaos AS text[])) AND superseded_by IS NULL RETURNING reader
    )
    UPDATE list_reader SET last = last + 1, whole_from = last + 1 WHERE reader IN (SELECT reader FROM ended)
""")
_END = Sql("""
    UPDATE succession SET repris_at = now()
    WHERE repris_at IS NULL AND siao = ANY(CAST(:siaos AS text[]))
      AND at < now() - make_interval(secs => :followed)
""")
_COUNTED = Sql(f"""
    SELECT nature, etat, count(*) AS number FROM subject WHERE {_NAMED} GROUP BY nature, etat
""")
_COUNT_OWED = Sql(f"SELECT count(*) AS number {_LEFT}")


def or_merged_into(partners: str) -> str:
    """Return an SQL array with the ids of partners, and of the SIAO that have merged into one of them. What a
    merged SIAO had sent still has the id of this SIAO. `partners` is a list of SQL expressions, with commas
    between them: one for each partner's id."""
    merged = f"SELECT siao FROM succession WHERE successeur IN ({partners})"
    return f"ARRAY[{partners}] || ARRAY({merged})"


class Succession(NamedTuple):
    """SIAO that has merged into the SIAO `successeur`, at the moment `at`."""

    siao: str
    successeur: str
    at: datetime
    repris_at: datetime | None
    """Moment from which all rows name the successor. None while rows may still name the merged SIAO."""


async def every(connection: Connection) -> list[Succession]:
    """Return all mergers, oldest first."""
    return [Succession(*row) for row in await _ALL.all(connection)]


async def begin(connection: Connection, siaos: Collection[str], successor: str) -> list[str]:
    """Store that these SIAO have merged into `successor`. Return the SIAO whose merger was not stored yet."""
    return await _BEGIN.column(connection, siaos=list(siaos), successor=successor)


async def owed(connection: Connection, siaos: Collection[str], limit: int) -> Sequence[Row]:
    """Return and lock at most `limit` unfinished deliveries to these SIAO, oldest first, as (id, partner,
    subject, event_id, subject_etat)."""
    return await _OWED.all(connection, siaos=list(siaos), limit=limit)


async def close(connection: Connection, deliveries: Sequence[UUID]) -> None:
    """Close these deliveries to merged SIAO, and take them out of their lanes."""
    await _CLOSE.run(connection, ids=list(deliveries))


async def page(connection: Connection, siaos: Collection[str], after: UUID, limit: int) -> list[Subject]:
    """Return and lock at most `limit` subjects that name one of these SIAO, in the order of their ids. Their
    ids are above `after`."""
    rows = await _PAGE.all(connection, siaos=list(siaos), after=after, limit=limit)
    return [subject_of(row) for row in rows]


async def places(connection: Connection, etats: Collection[str], after: UUID, limit: int) -> list[Subject]:
    """Return at most `limit` places in these states, in the order of their ids. Their ids are above `after`."""
    rows = await _PLACES.all(connection, etats=list(etats), after=after, limit=limit)
    return [subject_of(row) for row in rows]


async def last_words(
    connection: Connection, places: Sequence[UUID], types: Sequence[str], successor: str
) -> Sequence[Row]:
    """Return the last applied event of each type in `types` about each place in `places`, as (event id, place
    id), oldest first. An event is left out if `successor` has a stored delivery of this event, or of any
    newer event about the same place."""
    return await _LAST_WORDS.all(connection, places=list(places), types=list(types), successor=successor)


async def rename_beside(connection: Connection, siaos: Collection[str], successor: str) -> None:
    """Replace merged SIAO by their successor in the tables of possible duplicates. Also empty the lists of
    households ready for housing of the merged SIAO: the successor has its own list."""
    await _CARDS.run(connection, siaos=list(siaos), successor=successor)
    await _DUPLICATES.run(connection, siaos=list(siaos), successor=successor)
    await _LISTS.run(connection, siaos=list(siaos))


async def end(connection: Connection, siaos: Collection[str], followed_s: float) -> None:
    """Record that the mergers of these SIAO are finished. Call this function when no row names the merged
    SIAO any more. A merger that began less than `followed_s` seconds ago stays unfinished: for so long, a
    process of an older version may still write the id of the merged SIAO."""
    await _END.run(connection, siaos=list(siaos), followed=followed_s)


async def counted(connection: Connection, siaos: Collection[str]) -> Sequence[Row]:
    """Return how many subjects name one of these merged SIAO, for each type and state, as (nature, etat,
    number)."""
    return await _COUNTED.all(connection, siaos=list(siaos))


async def count_owed(connection: Connection, siaos: Collection[str]) -> int:
    """Return the number of unfinished deliveries to these SIAO."""
    return int((await _COUNT_OWED.one(connection, siaos=list(siaos))).number)
