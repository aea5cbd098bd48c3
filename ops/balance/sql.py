"""Queries that count accepted events and due deliveries by outcome. They are costly: they read all rows of
the period."""

from collections.abc import Sequence
from datetime import datetime

from router.store import log
from router.store.sql import Connection, Row, Sql

_ACCEPTED = Sql("""
    WITH asked AS MATERIALIZED (
        SELECT id, accepted - repeated AS accepted, etat = 'en_cours' OR held AS deferred,
               received_at < now() - CAST(:kept AS interval) AS aged FROM inbox
        WHERE received_at >= :since AND received_at < :until
    ), said AS MATERIALIZED (
        SELECT e.id, e.correlation, CASE
            WHEN EXISTS (SELECT FROM quarantine q WHERE q.event_id = e.id AND q.etat = 'ouverte') THEN 'QUARANTAINE'
            WHEN asked.deferred OR EXISTS (SELECT FROM outbox o WHERE o.event_id = e.id) THEN 'ATTEND'
            WHEN EXISTS (SELECT FROM outcome x WHERE x.event_id = e.id AND x.reason = 'classe') THEN 'CLASSE'
            WHEN EXISTS (SELECT FROM delivery d WHERE d.event_id = e.id)
              OR EXISTS (SELECT FROM outcome x WHERE x.event_id = e.id)
              OR EXISTS (SELECT FROM subject s WHERE s.id = e.subject AND s.changed_at >= e.time) THEN 'APPLIQUE'
            ELSE 'SANS_TRACE' END AS fate
        FROM asked JOIN event e ON e.correlation = asked.id WHERE e.causation IS NULL
    ), short AS (
        SELECT asked.id, asked.aged, asked.accepted - COALESCE(counted.number, 0) AS number FROM asked
        LEFT JOIN (SELECT correlation, count(*) AS number FROM said GROUP BY correlation) AS counted
            ON counted.correlation = asked.id
        WHERE asked.accepted <> COALESCE(counted.number, 0)
    )
    SELECT 'total' AS fate, COALESCE(sum(accepted), 0) AS number, NULL AS ids FROM asked
    UNION ALL
    SELECT fate, count(*), (array_agg(id) FILTER (WHERE fate = 'SANS_TRACE'))[1:CAST(:most AS int)]
    FROM said GROUP BY fate
    UNION ALL
    SELECT 'RETIRE', sum(number), NULL FROM short WHERE aged HAVING count(*) > 0
    UNION ALL
    SELECT 'NON_TENU', count(*), (array_agg(id))[1:CAST(:most AS int)] FROM short WHERE NOT aged HAVING count(*) > 0
""")
_DUE = Sql("""
    WITH due AS MATERIALIZED (
        SELECT id, partner, subject, event_id, etat FROM delivery
        WHERE created_at >= :since AND created_at < :until
    ), told AS (
        SELECT id, CASE
            WHEN etat = 'livree' THEN 'LIVREE'
            WHEN etat IN ('classee', 'oubliee') THEN 'CLASSE'
            WHEN etat = 'refusee' THEN 'REFUSEE'
            WHEN etat = 'incertaine' THEN 'INCERTAINE'
            WHEN etat NOT IN ('en_attente', 'en_vol', 'deposee') THEN 'INCONNU'
            WHEN NOT EXISTS (SELECT FROM event e WHERE e.id = due.event_id) THEN 'SANS_EVENEMENT'
            WHEN etat <> 'deposee' AND NOT EXISTS (
                SELECT FROM lane l WHERE l.partner = due.partner AND l.subject = due.subject AND l.pending > 0)
            THEN 'SANS_FILE'
            ELSE 'ATTEND' END AS fate
        FROM due
    )
    SELECT 'total' AS fate, count(*) AS number, NULL AS ids FROM due
    UNION ALL
    SELECT fate, count(*),
           (array_agg(id) FILTER (WHERE fate IN ('INCONNU', 'SANS_EVENEMENT', 'SANS_FILE')))[1:CAST(:most AS int)]
    FROM told GROUP BY fate
""")

_OLDEST = Sql("""
    SELECT least((SELECT min(received_at) FROM inbox), (SELECT min(created_at) FROM delivery)) AS at
""")
_KEEP_COUNT = Sql("""
    INSERT INTO balance_count (kept, since, at, lost) VALUES ('dernier', :since, :at, :lost)
    ON CONFLICT (kept) DO UPDATE SET since = EXCLUDED.since, at = EXCLUDED.at, lost = EXCLUDED.lost
""")
_LAST_COUNT = Sql("SELECT since, at, lost FROM balance_count")


async def accepted(connection: Connection, since: datetime, until: datetime, most: int) -> Sequence[Row]:
    """Count the events of the messages received in a period, by what became of them. Return rows (fate,
    number, ids):

    * fate « total »: the number of all events; ids is None;
    * the name of a `Fate`, one outcome: the number of events with this outcome; ids is None;
    * the name of a `Fault`, one kind of loss: the number of events lost, and their ids, at most `most`.

    A row of a message may repeat an earlier event. It then has no event of its own, and is not counted.

    Only the fault `NON_TENU` counts messages, and gives message ids. For these messages, the log does not have
    the number of accepted events that the hub's answer promised.
    """
    return await _ACCEPTED.all(connection, since=since, until=until, most=most, kept=log.KEPT)


async def due(connection: Connection, since: datetime, until: datetime, most: int) -> Sequence[Row]:
    """Count the deliveries created in a period, by what became of them. Return rows (fate, number, ids):

    * fate « total »: the number of all deliveries; ids is None;
    * the name of a `Fate`, one outcome: the number of deliveries with this outcome; ids is None;
    * the name of a `Fault`, one reason for loss: the number of deliveries lost, and their ids, at most `most`.

    Lost deliveries are not counted under an outcome.
    """
    return await _DUE.all(connection, since=since, until=until, most=most)


async def oldest(connection: Connection) -> datetime | None:
    """Return the moment of the oldest message or delivery; None if there is neither."""
    at: datetime | None = (await _OLDEST.one(connection)).at
    return at


async def keep_count(connection: Connection, since: datetime, at: datetime, lost: int) -> None:
    """Replace the stored count: `lost` events and deliveries were lost between `since` and `at`."""
    await _KEEP_COUNT.run(connection, since=since, at=at, lost=lost)


async def last_count(connection: Connection) -> Row | None:
    """Return the result of the last count of losses as a row (since, at, lost). `lost` is the number of lost
    events and deliveries in the period from `since` to `at`. Return None if no count is stored."""
    return await _LAST_COUNT.first(connection)
