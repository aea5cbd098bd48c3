"""Read lists of referrals, candidacies and places, page by page. Each page begins after the last row of the
page before: no row is skipped or repeated."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from contracts.base import Nature
from contracts.sealed import from_bytes
from contracts.v1.place import PlaceDeclaree, PlaceVacancePrevisible, PlaceVacante
from ops.tasks.sql import IS_LATE
from router.store.outcomes import HAD_AN_EFFECT
from router.store.sql import Connection, Row, Sql

FREE = "DISPONIBLE"
DESCRIBING = (PlaceVacante.TYPE, PlaceVacancePrevisible.TYPE, PlaceDeclaree.TYPE)
PLACES = (FREE, "RESERVEE", "A_LIBERER", "INDISPONIBLE")
"""The states whose places a list may show."""


class Order(StrEnum):
    """The ways to sort a list. `OLDEST` and `NEWEST` sort by last change: the oldest change first, or the
    newest. `STATE` sorts by state, `PARTY` by manager or recipient; rows with the same state or the same
    party follow each other by last change, the oldest first."""

    OLDEST = "anciennes"
    NEWEST = "recentes"
    STATE = "etat"
    PARTY = "chez"


LEADS: Mapping[Order, str] = {Order.STATE: "e.etat", Order.PARTY: "p.id"}
"""The first sort column of the orders that do not sort by last change alone."""


def _ordered(of: str) -> Mapping[Order, Sql]:
    """Return an SQL statement for each `Order`, made from the template `of`. The template has these placeholders:

    * `{after}`: the condition that skips earlier pages
    * `{lead}`: the first sort column, or nothing
    * `{down}`: DESC, or nothing
    """
    age = (
        "(CAST(:after_at AS timestamptz) IS NULL"
        " OR (s.changed_at, s.id) {} (CAST(:after_at AS timestamptz), CAST(:after_id AS uuid)))"
    )
    return {
        Order.OLDEST: Sql(of.format(after=age.format(">"), lead="", down="")),
        Order.NEWEST: Sql(of.format(after=age.format("<"), lead="", down="DESC")),
        **{
            order: Sql(of.format(after=_LED.format(lead=lead), lead=f"{lead}, ", down=""))
            for order, lead in LEADS.items()
        },
    }


_LED = """
    (CAST(:after_lead AS text) IS NULL OR {lead} >= CAST(:after_lead AS text))
    AND (s.changed_at, s.id) > (
        CASE WHEN {lead} = CAST(:after_lead AS text) THEN CAST(:after_at AS timestamptz) ELSE '-infinity' END,
        CASE WHEN {lead} = CAST(:after_lead AS text) THEN CAST(:after_id AS uuid)
             ELSE CAST('00000000-0000-0000-0000-000000000000' AS uuid) END)
"""
"""SQL condition for the rows after the previous page, if the rows are sorted by `{lead}` first. It is written
in a form for which PostgreSQL can use an index."""

_SENT = _ordered("""
    SELECT s.id, s.nature, s.etat, s.donnees, s.changed_at
    FROM unnest(CAST(:etats AS text[])) AS e(etat)
    CROSS JOIN unnest(CAST(:recipients AS text[])) AS p(id)
    CROSS JOIN LATERAL (
        SELECT * FROM subject s
        WHERE s.etat = e.etat AND s.donnees ? 'destinataire' AND s.donnees ->> 'destinataire' = p.id
          AND s.nature = ANY(CAST(:natures AS text[])) AND {after}
        ORDER BY s.changed_at {down}, s.id {down} LIMIT :most
    ) AS s
    ORDER BY {lead}s.changed_at {down}, s.id {down} LIMIT :most
""")
_COUNT = Sql("""
    SELECT count(*) AS number FROM (
        SELECT FROM unnest(CAST(:etats AS text[])) AS e(etat)
        CROSS JOIN unnest(CAST(:recipients AS text[])) AS p(id)
        CROSS JOIN LATERAL (
            SELECT FROM subject s
            WHERE s.etat = e.etat AND s.donnees ? 'destinataire' AND s.donnees ->> 'destinataire' = p.id
              AND s.nature = :nature
            LIMIT CAST(:most AS bigint)) AS theirs
        LIMIT CAST(:most AS bigint)) AS few
""")
_PLACES = _ordered(f"""
    SELECT s.id, s.etat, s.donnees, s.changed_at, s.due_at
    FROM unnest(CAST(:etats AS text[])) AS e(etat)
    CROSS JOIN unnest(CAST(:managers AS text[])) AS p(id)
    CROSS JOIN LATERAL (
        SELECT * FROM subject s
        WHERE s.nature = 'place' AND s.etat = e.etat AND s.donnees ->> 'gestionnaire' = p.id
          AND s.etat IN {PLACES} AND {{after}}
        ORDER BY s.changed_at {{down}}, s.id {{down}} LIMIT :most
    ) AS s
    ORDER BY {{lead}}s.changed_at {{down}}, s.id {{down}} LIMIT :most
""")
_DESCRIBED = Sql(f"""
    SELECT said.* FROM unnest(CAST(:ids AS uuid[])) AS wanted(id)
    CROSS JOIN LATERAL (
        SELECT e.subject, e.payload FROM event e
        WHERE e.subject = wanted.id AND e.type = ANY(CAST(:types AS text[])) AND {HAD_AN_EFFECT}
        ORDER BY e.seq DESC LIMIT 1
    ) AS said
""")
_PLACES_BY_MANAGER = Sql(f"""
    SELECT m.id AS gestionnaire, e.etat, counted.number, counted.oldest
    FROM unnest(CAST(:managers AS text[])) AS m(id)
    CROSS JOIN unnest(CAST(:etats AS text[])) AS e(etat)
    CROSS JOIN LATERAL (
        SELECT count(*) AS number, min(changed_at) AS oldest FROM (
            SELECT changed_at FROM subject s
            WHERE s.nature = 'place' AND s.etat = e.etat AND s.donnees ->> 'gestionnaire' = m.id
              AND s.etat IN {PLACES}
            ORDER BY changed_at LIMIT CAST(:most AS bigint)) AS few
    ) AS counted
    WHERE counted.number > 0
""")
_FREE_BY_COMMUNE = Sql(f"""
    SELECT m.id AS gestionnaire, few.commune, count(*) AS number
    FROM unnest(CAST(:managers AS text[])) AS m(id)
    CROSS JOIN LATERAL (
        SELECT s.donnees ->> 'commune' AS commune FROM subject s
        WHERE s.nature = 'place' AND s.etat = '{FREE}' AND s.donnees ->> 'gestionnaire' = m.id
          AND s.etat IN {PLACES}
        LIMIT CAST(:most AS bigint)
    ) AS few
    GROUP BY 1, 2
""")
_DELIVERY = Sql(f"""
    SELECT d.id, d.partner, d.subject, d.event_id, d.etat, d.attempts, d.error, d.created_at, d.settled_at,
           d.reply IS NOT NULL AS replied, e.type, e.correlation, e.source,
           {IS_LATE} AS late, l.rested = l.token AS rests
    FROM delivery d JOIN event e ON e.id = d.event_id
    LEFT JOIN lane l ON l.partner = d.partner AND l.subject = d.subject
    WHERE d.id = :id
""")
_SAMPLES = Sql("""
    SELECT DISTINCT ON (slot) date_bin('30 minutes', at, 'epoch') AS slot, accepted, owed
    FROM backlog_sample WHERE at > now() - interval '1 day' ORDER BY slot, at
""")


class Behind(NamedTuple):
    """The last row of a page that a person sees. The next page starts after it."""

    at: datetime
    id: UUID
    lead: str = ""
    """Value of this row in the first sort column; empty if the list is sorted by last change alone."""


def _after(behind: Behind | None, order: Order) -> dict[str, object]:
    lead = {"after_lead": behind and behind.lead} if order in LEADS else {}
    return {"after_at": behind and behind.at, "after_id": behind and behind.id, **lead}


async def sent(
    connection: Connection,
    natures: Sequence[Nature],
    etats: Sequence[str],
    recipients: Sequence[str],
    behind: Behind | None,
    most: int,
    order: Order = Order.OLDEST,
) -> Sequence[Row]:
    """Return the subjects of the types `natures` that are in one of the states `etats` and were sent to one of
    the `recipients`. They come as rows (id, nature, etat, donnees, changed_at), sorted by `order`, at
    most `most`. `behind` is the last row of the page before; None for the first page."""
    return await _SENT[order].all(
        connection,
        natures=[str(nature) for nature in natures],
        etats=list(etats),
        recipients=list(recipients),
        most=most,
        **_after(behind, order),
    )


async def count(
    connection: Connection, nature: Nature, etats: Sequence[str], recipients: Sequence[str], most: int
) -> int:
    """Count the subjects of the type `nature` that are in one of the states `etats` and were sent to one of the
    `recipients`. Counting stops at `most`."""
    row = await _COUNT.one(
        connection, nature=str(nature), etats=list(etats), recipients=list(recipients), most=most
    )
    return int(row.number)


async def places(
    connection: Connection,
    etats: Sequence[str],
    managers: Sequence[str],
    behind: Behind | None,
    most: int,
    order: Order = Order.OLDEST,
) -> Sequence[Row]:
    """Return the places of these managers that are in one of the states `etats`. They come as rows (id, etat,
    donnees, changed_at, due_at), sorted by `order`, at most `most`. States that are not in `PLACES` are
    ignored. `due_at` is when the place's reservation ends. `behind` is the last row of the page before; None
    for the first page."""
    return await _PLACES[order].all(
        connection,
        etats=list(etats),
        managers=list(managers),
        most=most,
        **_after(behind, order),
    )


async def described(
    connection: Connection, ids: Sequence[UUID], types: Sequence[str] = DESCRIBING
) -> Mapping[UUID, Mapping[str, Any]]:
    """Return the unencrypted fields of one message for each subject: the newest message of one of the `types`
    that had an effect. The result is by subject. A subject without such a message is left out."""
    rows = await _DESCRIBED.all(connection, ids=list(ids), types=list(types))
    return {row.subject: from_bytes(row.payload)[0] for row in rows}


async def places_by_manager(
    connection: Connection, managers: Sequence[str], etats: Sequence[str], most: int
) -> Sequence[Row]:
    """Return a row (gestionnaire, etat, number, oldest) for each manager and state that has places. States
    that are not in `PLACES` are ignored. `number` counts the places, up to `most`. `oldest` is the earliest
    of the places' last changes."""
    return await _PLACES_BY_MANAGER.all(connection, managers=list(managers), etats=list(etats), most=most)


async def free_by_commune(
    connection: Connection, managers: Sequence[str], most: int
) -> Mapping[tuple[str, str | None], int]:
    """Count the free places of each of these managers, by commune. At most `most` places are counted for one
    manager. The keys of the result are (manager, commune); the commune is None for a place whose address is
    secret."""
    rows = await _FREE_BY_COMMUNE.all(connection, managers=list(managers), most=most)
    return {(row.gestionnaire, row.commune): row.number for row in rows}


async def delivery(connection: Connection, ident: UUID) -> Row | None:
    """Return a delivery, with the type, sender and message of its event; None if it is unknown. The column
    `late` says whether the delivery was created longer than `LATE` ago and is still pending, in flight or in
    a mailbox. The column `rests` says whether its lane waits for the next try, held by no process."""
    return await _DELIVERY.first(connection, id=ident)


async def samples(connection: Connection) -> Sequence[Row]:
    """Return the first sample of each half hour of the last 24 hours, oldest first, as rows (slot, accepted,
    owed). A half hour without a sample is left out. `slot` is the beginning of the half hour. `accepted` counts
    all events that the hub had ever accepted when the sample was taken, `owed` all deliveries that it had ever
    created."""
    return await _SAMPLES.all(connection)
