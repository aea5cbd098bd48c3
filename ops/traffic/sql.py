"""Read the traffic of the last day. Each query reads a limited number of rows."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from router.store.sql import Connection, Row, Sql

DELAYS_SECONDS = (0.1, 0.3, 1, 3, 10, 60, 600, 3600)
"""The upper limits of the classes of delay, in seconds. One more class has all longer delays."""
_SINCE = Sql("""
    SELECT GREATEST(now() - interval '1 day', max(s.at)) AS since
    FROM backlog_sample s
    WHERE s.accepted < COALESCE(pg_sequence_last_value(pg_get_serial_sequence('event', 'seq')), 0)
                       - CAST(:most AS bigint)
""")
_COURSES = Sql("""
    WITH recent AS MATERIALIZED (
        SELECT id, source, type, time FROM event WHERE time > :since LIMIT 2 * CAST(:most AS bigint)
    ), made AS MATERIALIZED (
        SELECT d.partner, r.source, r.type, r.time,
               CASE WHEN d.etat IN ('livree', 'deposee') THEN extract(epoch FROM d.settled_at - r.time)::float8 END
               AS delay
        FROM recent r JOIN delivery d ON d.event_id = r.id
    ), parts AS (
        SELECT partner, sens, type, count(*) AS number, max(time) AS last,
               width_bucket(extract(epoch FROM time - CAST(:since AS timestamptz))::float8, 0,
                            CAST(:seconds AS float8), CAST(:parts AS int)) - 1 AS part
        FROM (SELECT source AS partner, 'dit' AS sens, type, time FROM recent
              UNION ALL SELECT partner, 'entend', type, time FROM made) AS each
        GROUP BY partner, sens, type, part
    ), course AS (
        SELECT partner, sens, type, CAST(sum(number) AS bigint) AS number, max(last) AS last,
               array_agg(part) AS parts, array_agg(number) AS numbers
        FROM parts GROUP BY partner, sens, type
    ), late AS MATERIALIZED (
        SELECT partner, 'entend' AS sens, type, delay FROM made WHERE delay IS NOT NULL
        UNION ALL SELECT source, 'dit', type, delay FROM made WHERE delay IS NOT NULL
    ), spread AS (
        SELECT partner, sens, type, array_agg(class) AS classes, array_agg(number) AS delays
        FROM (SELECT partner, sens, type, width_bucket(delay, CAST(:limits AS float8[])) AS class, count(*) AS number
              FROM late GROUP BY partner, sens, type, class) AS counted
        GROUP BY partner, sens, type
    ), tenths AS (
        SELECT partner, sens, type, percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY delay) AS of
        FROM late GROUP BY partner, sens, type
    )
    SELECT course.*, COALESCE(classes, '{}') AS classes, COALESCE(delays, '{}') AS delays,
           tenths.of[1] AS median_s, tenths.of[2] AS p90_s
    FROM course LEFT JOIN spread USING (partner, sens, type) LEFT JOIN tenths USING (partner, sens, type)
""")
_WAITING = Sql("""
    SELECT p.id AS partner, 'entend' AS sens, e.type, count(*) AS number, min(w.created_at) AS oldest
    FROM unnest(CAST(:partners AS text[])) AS p(id)
    CROSS JOIN LATERAL (
        SELECT event_id, created_at FROM delivery WHERE partner = p.id AND etat IN ('en_attente', 'en_vol')
        ORDER BY created_at LIMIT CAST(:few AS bigint)) AS w
    JOIN event e ON e.id = w.event_id
    GROUP BY p.id, e.type
    UNION ALL
    SELECT p.id, 'dit', e.type, count(*), min(e.time)
    FROM unnest(CAST(:partners AS text[])) AS p(id) CROSS JOIN (VALUES (false), (true)) AS kind(bulk)
    CROSS JOIN LATERAL (
        SELECT event_id FROM outbox WHERE bulk = kind.bulk AND partner = p.id AND shard >= 0
        ORDER BY seq LIMIT CAST(:few AS bigint)) AS w
    JOIN event e ON e.id = w.event_id
    GROUP BY p.id, e.type
""")


async def since(connection: Connection, most: int) -> datetime:
    """Return the moment from which traffic is counted: a day ago, or later if more than about `most` events have
    come in the last day."""
    found: datetime = (await _SINCE.one(connection, most=most)).since
    return found


async def courses(
    connection: Connection, since: datetime, seconds: float, parts: int, most: int
) -> Sequence[Row]:
    """Return the traffic since the moment `since`: a row for each partner, direction (`sens`) and message type
    that has events. The period begins at `since`, lasts `seconds`, and is divided into `parts` equal slices. At
    most 2 * `most` events are read, and any others are ignored: if the function `since` of this module chose
    the moment, there are few others.

    In the direction « dit », a row counts the events that the partner sent, and the delays are those of the
    deliveries of these events. In the direction « entend », a row counts the deliveries to the partner, and the
    delays are theirs. The delay of a delivery is the time from the acceptance of its event until the recipient
    has received it. As long as a delivery waits in a mailbox, its delay is the time until the hub put it there.
    The columns are:

    * number, last: how many events or deliveries there are, and when the last event was accepted;
    * parts, numbers: which slices of the period have events or deliveries, counted from 0, and how many each of
      these slices has;
    * classes, delays: which classes of delay have deliveries (`DELAYS_SECONDS` has their limits), and how many
      each has;
    * median_s, p90_s: the median delay of the deliveries, and the delay that nine in ten do not exceed, in
      seconds.
    """
    limits = list(DELAYS_SECONDS)
    return await _COURSES.all(connection, since=since, seconds=seconds, parts=parts, most=most, limits=limits)


async def waiting(connection: Connection, partners: Sequence[str], few: int) -> Sequence[Any]:
    """Return what waits, as rows (partner, sens, type, number, oldest). If `sens` is « dit », a row counts
    pending events that the partner sent, without parked ones; if it is « entend », deliveries to the partner.
    `number` says how many of this type wait, and `oldest` since when the oldest waits. Only the `few` oldest
    deliveries of each partner are counted, and the `few` oldest events in each of its two queues (small messages
    and bulk)."""
    return await _WAITING.all(connection, partners=list(partners), few=few)
