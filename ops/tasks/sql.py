"""Read the deliveries about which a person has to decide, and change them as the person decided. A process
holds a lane while it sends a delivery of this lane."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from contracts.envelope import Attributes
from router.domain.vitals import LATE, Taker
from router.store.deliveries import INTO_THEIR_LANES
from router.store.log import attributes_of
from router.store.real import is_real
from router.store.sql import Connection, Row, Sql

_TASK = "('refusee', 'incertaine')"
IS_LATE = f"""
    (d.etat IN ('en_attente', 'en_vol', 'deposee') AND d.created_at < now() - interval '{LATE.total_seconds()} seconds')
"""
"""SQL condition that a delivery `d` is late: it waits, is in flight or lies in a mailbox, and was created
longer than `LATE` ago."""
_NEWS = """
    d.id, d.partner, d.etat, d.error, d.created_at, d.settled_at, d.attempts, d.subject, d.event_id
"""
_AFTER = """
    (CAST(:after_at AS timestamptz) IS NULL
     OR (d.created_at, d.id) > (CAST(:after_at AS timestamptz), CAST(:after_id AS uuid)))
"""
"""SQL condition that a delivery `d` comes after the last delivery of the previous page. It holds for every
`d` if there is no previous page."""
_OLDEST = Sql(f"""
    WITH oldest AS (
        (SELECT {_NEWS} FROM delivery d
         WHERE d.etat IN {_TASK} AND CAST(:among AS text[]) IS NULL AND {is_real("d.partner")} AND {_AFTER}
         ORDER BY d.created_at, d.id LIMIT :limit)
        UNION ALL
        (SELECT w.* FROM unnest(CAST(:among AS text[])) AS p(id)
         CROSS JOIN LATERAL (
            SELECT {_NEWS} FROM delivery d WHERE d.partner = p.id AND d.etat IN {_TASK} AND {_AFTER}
            ORDER BY d.created_at, d.id LIMIT :limit) AS w)
        UNION ALL
        (SELECT w.* FROM unnest(CAST(:partners AS text[]), CAST(:older AS interval[])) AS p(id, older)
         CROSS JOIN LATERAL (
            SELECT {_NEWS} FROM delivery d
            WHERE d.partner = p.id AND d.etat IN ('en_attente', 'en_vol') AND d.created_at < now() - p.older
              AND {_AFTER}
            ORDER BY d.created_at, d.id LIMIT :limit) AS w)
        UNION ALL
        (SELECT w.* FROM unnest(CAST(:partners AS text[]), CAST(:boxes AS interval[])) AS p(id, releve)
         CROSS JOIN LATERAL (
            SELECT {_NEWS} FROM delivery d
            WHERE d.partner = p.id AND d.etat = 'deposee' AND d.settled_at < now() - COALESCE(p.releve, '0 s')
              AND {_AFTER}
            ORDER BY d.created_at, d.id LIMIT :limit) AS w)
    )
    SELECT o.*, e.type, l.due_at, c.cause, c.next_try_at, c.polled_at
    FROM (SELECT * FROM oldest ORDER BY created_at, id LIMIT :limit) AS o
    JOIN event e ON e.id = o.event_id
    LEFT JOIN lane l ON l.partner = o.partner AND l.subject = o.subject AND o.etat IN ('en_attente', 'en_vol')
    LEFT JOIN contact c ON c.partner = o.partner
    ORDER BY o.created_at, o.id
""")


_FLYING = f"d.etat = 'en_vol' AND locked.rests AND {IS_LATE}"
"""SQL condition that a delivery `d` is in flight, was created longer than `LATE` ago, and that no process
holds its lane."""


def _decided_on(which: str, then: str) -> Sql:
    """Return SQL that locks a delivery (`:id`) and its lane. If the condition `which` holds, this SQL also
    runs the statement `then`. In `which`, `d` is the delivery, and `locked.rests` tells whether no process holds its
    lane. In `then`, `was` is the delivery as it was before."""
    return Sql(f"""
    WITH locked AS (
        SELECT l.partner, l.subject, l.rested = l.token AS rests FROM lane l JOIN delivery d USING (partner, subject)
        WHERE d.id = :id FOR UPDATE OF l
    ), was AS (
        SELECT d.id, d.partner, d.subject, d.etat, d.error, d.settled_at
        FROM delivery d LEFT JOIN locked USING (partner, subject) WHERE d.id = :id AND ({which}) FOR UPDATE OF d
    ), {then}
    """)


def _back_in_its_lane(which: str, etat: str, more: str = "") -> Sql:
    return _decided_on(
        which,
        f"""
    back AS (
        UPDATE delivery SET etat = '{etat}', error = NULL, settled_at = NULL
        FROM was WHERE delivery.id = was.id RETURNING was.*
    ), added AS (
        SELECT partner, subject, false AS bulk FROM back WHERE etat <> 'en_vol'
    ), laned AS ({INTO_THEIR_LANES}), due AS (
        UPDATE lane SET due_at = now() FROM back
        WHERE back.etat = 'en_vol' AND lane.partner = back.partner AND lane.subject = back.subject
    ){more}
    SELECT partner, etat, error, settled_at FROM back
    """,
    )


_SEND_AGAIN = _back_in_its_lane(
    f"d.etat IN {_TASK} AND COALESCE(d.partner = :of, true) OR CAST(:of AS text) IS NULL AND {_FLYING}",
    "en_attente",
)
_ASK = _back_in_its_lane(
    f"d.etat = 'incertaine' OR {_FLYING}",
    "en_vol",
    ", asked AS (UPDATE contact SET asked_at = now() FROM back WHERE contact.partner = back.partner)",
)
_ARRIVED = _decided_on(
    f"d.etat = 'incertaine' OR {_FLYING}",
    """
    counted AS (
        UPDATE lane SET pending = pending - 1 FROM was
        WHERE lane.partner = was.partner AND lane.subject = was.subject AND was.etat = 'en_vol'
    ), arrived AS (
        UPDATE delivery SET etat = 'livree', error = NULL, settled_at = now()
        FROM was WHERE delivery.id = was.id RETURNING delivery.partner, delivery.event_id
    )
    SELECT a.partner, e.* FROM arrived a JOIN event e ON e.id = a.event_id
""",
)
_REFUSED_AGAIN = Sql(f"""
    WITH found AS (
        SELECT id, partner, subject FROM delivery WHERE partner = :partner AND etat = 'refusee'
        ORDER BY seq LIMIT 500
    ), locked AS (
        SELECT FROM lane WHERE (partner, subject) IN (SELECT partner, subject FROM found)
        ORDER BY partner, subject FOR UPDATE
    ), was AS (
        SELECT d.id, d.error, d.settled_at FROM found JOIN delivery d USING (id)
        WHERE d.etat = 'refusee' AND (SELECT count(*) FROM locked) >= 0 FOR UPDATE OF d
    ), added AS (
        UPDATE delivery SET etat = 'en_attente', error = NULL, settled_at = NULL
        FROM was WHERE delivery.id = was.id
        RETURNING delivery.id, delivery.partner, delivery.subject, false AS bulk, was.error AS had,
                  was.settled_at AS refused_at
    ), laned AS ({INTO_THEIR_LANES}), audited AS (
        INSERT INTO audit (actor, action, object, detail)
        SELECT CAST(:actor AS text), CAST(:action AS text), CAST(id AS text),
               jsonb_build_object('partenaire', partner, 'motif', CAST(:why AS text), 'avant',
                                  jsonb_build_object('etat', 'refusee', 'erreur', had, 'le', refused_at))
        FROM added
    )
    SELECT count(*) AS number FROM added
""")
_CLOSE = _decided_on(
    f"d.etat IN {_TASK} OR {IS_LATE}",
    """
    counted AS (
        UPDATE lane SET pending = pending - 1 FROM was
        WHERE lane.partner = was.partner AND lane.subject = was.subject AND was.etat IN ('en_attente', 'en_vol')
    )
    UPDATE delivery SET etat = 'classee', settled_at = now() FROM was WHERE delivery.id = was.id
    RETURNING delivery.partner
""",
)


TAKEN, GIVEN_BACK = "tache.prendre", "tache.rendre"
_TAKERS = Sql(f"""
    SELECT object, nom, at FROM (
        SELECT DISTINCT ON (object) object, detail ->> 'nom' AS nom, action, at FROM audit
        WHERE action IN ('{TAKEN}', '{GIVEN_BACK}') AND at > now() - interval '12 hours'
        ORDER BY object, id DESC) AS last
    WHERE action = '{TAKEN}'
""")


class Patience(NamedTuple):
    """How long the deliveries to one partner may wait before a person has to decide."""

    leaves: timedelta = LATE
    """How long a delivery may wait to be sent, counted from its creation."""
    collected: timedelta | None = None
    """How long a delivery may lie in the partner's mailbox; None for no time at all."""


async def oldest(
    connection: Connection,
    among: Collection[str] | None,
    waiting: Mapping[str, Patience],
    limit: int,
    after: tuple[datetime, UUID] | None = None,
) -> Sequence[Any]:
    """Return at most `limit` deliveries on which a person has to decide, oldest first. These are:

    * the deliveries to the partners in `among` that were refused or have an unknown outcome; if `among` is
      None, those to all partners outside sandboxes;
    * the deliveries to the partners in `waiting` that have waited too long. `waiting` says, by the partner's
      id, how long they may wait.

    `after` is the (created_at, id) of the last delivery of the previous page; None for the first page.
    """
    at, ident = after or (None, None)
    return await _OLDEST.all(
        connection,
        among=None if among is None else list(among),
        after_at=at,
        after_id=ident,
        partners=list(waiting),
        older=[patience.leaves for patience in waiting.values()],
        boxes=[patience.collected for patience in waiting.values()],
        limit=limit,
    )


class Decided(NamedTuple):
    """Delivery on which a person has decided: its partner and, if known, its state before the decision."""

    partner: str
    before: Mapping[str, object] | None = None


class Arrived(NamedTuple):
    """A delivery that a person has recorded as arrived: its partner, and the event that it delivered."""

    partner: str
    event: Attributes


async def send_again(connection: Connection, delivery: UUID, of: str | None = None) -> Decided | None:
    """Make a delivery due again under its idempotency key. Return its partner, and its state before. `of` is the
    partner that asks; None if a person of the hub asks. This is possible in two cases:
    * the delivery was refused, or its outcome is unknown; if `of` is given, it must be a delivery to this
      partner;
    * a person of the hub asks; the delivery left for the partner and has no result yet, it was created more
      than `LATE` ago, and no process holds its lane.
    For any other delivery, change nothing and return None.
    """
    row = await _SEND_AGAIN.first(connection, id=delivery, of=of)
    return None if row is None else _decided(row)


async def ask(connection: Connection, delivery: UUID) -> Decided | None:
    """Record that the hub has to ask the partner whether it has received a delivery. Return the delivery's
    partner, and the delivery's state before. A delivery can be asked about in two cases:
    * its outcome is unknown;
    * it left for the partner and has no result yet, it was created more than `LATE` ago, and no process holds
      its lane.
    For any other delivery, change nothing and return None.
    """
    row = await _ASK.first(connection, id=delivery)
    return None if row is None else _decided(row)


async def arrived(connection: Connection, delivery: UUID) -> Arrived | None:
    """Record that a delivery has arrived. Return its partner and its event. This is possible in two cases:
    * the delivery's outcome is unknown;
    * it left for the partner and has no result yet, it was created more than `LATE` ago, and no process holds
      its lane.
    For any other delivery, change nothing and return None.
    """
    row = await _ARRIVED.first(connection, id=delivery)
    return None if row is None else Arrived(row.partner, attributes_of(row.id, row))


def _decided(row: Row) -> Decided:
    return Decided(row.partner, {"etat": row.etat, "erreur": row.error, "le": row.settled_at})


async def send_refused_again(connection: Connection, partner: str, actor: str, action: str, why: str) -> int:
    """Make due again the deliveries that a partner refused: the 500 oldest, if there are more. Return how
    many were made due. Each of them gets an audit row; `action` is the name of the action in these rows."""
    row = await _REFUSED_AGAIN.one(connection, partner=partner, actor=actor, action=action, why=why)
    return int(row.number)


async def close(connection: Connection, delivery: UUID) -> Decided | None:
    """Close a delivery that was refused, has an unknown outcome, or is late (`IS_LATE`), so that the hub sends
    it no more. Return its partner. For any other delivery, change nothing and return None."""
    row = await _CLOSE.first(connection, id=delivery)
    return None if row is None else Decided(row.partner)


async def takers(connection: Connection) -> Mapping[str, Taker]:
    """Return, for each group of waiting items that somebody has taken on, who will decide about it. The
    groups are named by their keys (`Group.task`). A group is left out if it was given back, or if it was
    taken on more than twelve hours ago."""
    return {row.object: Taker(row.nom, row.at) for row in await _TAKERS.all(connection)}
