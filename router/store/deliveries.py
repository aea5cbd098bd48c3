"""Store deliveries to partners. Each delivery is in a lane (module `lanes`), which has the deliveries to one
partner about one subject."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from router.store.lanes import MERGED
from router.store.sql import Connection, Sql

DONE = "('livree', 'oubliee', 'classee')"
"""SQL list of the states of a delivery in which nothing more is sent, and nobody has to decide."""
_FREE = "l.pending = 0 AND l.rested IS NOT DISTINCT FROM l.token"
INTO_THEIR_LANES = f"""
    INSERT INTO lane AS l (partner, subject, pending, due_at, token, bulk)
    SELECT partner, subject, count(*), now(), CAST(extract(epoch FROM now()) * 1000 AS bigint), bool_and(bulk)
    FROM added GROUP BY partner, subject ORDER BY partner, subject
    ON CONFLICT (partner, subject) DO UPDATE SET
        pending = l.pending + excluded.pending,
        due_at = CASE WHEN {_FREE} THEN now() ELSE l.due_at END,
        bulk = excluded.bulk AND (l.bulk OR l.pending = 0)
"""
"""Statement that adds new deliveries to their lanes. The query `added` has them, as (partner, subject, bulk).
A lane is bulk only if all of its deliveries are. A claimed lane is due again only when its lease ends."""
_HOLDER = "CAST(:process AS text) || ' ' ||"
_INTO_LANES_AT_ONCE_CLAIMED = f"""
    INSERT INTO lane AS l (partner, subject, pending, due_at, token, bulk, held_by)
    SELECT partner, subject, count(*), now() + make_interval(secs => COALESCE(lease, 0)),
           first.token + CASE WHEN lease IS NULL THEN 0 ELSE 1 END, bool_and(bulk),
           CASE WHEN lease IS NOT NULL THEN {_HOLDER} (first.token + 1) END
    FROM added LEFT JOIN offered USING (partner),
        CAST(extract(epoch FROM now()) * 1000 AS bigint) AS first(token)
    GROUP BY partner, subject, lease, first.token ORDER BY partner, subject
    ON CONFLICT (partner, subject) DO UPDATE SET
        pending = l.pending + excluded.pending,
        due_at = CASE WHEN {_FREE} THEN excluded.due_at ELSE l.due_at END,
        token = l.token + CASE WHEN {_FREE} AND excluded.held_by IS NOT NULL THEN 1 ELSE 0 END,
        held_by = CASE WHEN {_FREE} AND excluded.held_by IS NOT NULL THEN {_HOLDER} (l.token + 1) ELSE l.held_by END,
        bulk = excluded.bulk AND (l.bulk OR l.pending = 0)
    RETURNING partner, subject, token, attempts, due_at, held_by
"""


IN_NO_LIST = "CAST(NULL AS bigint) AS numero, CAST(NULL AS bigint) AS fiche, CAST(NULL AS text) AS label"
"""Columns about a list, all NULL, for a delivery that is about no list."""


def _recorded(columns: str, values: str, source: str, lanes: str = INTO_THEIR_LANES) -> str:
    return f"""
    owed AS (
        SELECT DISTINCT ON (id) * FROM unnest(
            CAST(:owed AS uuid[]), CAST(:partners AS text[]), CAST(:lanes AS uuid[]), CAST(:causes AS uuid[]),
            CAST(:subject_etats AS text[]), CAST(:about AS uuid[]), CAST(:gives_way AS boolean[])
        ) WITH ORDINALITY AS d(id, partner, subject, event_id, subject_etat, menage, bulk, n)
        ORDER BY id, n
    ), recorded AS (
        INSERT INTO delivery (id, partner, subject, event_id, subject_etat, etat{columns})
        SELECT owed.id, owed.partner, owed.subject, owed.event_id, owed.subject_etat, 'en_attente'{values}
        FROM {source} ORDER BY owed.n
        ON CONFLICT (id) DO NOTHING
        RETURNING id, seq
    ), added AS (
        SELECT partner, subject, bulk FROM owed JOIN recorded USING (id)
    ), laned AS ({lanes})
"""


RECORDED = _recorded("", "", "owed")
"""Queries for a WITH statement that store deliveries as `en_attente`. `values_of` returns their parameters. A
delivery that is stored already, or given twice, is skipped, so that its lane counts it once."""
RECORDED_WITH_NUMBERS = _recorded(
    ", numero, fiche, label",
    ", c.number, c.fiche, c.label",
    "owed LEFT JOIN numbered AS c ON c.delivery = owed.id",
)
"""Queries for a WITH statement that store deliveries about lists as `en_attente`. The earlier query
`numbered` has two numbers for each delivery: that of its change in the list, and that of its household in the
list."""
RECORDED_AND_CLAIMED = f"""
    offered AS (
        SELECT * FROM unnest(CAST(:offered AS text[]), CAST(:leases AS float8[])) AS o(partner, lease)
        WHERE partner NOT IN {MERGED}
    ), {_recorded("", "", "owed", _INTO_LANES_AT_ONCE_CLAIMED)}, claimed AS (
        SELECT laned.* FROM laned JOIN offered USING (partner)
        WHERE due_at = now() + make_interval(secs => lease) AND held_by = {_HOLDER} token
    ), leaving AS (
        SELECT c.partner, c.subject, c.token, c.attempts, o.id, o.event_id, 'en_attente' AS etat, r.seq,
               {IN_NO_LIST},
               e.type, e.source, e.territoire, e.time, e.correlation, e.causation, e.trace, e.payload,
               o.subject_etat, o.menage, k.*, true AS committed
        FROM claimed AS c JOIN owed AS o USING (partner, subject) JOIN recorded AS r USING (id)
        JOIN event AS e ON e.id = o.event_id
        LEFT JOIN LATERAL (SELECT holder, wrapped, master FROM holder_key WHERE holder = o.menage LIMIT 1) AS k ON true
    )
"""
"""Queries for a WITH statement that store deliveries as `en_attente`, and claim their free lanes if the
partner is in `:offered`. Lanes of merged SIAO are not claimed, because this process may not know of the
merger yet. The query `leaving` returns the deliveries of the claimed lanes in the same form as the function
`lanes.claim`."""
NOT_OFFERED = "SELECT FROM added WHERE partner NOT IN (SELECT partner FROM offered)"
"""Query with a row for each new delivery to a partner that is not in `:offered`. If it has rows, other
dispatchers must be notified."""
# The state is checked again after the lock.
_DOUBT = Sql("""
    UPDATE delivery SET etat = 'en_vol'
    WHERE id IN (SELECT id FROM delivery WHERE etat = 'en_attente' AND created_at <= CAST(:until AS timestamptz)
                 ORDER BY partner, created_at LIMIT 10000)
      AND etat = 'en_attente' RETURNING id
""")
_NOW = Sql("SELECT now() AS at")


class Owed(NamedTuple):
    """Delivery of an event to one partner, which is still to be stored."""

    id: UUID
    partner: str
    subject: UUID
    event: UUID
    subject_etat: str | None
    """State of the subject after the event, which decides what the recipient may see."""
    menage: UUID | None = None
    """Household of the subject, if any."""
    bulk: bool = False


def values_of(deliveries: Sequence[Owed]) -> dict[str, object]:
    """Return the parameters that the queries `RECORDED`, `RECORDED_WITH_NUMBERS` and `RECORDED_AND_CLAIMED`
    have in common: the deliveries to store."""
    return {
        "owed": [d.id for d in deliveries],
        "partners": [d.partner for d in deliveries],
        "lanes": [d.subject for d in deliveries],
        "causes": [d.event for d in deliveries],
        "subject_etats": [d.subject_etat for d in deliveries],
        "about": [d.menage for d in deliveries],
        "gives_way": [d.bulk for d in deliveries],
    }


async def moment(connection: Connection) -> datetime:
    """Return the present moment by PostgreSQL's clock, which dates deliveries."""
    at: datetime = (await _NOW.one(connection)).at
    return at


async def doubt(connection: Connection, until: datetime) -> bool:
    """Mark up to 10,000 waiting deliveries as perhaps sent (`en_vol`). Return whether any was marked. After the
    restore of a backup, when nobody knows which deliveries were sent, call this until it returns False.
    Deliveries created after `until` stay unchanged."""
    return bool(await _DOUBT.column(connection, until=until))
