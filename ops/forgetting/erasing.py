"""To forget a household: destroy its keys, and those of every raw message that holds it.

What is sealed under them becomes unreadable at once, in the tables, on the bus and in every dump. The
erasure is journalled outside the database, to be applied again after a restore.
"""

from collections.abc import Sequence
from enum import StrEnum
from uuid import UUID

from contracts.errors import Permanent
from ops.forgetting import sql as together
from ops.forgetting.journal import Journal
from ops.forgetting.kin import Kin
from ops.retention.sql import still_open_for
from router.domain.subjects import AWAITED_OF
from router.store import crosswalk, keys, origin
from router.store.audit import record
from router.store.database import KEYS, Connection, Database


class Extent(StrEnum):
    """Who is forgotten, where a demand ties several households together: a person says whether they are one."""

    ALONE = "seul"
    TOGETHER = "ensemble"


class OtherIds(Permanent):
    """A demand ties the household to others that are not forgotten, and nobody has said whether they are one."""

    def __init__(self, kin: Kin) -> None:
        super().__init__("ce ménage a d'autres identifiants par ses demandes : dire --ensemble ou --seul")
        self.kin = kin


def chosen(kin: Kin, extent: Extent | None) -> Sequence[UUID]:
    """The households to forget. Raises OtherIds."""
    if kin.own is None:
        return ()
    if kin.others and extent is None:
        raise OtherIds(kin)
    return kin.households if extent is Extent.TOGETHER else (kin.own,)


async def forget(
    database: Database,
    journal: Journal,
    ident: UUID,
    actor: str,
    *,
    force: bool = False,
    extent: Extent | None = None,
) -> int:
    """Forget a household, and what is tied to it by demands where that was said; returns the number of keys destroyed.

    Raises OtherIds where it was not said; Permanent while a referral or candidacy is open, or a message not decided,
    unless `force`; Misconfigured or BusUnavailable where it cannot be journalled.
    """
    async with database.transaction() as connection:
        menages = chosen(await together.kin(connection, ident), extent)
        still_open = await still_open_for(connection, menages, AWAITED_OF)
        if still_open and not force:
            raise Permanent(
                f"{still_open} orientation(s), candidature(s) ou message(s) de ce ménage attendent encore une réponse "
                "ou une décision : attendre leur issue, ou répéter avec --forcer"
            )
        destroyed = await erase(connection, journal, menages, actor)
        await database.notify(connection, KEYS)
    return destroyed


async def erase(connection: Connection, journal: Journal, menages: Sequence[UUID], actor: str) -> int:
    """Destroy the keys of households in this transaction, each journalled and audited; returns how many."""
    await journal.forgets(menages)
    total = 0
    for menage in menages:
        destroyed = await _destroy(connection, menage)
        beside = [str(each) for each in menages if each != menage]
        await record(connection, actor, "menage.oublier", str(menage), {"cles": destroyed, "avec": beside})
        total += destroyed
    return total


async def apply_again(database: Database, journal: Journal, actor: str) -> int:
    """Repeat every journalled erasure (after a restore); returns the keys destroyed this time. Raises Misconfigured
    where the journal is missing or cannot be read, BusUnavailable."""
    total = 0
    async with database.statement() as connection:
        known = await origin.read(connection)
    menages = await journal.households(was_begun=known is None or known.has_journal)
    async with database.transaction() as connection:
        for menage in menages:
            destroyed = await _destroy(connection, menage)
            if destroyed:
                await record(connection, actor, "menage.oublier", str(menage), {"cles": destroyed})
            total += destroyed
        if total:
            await database.notify(connection, KEYS)
    return total


async def _destroy(connection: Connection, menage: UUID) -> int:
    holders = await keys.holders_of(connection, menage)
    await crosswalk.remove(connection, holders)
    return await keys.destroy(connection, holders)
