"""Delete rows whose retention is over, in small transactions. What is pending, undecided or still on Kafka
stays."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import NamedTuple
from uuid import UUID

from contracts.errors import BusUnavailable
from ops.forgetting import sql as together
from ops.forgetting.erasing import erase
from ops.forgetting.journal import Journal
from ops.retention.sql import SWEEPS, may_be_forgotten, remove, unheard
from router.domain.books import AWAITED_OF
from router.settings import Settings
from router.store.database import KEYS, Database

BATCH = 5000
ACTOR = "siao-hub"

HOUSEHOLD = timedelta(days=730)
"""Time after which the hub forgets a household that no message has named."""


async def sweep(database: Database, settings: Settings) -> Mapping[str, int]:
    """Delete all rows whose retention is over. Erase stored bytes from rows that stay, once the retention of
    the bytes is over. Forget the households that no message has named for two years. Return, by the French
    name of each kind of data, how many rows were deleted or emptied, or how many households were forgotten.
    If some kinds failed because the database did not answer, raise BusUnavailable after the others are done.
    Raises Misconfigured if the journal of erasures cannot be written."""
    sweeps = {name: partial(_sweep, database, name) for name in SWEEPS}
    sweeps["ménages oubliés"] = partial(_forget_unheard, database, settings)
    removed: dict[str, int] = {}
    waiting: list[str] = []
    for name, sweep_all in sweeps.items():
        try:
            removed[name] = await sweep_all()
        except BusUnavailable:
            waiting.append(name)
    if waiting:
        raise BusUnavailable(f"la rétention n'a pu tout retirer : {', '.join(waiting)}")
    return removed


async def _sweep(database: Database, name: str) -> int:
    total = 0
    while True:
        async with database.transaction() as connection:
            count = await remove(connection, name, BATCH)
        total += count
        if not count:
            return total


async def _forget_unheard(database: Database, settings: Settings) -> int:
    forgotten, judged, after = 0, set[UUID](), None
    while True:
        async with database.transaction() as connection:
            page = await unheard(connection, after, HOUSEHOLD, BATCH)
        for ident in page:
            if ident not in judged:
                done = await _forget_if_unheard(database, settings, ident)
                judged |= done.ids
                forgotten += done.forgotten
        if len(page) < BATCH:
            return forgotten
        after = page[-1]


class _Judged(NamedTuple):
    """What became of an attempt to forget a household together with the households and subjects tied to it.
    Either all are forgotten, or none. `ids` has the ids of all of them, `forgotten` the number of households
    forgotten."""

    ids: frozenset[UUID]
    forgotten: int


async def _forget_if_unheard(database: Database, settings: Settings, ident: UUID) -> _Judged:
    async with database.transaction() as connection:
        tied = await together.tied_ids(connection, ident)
        if not await may_be_forgotten(connection, tied.ids, HOUSEHOLD, AWAITED_OF):
            return _Judged(tied.ids, 0)
        await erase(connection, Journal.of(settings), tied.households, ACTOR)
        await database.notify(connection, KEYS)
    return _Judged(tied.ids, len(tied.households))
