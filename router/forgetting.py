"""To forget a household: destroy its keys, and those of every raw message that holds it.

What is sealed under them becomes unreadable at once, in the tables, on the bus and in every dump. The
erasure is journalled outside the database, to be applied again after a restore.
"""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from contracts.errors import Permanent
from router.machines import candidature, orientation
from router.store.audit import record
from router.store.database import KEYS, Database
from router.store.sql import Connection, Sql

_OPEN = Sql("SELECT count(*) FROM subject WHERE menage = :menage AND etat = ANY(CAST(:etats AS text[]))")
_HOLDERS = Sql("""
    WITH named AS (
        SELECT CAST(:menage AS uuid) AS id UNION SELECT id FROM subject WHERE menage = :menage
    )
    SELECT id FROM named
    UNION SELECT holder FROM key_link JOIN named ON titulaire = named.id
""")
_DESTROY = Sql("DELETE FROM holder_key WHERE holder = ANY(CAST(:holders AS uuid[])) RETURNING holder")
_UNLINK = Sql("DELETE FROM crosswalk WHERE id = ANY(CAST(:holders AS uuid[]))")


async def forget(database: Database, journal: Path, menage: UUID, actor: str, *, force: bool = False) -> int:
    """Forget a household; returns the number of keys destroyed.

    Raises Permanent while a referral or candidacy is open, unless `force`.
    """
    async with database.transaction() as connection:
        waiting = [*orientation.ATTENDUES, *candidature.ATTENDUES]
        parameters = {"menage": menage, "etats": [str(etat) for etat in waiting]}
        still_open = (await _OPEN.one(connection, **parameters)).count
        if still_open and not force:
            raise Permanent(
                f"{still_open} orientation(s) ou candidature(s) de ce ménage attendent encore une réponse : "
                "attendre leur issue, ou répéter avec --forcer"
            )
        destroyed = await erase(connection, journal, menage, actor)
        await database.notify(connection, KEYS)
    return destroyed


async def erase(connection: Connection, journal: Path, menage: UUID, actor: str) -> int:
    """Destroy a household's keys in this transaction, journalled and audited; returns how many."""
    _journal(journal, menage)
    destroyed = await _destroy(connection, menage)
    await record(connection, actor, "menage.oublier", str(menage), {"cles": destroyed})
    return destroyed


async def apply_again(database: Database, journal: Path, actor: str) -> int:
    """Repeat every journalled erasure (after a restore); returns the keys destroyed this time."""
    total = 0
    async with database.transaction() as connection:
        for menage in _journalled(journal):
            destroyed = await _destroy(connection, menage)
            if destroyed:
                await record(connection, actor, "menage.oublier", str(menage), {"cles": destroyed})
            total += destroyed
        if total:
            await database.notify(connection, KEYS)
    return total


async def _destroy(connection: Connection, menage: UUID) -> int:
    holders = await _HOLDERS.column(connection, menage=menage)
    await _UNLINK.run(connection, holders=holders)
    return len(await _DESTROY.all(connection, holders=holders))


def _journalled(path: Path) -> list[UUID]:
    if not path.exists():
        return []
    return [UUID(json.loads(line)["menage"]) for line in path.read_text(encoding="utf-8").splitlines()]


def _journal(path: Path, menage: UUID) -> None:
    """Append and fsync before the keys go: an erasure that is journalled and not yet done is done later."""
    line = json.dumps({"menage": str(menage), "le": datetime.now(UTC).isoformat()})
    with path.open("a", encoding="utf-8") as file:
        file.write(line + "\n")
        file.flush()
        os.fsync(file.fileno())
