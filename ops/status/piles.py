"""Count the items that wait at each stage between sender and recipient, and compute how fast they come and
leave."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from pydantic_core import to_json

from contracts.plurals import counted
from ops.status import sql as store
from ops.status.findings import Finding
from ops.status.quantities import at
from ops.status.sql import Sample
from ops.status.verdict import APPLYING, Verdict, begun
from router.domain.correspondents import Correspondent, Count
from router.domain.roles import Role
from router.domain.vitals import COUNTED, CountedSince, Etape, Pile, Vitals
from router.store.database import Connection

RECENT = timedelta(minutes=5)
"""The approximate period over which growth is measured. A shorter period would not show slow growth."""
TREND = timedelta(minutes=1)
"""The age of the sample with which the present count is compared, to tell how many items come and leave a
minute."""
FORESEEN = timedelta(hours=12)
"""If a stage will be empty within this time, the hub says when."""
EMPTIED_BY: Mapping[Etape, Collection[str]] = {
    Etape.DIFFERE: {Role.SOURCES},
    Etape.A_APPLIQUER: APPLYING,
    Etape.MIS_DE_COTE: APPLYING,
    Etape.A_LIVRER: {Role.DISPATCHER},
    Etape.EN_BOITE: {Role.GATEWAY},
}
"""The parts of the hub without which nothing leaves a stage."""
FILLED_BY: Mapping[Etape, Collection[str]] = {Etape.A_LIVRER: APPLYING, Etape.EN_BOITE: {Role.DISPATCHER}}
"""The parts of the hub without which nothing comes to a stage. What comes to a stage that is not named here
depends on the partners."""


async def piles(connection: Connection, partners: Sequence[Correspondent], most: int) -> tuple[Pile, ...]:
    """Return each stage with the number of items that wait there, and how many come and leave a minute.
    Messages and events are counted up to `most` at each stage. The number of deliveries is the sum of the
    numbers that `partners` already has."""
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
    """Store the number of items at each stage, so that rates can be computed later. A stage that has too many
    items to be counted is left out."""
    numbers: Mapping[str, int] = {pile.etape: pile.number for pile in facts.piles if not pile.capped}
    await store.take_sample(connection, to_json(numbers).decode())


def trend_of(pile: Pile, now: datetime) -> str:
    """Return in French how a stage develops:

    * if its growth is unknown: why, or « — » if it has too many items to count;
    * if it is empty: « vide »;
    * otherwise: by how much it has grown or shrunk, since when, and, if it will be empty within `FORESEEN` at
      this rate, when.
    """
    if pile.growth is not None:
        when = at(pile.growth.since, now)
        if not pile.number:
            return "vide"
        if not pile.growth.number:
            return f"autant qu'à {when}"
        said = f"{counted(abs(pile.growth.number))} de {'plus' if pile.growth.number > 0 else 'moins'} depuis {when}"
        empty_at = _empty_at(pile, now)
        return f"{said}, vide vers {at(empty_at, now)} à ce rythme" if empty_at else said
    if pile.capped:
        return "—"
    if pile.sampled_at is None:
        return "jamais mesurée"
    if now - pile.sampled_at <= RECENT:
        return "pas encore mesurée"
    return f"plus mesurée depuis {at(pile.sampled_at, now)}"


def stop_of(pile: Pile, said: Verdict, now: datetime) -> str:
    """Return a French text such as « à l'arrêt depuis 02:41 » if a part of the hub that empties a stage has
    broken down; otherwise an empty text."""
    return _since_breakdown("à l'arrêt", said.breakdowns(EMPTIED_BY[pile.etape]), now)


def end_of_trend(pile: Pile, said: Verdict, now: datetime) -> str:
    """Return in French that a breakdown has ended the trend of a stage; an empty text if none has. If a part
    of the hub that empties the stage has broken down, return a text such as « à l'arrêt depuis 02:41 ».
    Otherwise, if the stage grew, and a part that fills it has broken down, return a text such as « ne grandit
    plus depuis 02:41 »."""
    grows = pile.growth is not None and pile.growth.number > 0
    filled_by = FILLED_BY.get(pile.etape, ()) if grows else ()
    return stop_of(pile, said, now) or _since_breakdown("ne grandit plus", said.breakdowns(filled_by), now)


def _since_breakdown(words: str, breakdowns: Sequence[Finding], now: datetime) -> str:
    began = begun(breakdowns)
    return f"{words} depuis {at(began, now)}" if began else words if breakdowns else ""


def _pile(etape: Etape, waits: Count, minute: Sample | None, recent: Sample | None) -> Pile:
    return Pile(
        etape,
        waits.number,
        waits.oldest,
        growth=_lasting(_growth(etape, waits, recent), _growth(etape, waits, minute)),
        in_per_minute=_per_minute(_came(etape, minute), minute),
        out_per_minute=_per_minute(_left(etape, waits, minute), minute),
        left=_since(_left(etape, waits, recent), recent),
    )


def _growth(etape: Etape, waits: Count, before: Sample | None) -> CountedSince | None:
    return _since(_grown(etape, waits, before), before)


def _since(number: int | None, before: Sample | None) -> CountedSince | None:
    return None if number is None or before is None else CountedSince(number, before.at)


def _lasting(recent: CountedSince | None, minute: CountedSince | None) -> CountedSince | None:
    """Return the change of a stage's count that still goes on. `recent` is its change over some minutes,
    `minute` its change over the last minute; each is None if it was not measured. If the stage shrank over
    some minutes, but not over the last one, return `minute`; otherwise `recent`."""
    has_ended = recent is not None and minute is not None and recent.number < 0 <= minute.number
    return minute if has_ended else recent


def _empty_at(pile: Pile, now: datetime) -> datetime | None:
    shrinks = (pile.out_per_minute or 0) > (pile.in_per_minute or 0)
    if not shrinks or pile.growth is None or pile.growth.number >= 0:
        return None
    takes = (now - pile.growth.since) * (pile.number / -pile.growth.number)
    return now + takes if takes <= FORESEEN else None


def _per_minute(number: int | None, before: Sample | None) -> float | None:
    if number is None or before is None:
        return None
    return number / ((before.now - before.at).total_seconds() / 60)


def _came(etape: Etape, before: Sample | None) -> int | None:
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
