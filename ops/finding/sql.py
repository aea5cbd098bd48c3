"""Search for messages, deliveries and quarantine entries, among a limited number of the newest rows."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from router.store.quarantine import WHY
from router.store.sql import Connection, Row, Sql

SCANNED = 20_000
"""Number of rows that a search may read of one partner, and of the quarantine."""
SCANNED_TOGETHER = 40_000
TYPED_TOGETHER = 4_000
"""Number of rows that a search by message type may read, divided among its partners (`scanned`). It is low,
because such a search reads a second table for each row."""
STATES: Mapping[str, Sequence[str]] = {
    "message": ("accepte", "partiel", "refuse", "en_cours"),
    "livraison": ("en_attente", "en_vol", "livree", "deposee", "refusee", "incertaine", "classee", "oubliee"),
    "quarantaine": ("ouverte",),
}
"""States that a search can select, by kind of row."""
_WAITS, _ENDED = "etat IN ('en_attente', 'en_vol')", "etat NOT IN ('en_attente', 'en_vol')"
_A_MESSAGE = """
    SELECT 'message' AS kind, i.id, i.received_at AS at, i.partner, i.etat,
           CASE WHEN i.rejected > 1 THEN i.rejected || ' lignes refusées, la première : ' ELSE '' END
           || NULLIF(concat_ws(' : ',
               NULLIF(concat_ws(', ', 'ligne ' || (i.rejections -> 0 ->> 'ligne'), i.rejections -> 0 ->> 'champ'), ''),
               i.rejections -> 0 ->> 'message'), '') AS error, i.dialect AS type
"""
_MESSAGES = Sql(f"""{_A_MESSAGE}
    FROM unnest(CAST(:partners AS text[])) AS p(partner)
    CROSS JOIN LATERAL (
        SELECT * FROM (
            SELECT id, received_at, partner, etat, rejected, rejections, dialect FROM inbox
            WHERE inbox.partner = p.partner AND received_at >= :since
              AND (received_at, id) < (CAST(:until AS timestamptz), CAST(:before AS uuid))
            ORDER BY received_at DESC, id DESC LIMIT CAST(:scanned AS bigint)
        ) AS newest
        WHERE (CAST(:etats AS text[]) IS NULL OR etat = ANY(CAST(:etats AS text[])))
          AND (CAST(:words AS text) IS NULL OR CAST(rejections AS text) ILIKE '%' || :words || '%')
          AND (CAST(:type AS text) IS NULL OR EXISTS (
              SELECT FROM event e WHERE e.correlation = newest.id AND strpos(e.type, :type) > 0))
        ORDER BY received_at DESC, id DESC LIMIT :most
    ) AS i
    ORDER BY i.received_at DESC, i.id DESC LIMIT :most
""")


def _newest(condition: str) -> str:
    return f"""(
            SELECT id, created_at, partner, etat, error, event_id FROM delivery
            WHERE delivery.partner = p.partner AND {condition} AND created_at >= :since
              AND (created_at, id) < (CAST(:until AS timestamptz), CAST(:before AS uuid))
            ORDER BY created_at DESC, id DESC LIMIT CAST(:scanned AS bigint))"""


_DELIVERIES = Sql(f"""
    SELECT 'livraison' AS kind, d.id, d.created_at AS at, d.partner, d.etat, d.error, e.type
    FROM unnest(CAST(:partners AS text[])) AS p(partner)
    CROSS JOIN LATERAL (
        SELECT * FROM ({_newest(_WAITS)} UNION ALL {_newest(_ENDED)}) AS newest
        WHERE (CAST(:etats AS text[]) IS NULL OR etat = ANY(CAST(:etats AS text[])))
          AND (CAST(:words AS text) IS NULL OR error ILIKE '%' || :words || '%')
          AND (CAST(:type AS text) IS NULL OR EXISTS (
              SELECT FROM event e WHERE e.id = newest.event_id AND strpos(e.type, :type) > 0))
        ORDER BY created_at DESC, id DESC LIMIT :most
    ) AS d JOIN event e ON e.id = d.event_id
    ORDER BY d.created_at DESC, d.id DESC LIMIT :most
""")
_QUARANTINE = Sql(f"""
    SELECT 'quarantaine' AS kind, q.id, q.created_at AS at, q.partner, q.etat,
           q.cause || ' : ' || COALESCE({WHY.format(message="q.message_id")}, q.fingerprint) AS error, q.cause AS type
    FROM (
        SELECT id, created_at, partner, etat, cause, fingerprint, message_id FROM quarantine
        WHERE etat = 'ouverte' AND partner = ANY(CAST(:partners AS text[])) AND created_at >= :since
          AND (created_at, id) < (CAST(:until AS timestamptz), CAST(:before AS uuid))
        ORDER BY created_at DESC, id DESC LIMIT CAST(:scanned AS bigint)
    ) AS q
    WHERE (CAST(:etats AS text[]) IS NULL OR etat = ANY(CAST(:etats AS text[])))
      AND (CAST(:words AS text) IS NULL OR cause || ' : ' || fingerprint ILIKE '%' || :words || '%')
      AND (CAST(:type AS text) IS NULL OR strpos(fingerprint, :type) > 0)
    ORDER BY q.created_at DESC, q.id DESC LIMIT :most
""")
_OF_IDS = Sql(
    f"{_A_MESSAGE} FROM inbox i WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY received_at DESC, id DESC"
)
_PAGE = Sql("""
    SELECT id, etat, dialect, received_at, accepted, rejected FROM inbox
    WHERE partner = :partner AND received_at >= :since
      AND (CAST(:etat AS text) IS NULL OR etat = :etat)
      AND (CAST(:ids AS uuid[]) IS NULL OR id = ANY(CAST(:ids AS uuid[])))
      AND (CAST(:after AS uuid) IS NULL OR (received_at, id) < (
          SELECT last.received_at, last.id FROM inbox last WHERE last.id = :after AND last.partner = :partner))
    ORDER BY received_at DESC, id DESC LIMIT CAST(:most AS bigint)
""")

_FILES = Sql("""
    SELECT i.id, i.filename, i.partner, i.etat, i.received_at AS at
    FROM unnest(CAST(:partners AS text[])) AS p(partner)
    CROSS JOIN LATERAL (
        SELECT * FROM (
            SELECT id, filename, partner, etat, received_at FROM inbox WHERE inbox.partner = p.partner
            ORDER BY received_at DESC LIMIT CAST(:scanned AS bigint)) AS newest
        WHERE filename IS NOT NULL LIMIT CAST(:most AS bigint)
    ) AS i
    ORDER BY i.received_at DESC LIMIT CAST(:most AS bigint)
""")
_A_SUBJECT = """
    SELECT 'sujet' AS kind, id, changed_at AS at, etat, nature AS type,
           COALESCE(donnees ->> 'destinataire', donnees ->> 'gestionnaire', donnees ->> 'emetteur') AS partner
    FROM subject
"""


def _with(id: str, partner: str | None = None) -> str:
    theirs = f"AND {partner} = ANY(CAST(:partners AS text[]))" if partner else ""
    return f"""WHERE {id} BETWEEN :first AND :last AND right(CAST({id} AS text), length(:end)) = :end {theirs}
               ORDER BY {id} DESC LIMIT CAST(:most AS bigint)"""


_BETWEEN = Sql(f"""
    (SELECT 'message' AS kind, id, received_at AS at, etat, dialect AS type, partner FROM inbox
     {_with("id", "partner")})
    UNION ALL (SELECT 'événement', id, time, 'accepte', type, source FROM event {_with("id", "source")})
    UNION ALL
    (SELECT 'livraison', d.id, d.created_at, d.etat, e.type, d.partner FROM delivery d JOIN event e ON e.id = d.event_id
     {_with("d.id", "d.partner")})
    UNION ALL (SELECT 'quarantaine', id, created_at, etat, cause, partner FROM quarantine {_with("id", "partner")})
    UNION ALL ({_A_SUBJECT} {_with("id")})
    UNION ({_A_SUBJECT} {_with("menage")})
    ORDER BY at DESC, id LIMIT CAST(:most AS bigint)
""")
_SUBJECTS = Sql(f"{_A_SUBJECT} WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY changed_at DESC, id")


class Wanted(NamedTuple):
    """Criteria of a search. A row must meet all of them. A criterion that is None matches everything."""

    partners: tuple[str, ...]
    since: datetime
    until: datetime
    type: str | None = None
    """Part of a message type's name, such as « place » or « orientation.proposee »."""
    etats: Sequence[str] | None = None
    """States of `STATES`: a row must have one of them."""
    words: str | None = None
    """Text that the error must contain, in capitals or not."""
    before: UUID = UUID(int=0)
    """Id of the last row of the previous page; that row's moment is `until`."""
    open_since: datetime | None = None
    """Moment after which quarantine entries are searched; None stands for `since`."""


def scanned(wanted: Wanted) -> int:
    """Return how many messages of each partner the search `wanted` reads at most, newest first. The same limit
    holds for the waiting deliveries to each partner, and for the ended ones. The limit is lower for more
    partners, and lower still if `wanted` names a message type."""
    return shared(SCANNED_TOGETHER if wanted.type is None else TYPED_TOGETHER, wanted.partners)


def shared(together: int, partners: Sequence[str]) -> int:
    """Return how many rows of each of these partners a search may read: an equal share of `together`, the
    number of rows of all partners, but at most `SCANNED`."""
    return min(SCANNED, together // max(1, len(partners)))


def looked_at(wanted: Wanted, found: Sequence[Row]) -> int | None:
    """Return how many of each partner's newest messages a search reads at most, to be shown beside the rows
    `found`. Return None if this limit hides nothing: the search has no conditions on state, error or type,
    and for each partner it found fewer messages, and fewer deliveries, than the limit."""
    of_one = Counter((row.kind, row.partner) for row in found if row.kind != "quarantaine")
    cuts = max(of_one.values(), default=0) >= scanned(wanted)
    return scanned(wanted) if cuts or wanted.etats or wanted.words or wanted.type else None


async def find(connection: Connection, wanted: Wanted, most: int) -> list[Row]:
    """Return rows (kind, id, at, partner, etat, error, type) for the messages, deliveries and open quarantine
    entries that match `wanted`, newest first, at most `most`."""
    values = {
        **wanted._asdict(),
        "words": None if wanted.words is None else _literally(wanted.words),
        "partners": list(wanted.partners),
        "etats": wanted.etats and list(wanted.etats),
    }
    open_since = values.pop("open_since") or wanted.since
    found: list[Row] = []
    for statement in (_MESSAGES, _DELIVERIES):
        found += await statement.all(connection, **values, scanned=scanned(wanted), most=most)
    values["since"] = open_since
    found += await _QUARANTINE.all(connection, **values, scanned=SCANNED, most=most)
    return sorted(found, key=lambda row: (row.at, row.id), reverse=True)[:most]


async def messages(connection: Connection, ids: Sequence[UUID]) -> Sequence[Row]:
    """Return rows (kind, id, at, partner, etat, error, type) for these messages, newest first."""
    return await _OF_IDS.all(connection, ids=list(ids))


async def between(
    connection: Connection, partners: Sequence[str], first: UUID, last: UUID, end: str, most: int
) -> Sequence[Row]:
    """Search by the beginning of an id, and perhaps its end, as a person typed them. Return at most `most` rows
    (kind, id, at, etat, type, partner), newest first. `first` and `last` are the smallest and the largest id
    with the typed beginning; `end` is the typed end, or empty. The search covers the messages, events,
    deliveries and quarantine entries of these partners, and the subjects of all partners. A subject is also
    found by the id of its household."""
    return await _BETWEEN.all(connection, partners=list(partners), first=first, last=last, end=end, most=most)


async def subjects(connection: Connection, ids: Sequence[UUID]) -> Sequence[Row]:
    """Return rows (kind, id, at, etat, type, partner) for these subjects, newest change first. `kind` is always
    « sujet »; `type` is the kind of subject, such as « place ». `at` is the last change. `partner` is the
    recipient, else the manager, else the sender."""
    return await _SUBJECTS.all(connection, ids=list(ids))


async def named_files(
    connection: Connection, partners: Sequence[str], scanned: int, most: int
) -> Sequence[Row]:
    """Return rows (id, filename, partner, etat, at) for the messages of these partners that have a file name,
    newest first, at most `most`. Only the newest messages of each partner are searched, at most `scanned`.
    `filename` is encrypted."""
    return await _FILES.all(connection, partners=list(partners), scanned=scanned, most=most)


class Page(NamedTuple):
    """Criteria for a page of a partner's own messages. A criterion that is None matches everything."""

    since: datetime
    etat: str | None
    ids: Sequence[UUID] | None
    after: UUID | None
    """Last message of the previous page."""
    most: int


async def page(connection: Connection, partner: str, wanted: Page) -> Sequence[Row]:
    """Return rows (id, etat, dialect, received_at, accepted, rejected) for one page of a partner's messages,
    newest first."""
    return await _PAGE.all(connection, partner=partner, **wanted._asdict())


def _literally(words: str) -> str:
    return words.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
