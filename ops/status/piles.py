"""Pending items at each stage between sender and recipient, and their rates."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from pydantic_core import to_json

from ops.status import sql as store
from ops.status.findings import Finding
from ops.status.quantities import at, decimal
from ops.status.sql import Sample
from ops.status.verdict import APPLYING, Verdict, begun
from router.domain.correspondents import Correspondent, Count
from router.domain.roles import Role
from router.domain.vitals import COUNTED, Etape, Pile, Vitals
from router.store.database import Connection

RECENT = timedelta(minutes=5)
"""Period over which growth is measured. A shorter period would not show slow growth."""
OLDEST = timedelta(minutes=7)
"""Maximum age of the sample from which growth is measured: one is taken about every minute."""
TREND = timedelta(minutes=1)
"""How long ago the sample was taken that shows what arrives and leaves now."""
LEAST_TREND = 0.05
"""Smallest change of a stage that is not called stable, in items a minute."""
EMPTIED_BY: Mapping[Etape, Collection[str]] = {
    Etape.DIFFERE: {Role.SOURCES},
    Etape.A_APPLIQUER: APPLYING,
    Etape.MIS_DE_COTE: APPLYING,
    Etape.A_LIVRER: {Role.DISPATCHER},
    Etape.EN_BOITE: {Role.GATEWAY},
}
"""Parts of the hub without which nothing leaves a stage."""
FILLED_BY: Mapping[Etape, Collection[str]] = {Etape.A_LIVRER: APPLYING, Etape.EN_BOITE: {Role.DISPATCHER}}
"""Parts of the hub without which nothing comes to a stage; of the other stages, partners decide what comes."""


async def piles(connection: Connection, partners: Sequence[Correspondent], most: int) -> tuple[Pile, ...]:
    """Return each stage with the number of items that wait there, and how many come and leave a minute. Each
    number is counted up to `most`; at the stages of deliveries, up to `most` for each partner."""
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
    found = [_pile(etape, waits, minute, recent) for etape, waits in now.items()]
    return tuple(replace(pile, sampled_at=row.sampled_at) for pile in found)


async def take_sample(connection: Connection, facts: Vitals) -> None:
    """Store the number of items at each stage, so that rates can be computed from it later. A stage is left out
    if it has too many items to count."""
    numbers: Mapping[str, int] = {pile.etape: pile.number for pile in facts.piles if not pile.capped}
    await store.take_sample(connection, to_json(numbers).decode())


def trend_of(pile: Pile, now: datetime) -> str:
    """Return in French by how many items a minute a stage grows or shrinks: « grandit de 3,5 ». Return « — » if
    the stage has too many items to count. If no rate was measured, return whether one was ever measured."""
    if pile.per_minute is not None:
        if abs(pile.per_minute) < LEAST_TREND:
            return "stable"
        if not pile.number:
            return "vidée"
        return f"{'grandit' if pile.per_minute > 0 else 'se vide'} de {decimal(abs(pile.per_minute))}"
    if pile.capped:
        return "—"
    if pile.sampled_at is None:
        return "jamais mesurée"
    if now - pile.sampled_at <= RECENT:
        return "pas encore mesurée"
    return f"plus mesurée depuis {at(pile.sampled_at, now)}"


def stop_of(pile: Pile, said: Verdict, now: datetime) -> str:
    """Return « à l'arrêt depuis 02:41 » if nothing leaves a stage, because the part of the hub that empties it
    has broken down. Return an empty text otherwise."""
    return _since_breakdown("à l'arrêt", said.breakdowns(EMPTIED_BY[pile.etape]), now)


def end_of_trend(pile: Pile, said: Verdict, now: datetime) -> str:
    """Return in French why the measured trend of a stage no longer holds: nothing leaves the stage (see
    `stop_of`), or the stage has grown until now and nothing comes to it any more. Return an empty text if the
    trend holds."""
    grows = pile.per_minute is not None and pile.per_minute > 0
    filled_by = FILLED_BY.get(pile.etape, ()) if grows else ()
    return stop_of(pile, said, now) or _since_breakdown("ne grandit plus", said.breakdowns(filled_by), now)


def _since_breakdown(words: str, breakdowns: Sequence[Finding], now: datetime) -> str:
    began = begun(breakdowns)
    return f"{words} depuis {at(began, now)}" if began else words if breakdowns else ""


def _pile(etape: Etape, waits: Count, minute: Sample | None, recent: Sample | None) -> Pile:
    """Return a stage with the items `waits` and the rates at which items come and leave. `minute` is the stored
    sample of about `TREND` ago, `recent` that of about `RECENT` ago; None if there is no such sample.

    The growth is measured since `recent`; it is None if `recent` is much younger or older than `RECENT`.
    """
    whole = recent if recent is not None and RECENT <= recent.now - recent.at <= OLDEST else None
    return Pile(
        etape,
        waits.number,
        waits.oldest,
        per_minute=_per_minute(_grown(etape, waits, whole), whole),
        in_per_minute=_per_minute(_came(etape, minute), minute),
        out_per_minute=_per_minute(_left(etape, waits, minute), minute),
        out_5_min=_out_lately(etape, waits, recent),
    )


def _per_minute(number: int | None, before: Sample | None) -> float | None:
    if number is None or before is None:
        return None
    return number / ((before.now - before.at).total_seconds() / 60)


def _out_lately(etape: Etape, waits: Count, before: Sample | None) -> float | None:
    """Return how many items left a stage in the last `RECENT`, estimated from what has left since the sample
    `before`. If the sample is older than `RECENT`, this is the share of the time that `RECENT` covers; if it is
    younger, everything that left since. Return None without a sample."""
    left = _left(etape, waits, before)
    return left if before is None or left is None else left * min(1.0, RECENT / (before.now - before.at))


def _came(etape: Etape, before: Sample | None) -> int | None:
    """Return how many items have come to a stage since the sample `before`. Return None without a sample, or
    for a stage at which arrivals are not counted."""
    if before is None:
        return None
    return {Etape.A_APPLIQUER: before.accepted, Etape.A_LIVRER: before.owed}.get(etape)


def _grown(etape: Etape, waits: Count, before: Sample | None) -> int | None:
    if before is None or waits.number >= COUNTED or etape not in before.piles:
        return None
    return waits.number - before.piles[etape]


def _left(etape: Etape, waits: Count, before: Sample | None) -> int | None:
    came, grown = _came(etape, before), _grown(etape, waits, before)
    return None if came is None or grown is None else max(0, came - grown)


def _together(parts: Sequence[Count]) -> Count:
    oldest = min((part.oldest for part in parts if part.oldest), default=None)
    return Count(sum(part.number for part in parts), oldest)
