"""What is kept for how long (`store.retention`). Nothing that is still due, undecided or in the topics is ever removed.

Each statement removes at most `BATCH` rows in a transaction of its own: no long locks, however much there is.
"""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from uuid import UUID

from contracts.errors import BusUnavailable
from router.domain.subjects import AWAITED
from router.ops.forgetting import erase
from router.settings import Settings
from router.store.database import KEYS, Connection, Database
from router.store.retention import SWEEPS, remove, silent

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
    """Forget the households that nobody has spoken of for two years, and that nobody waits for."""
    forgotten = 0
    async with database.transaction() as connection:
        households = await _silent(connection, None)
    for menage in households:
        async with database.transaction() as connection:
            if await _silent(connection, menage):  # still, for all of them take their time
                await erase(connection, settings.erasures_file, menage, ACTOR)
                await database.notify(connection, KEYS)
                forgotten += 1
    return forgotten


async def _silent(connection: Connection, menage: UUID | None) -> list[UUID]:
    waited_for = [str(etat) for etat in AWAITED]
    return await silent(connection, menage, HOUSEHOLD, waited_for, BATCH)
