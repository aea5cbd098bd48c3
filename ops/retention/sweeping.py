"""What is kept for how long (`store.retention`). Nothing that is still due, undecided or in the topics is ever removed.

Each statement removes at most `BATCH` rows in a transaction of its own: no long locks, however much there is.
"""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import NamedTuple
from uuid import UUID

from contracts.errors import BusUnavailable
from ops.forgetting import sql as together
from ops.forgetting.erasing import erase
from ops.forgetting.journal import Journal
from ops.retention.sql import SWEEPS, all_silent, remove, silent
from router.domain.subjects import AWAITED_OF
from router.settings import Settings
from router.store.database import KEYS, Database

BATCH = 5000
ACTOR = "siao-hub"

HOUSEHOLD = timedelta(days=730)
"""A household is forgotten so long after the last that was heard of it."""


async def sweep(database: Database, settings: Settings) -> Mapping[str, int]:
    """Remove all that has had its time; how many rows of each. Raises BusUnavailable, which names what could not be
    removed, all else being done; Misconfigured where erasures cannot be journalled."""
    sweeps = {name: partial(_sweep, database, name) for name in SWEEPS}
    sweeps["ménages oubliés"] = partial(_forget_silent, database, settings)
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


async def _forget_silent(database: Database, settings: Settings) -> int:
    """Forget the households that nobody has spoken of for two years, and that nobody waits for: all at once whom
    demands tie together, when the last of them is silent."""
    forgotten, judged, after = 0, set[UUID](), None
    while True:
        async with database.transaction() as connection:
            page = await silent(connection, after, HOUSEHOLD, BATCH)
        for ident in page:
            if ident not in judged:
                done = await _forget_if_silent(database, settings, ident)
                judged |= done.ids
                forgotten += done.forgotten
        if len(page) < BATCH:
            return forgotten
        after = page[-1]


class _Judged(NamedTuple):
    """What was looked at together, and how many households of it are forgotten."""

    ids: frozenset[UUID]
    forgotten: int


async def _forget_if_silent(database: Database, settings: Settings, ident: UUID) -> _Judged:
    """Still, for all of them take their time."""
    async with database.transaction() as connection:
        kin = await together.kin(connection, ident)
        if not await all_silent(connection, kin.ids, HOUSEHOLD, AWAITED_OF):
            return _Judged(kin.ids, 0)
        await erase(connection, Journal.of(settings), kin.households, ACTOR)
        await database.notify(connection, KEYS)
    return _Judged(kin.ids, len(kin.households))
