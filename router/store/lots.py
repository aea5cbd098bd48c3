"""Store lots. A lot is several deliveries to one partner that leave together, in one file. Each of them is
the first waiting delivery of its lane.

Which deliveries are in a lot is stored before its file is sent. A delivery stays in its lot until the result
of the delivery is known. So a file that is sent again has the same deliveries and the same idempotency key.
"""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from router.store.sql import Connection, Sql

DEADLINE_MARGIN_SECONDS = 300.0
"""Seconds by which a lot leaves before a deadline or a reminder of one of its subjects, even if the lot is
not full."""

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
# A line whose delivery has a known result is deleted. A delivery in the state `incertaine` keeps its line,
# but is not returned.
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
_FORM = Sql("""
    INSERT INTO lot_line (delivery, partner, lot, size)
    SELECT delivery, :partner, lot, size
    FROM unnest(CAST(:deliveries AS uuid[]), CAST(:lots AS uuid[]), CAST(:sizes AS int[])) AS l(delivery, lot, size)
    ON CONFLICT (delivery) DO UPDATE SET lot = excluded.lot, size = excluded.size
""")


class Lot(NamedTuple):
    """Lot with deliveries that are still to be sent."""

    id: UUID
    size: int
    """Number of deliveries in the lot when it was made. Some of them may have arrived since."""
    lines: Sequence[UUID]
    """Deliveries that are still to be sent, in order."""
    subjects: Sequence[UUID] = ()
    """Subjects of the deliveries in `lines`, in the same order. Empty for a lot that was not read from the
    database."""
    due: bool = True
    """True if all lanes of `lines` may be claimed now: none is claimed already, and none waits for its next
    try."""


async def may_leave(connection: Connection, partner: str, lines: int, wait_s: float) -> bool:
    """Tell whether a new lot may leave for the partner. A lot takes one delivery from each due lane, and is
    full with `lines` deliveries. It may leave if enough lanes are due to fill it, or if one due lane

    * has been due for `wait_s` seconds,
    * has had a failed attempt, or has a delivery that the partner's last lot did not take, or
    * is close to a deadline of its subject, or to a reminder (`DEADLINE_MARGIN_SECONDS` before).
    """
    row = await _MAY_LEAVE.one(
        connection, partner=partner, lines=lines, wait=wait_s, margin=DEADLINE_MARGIN_SECONDS
    )
    return bool(row.leaves)


async def under_way(connection: Connection, partner: str) -> Lot | None:
    """Return the partner's oldest lot with deliveries that are still to be sent. Return None if there is no
    such lot."""
    rows = await _UNDER_WAY.all(connection, partner=partner)
    ours = [row for row in rows if row.lot == rows[0].lot]
    if not ours:
        return None
    lines, subjects = [row.delivery for row in ours], [row.subject for row in ours]
    return Lot(ours[0].lot, ours[0].size, lines, subjects, all(row.due for row in ours))


async def form(connection: Connection, partner: str, lots: Sequence[Lot]) -> None:
    """Store these lots. A delivery that is in an earlier lot moves to its new lot."""
    lines = [(delivery, lot) for lot in lots for delivery in lot.lines]
    await _FORM.run(
        connection,
        partner=partner,
        deliveries=[delivery for delivery, _ in lines],
        lots=[lot.id for _, lot in lines],
        sizes=[lot.size for _, lot in lines],
    )
