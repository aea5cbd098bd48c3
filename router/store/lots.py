"""Store lots: deliveries that are sent together, as the lines of one file or body.

The lines of a lot are recorded before the lot is sent, and stay until the result of each line is known. So
any process that repeats the lot sends the same lines under the same key. Each line is the first waiting
delivery of its lane.
"""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from router.store.sql import Connection, Sql

DEADLINE_MARGIN_SECONDS = 300.0
"""Seconds before a deadline of one of its subjects at which a lot is sent, even if it has few deliveries."""

_MAY_LEAVE = Sql("""
    WITH waiting AS (
        SELECT subject, pending, due_at, attempts FROM lane
        WHERE partner = :partner AND pending > 0 AND due_at <= now()
    )
    SELECT count(*) >= :lines OR COALESCE(min(due_at) <= now() - make_interval(secs => :wait), false)
        OR COALESCE(bool_or(attempts > 0), false)
        OR EXISTS (
            SELECT FROM waiting JOIN deadline USING (subject)
            WHERE deadline.next_at <= now() + make_interval(secs => :margin)
        ) AS leaves
    FROM waiting
""")
"""Statement that tells whether a lot of deliveries may be sent. A lot with a lane that was tried before need
not wait, because that lane has waited already."""
_UNDER_WAY = Sql("""
    WITH settled AS (
        DELETE FROM lot_line WHERE partner = :partner AND NOT EXISTS (
            SELECT FROM delivery WHERE id = lot_line.delivery AND etat IN ('en_attente', 'en_vol', 'incertaine'))
    )
    SELECT lot, size, d.subject, l.delivery, lane.due_at <= now() AS due
    FROM lot_line AS l
    JOIN delivery AS d ON d.id = l.delivery AND d.etat IN ('en_attente', 'en_vol')
    JOIN lane ON lane.partner = l.partner AND lane.subject = d.subject
    WHERE l.partner = :partner ORDER BY d.seq
""")
"""Statement that reads the unsent deliveries of the lot under way, and deletes its settled lines. The line of
an uncertain delivery is kept but not read: the partner may still be asked about the delivery, by the lot's
key."""
_FORM = Sql("""
    INSERT INTO lot_line (delivery, partner, lot, size)
    SELECT delivery, :partner, lot, size
    FROM unnest(CAST(:deliveries AS uuid[]), CAST(:lots AS uuid[]), CAST(:sizes AS int[])) AS l(delivery, lot, size)
    ON CONFLICT (delivery) DO UPDATE SET lot = excluded.lot, size = excluded.size
""")


class Lot(NamedTuple):
    """Lot of deliveries, with at least one delivery whose result is not known yet."""

    id: UUID
    size: int
    """Number of deliveries in the lot when the lot was made."""
    lines: Sequence[UUID]
    """Deliveries of the lot that still have to arrive, in order."""
    subjects: Sequence[UUID] = ()
    """Subjects of the lot's lanes; empty if the lot was not read from the database."""
    due: bool = True
    """True if all lanes of the lot may be claimed now."""


async def may_leave(connection: Connection, partner: str, lines: int, wait_s: float) -> bool:
    """Tell whether the waiting deliveries of a partner may be sent as a new lot: because there are `lines` of
    them, because the first has waited `wait_s` seconds, because one was tried before, or because a deadline
    is near."""
    row = await _MAY_LEAVE.one(
        connection, partner=partner, lines=lines, wait=wait_s, margin=DEADLINE_MARGIN_SECONDS
    )
    return bool(row.leaves)


async def under_way(connection: Connection, partner: str) -> Lot | None:
    """Return the oldest lot of a partner with a line whose result is not known; None if there is no such
    lot."""
    rows = await _UNDER_WAY.all(connection, partner=partner)
    ours = [row for row in rows if row.lot == rows[0].lot]
    if not ours:
        return None
    lines, subjects = [row.delivery for row in ours], [row.subject for row in ours]
    return Lot(ours[0].lot, ours[0].size, lines, subjects, all(row.due for row in ours))


async def form(connection: Connection, partner: str, lots: Sequence[Lot]) -> None:
    """Record these lots with their deliveries. The new lots replace earlier lots of the same deliveries."""
    lines = [(delivery, lot) for lot in lots for delivery in lot.lines]
    await _FORM.run(
        connection,
        partner=partner,
        deliveries=[delivery for delivery, _ in lines],
        lots=[lot.id for _, lot in lines],
        sizes=[lot.size for _, lot in lines],
    )
