"""Numbers of pending items at each stage between sender and recipient, and how they change."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from pydantic_core import to_json

from ops.status import sql as store
from router.domain.vitals import COUNTED, Correspondent, Count, Etape, Pile, Vitals
from router.store.database import Connection

RECENT = timedelta(minutes=5)
"""Period over which received messages are counted to compute a rate, and over which the numbers of pending
items grow: over a minute, a slow growth would be shown as none."""
TREND = timedelta(minutes=1)
"""Age of the stored sample that tells whether anything arrives and leaves now."""


async def piles(connection: Connection, partners: Sequence[Correspondent], most: int) -> tuple[Pile, ...]:
    """Return the number of pending items at each stage between sender and recipient, with the rate at which
    it changes. A count stops at `most`; for deliveries, at `most` for each partner."""
    row = await store.piles(connection, most)
    minute, recent = await store.compared(connection, (TREND, RECENT))
    to_leave, in_boxes = [p.waiting for p in partners], [p.in_box for p in partners]
    now = {
        Etape.DIFFERE: Count(row.differe, row.differe_since),
        Etape.A_APPLIQUER: Count(row.a_appliquer, row.a_appliquer_since),
        Etape.MIS_DE_COTE: Count(row.mis_de_cote, row.mis_de_cote_since),
        Etape.A_LIVRER: _together(to_leave),
        Etape.EN_BOITE: _together(in_boxes),
    }
    return tuple(
        replace(
            _compared(etape, waits, minute),
            per_minute=_compared(etape, waits, recent or minute).per_minute,
            out_5_min=_out_lately(etape, waits, recent),
        )
        for etape, waits in now.items()
    )


async def take_sample(connection: Connection, facts: Vitals) -> None:
    """Store the numbers of pending items, from which rates are later computed. A stage between sender and
    recipient whose count was cut off is left out."""
    numbers: Mapping[str, int] = {pile.etape: pile.number for pile in facts.piles if not pile.capped}
    await store.take_sample(connection, to_json(numbers).decode())


def _compared(etape: Etape, waits: Count, before: Any | None) -> Pile:
    pile = Pile(etape, waits.number, waits.oldest)
    if before is None:
        return pile
    minutes = (before.now - before.at).total_seconds() / 60
    came, left = _came(etape, before), _left(etape, waits, before)
    if came is not None:
        pile = replace(pile, in_per_minute=came / minutes)
    if pile.capped or etape not in before.piles:
        return pile
    grown = waits.number - before.piles[etape]
    return replace(pile, per_minute=grown / minutes, out_per_minute=None if left is None else left / minutes)


def _out_lately(etape: Etape, waits: Count, before: Any | None) -> float | None:
    """Return how many rows left the stage (a step between sender and recipient) during the last `RECENT`.
    Return None if there is no earlier sample (`before`) to compare with.

    A sample that is younger than `RECENT`, as after a start of the hub, gives the number since then. The
    number since an older sample is reduced in proportion.
    """
    left = None if before is None else _left(etape, waits, before)
    return left if before is None or left is None else left * min(1.0, RECENT / (before.now - before.at))


def _came(etape: Etape, before: Any) -> int | None:
    """Return how many rows arrived at a stage (a step between sender and recipient) since the sample `before`
    was taken. Return None for a stage at which arrivals are not measured."""
    came: int | None = {Etape.A_APPLIQUER: before.accepted, Etape.A_LIVRER: before.owed}.get(etape)
    return came


def _left(etape: Etape, waits: Count, before: Any) -> int | None:
    """Return how many rows have left a stage (a step between sender and recipient) since the sample `before`.
    `waits` is the number of rows at the stage now. Return None if one of the numbers is unknown."""
    came = _came(etape, before)
    if came is None or waits.number >= COUNTED or etape not in before.piles:
        return None
    left: int = max(0, came - waits.number + before.piles[etape])
    return left


def _together(parts: Sequence[Count]) -> Count:
    oldest = min((part.oldest for part in parts if part.oldest), default=None)
    return Count(sum(part.number for part in parts), oldest)
