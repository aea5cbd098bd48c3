"""Erase a household: destroy its keys, and those of raw messages about it. What these keys encrypt is
unreadable at once, in tables, on Kafka and in dumps."""

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from contracts.errors import Permanent
from contracts.plurals import many
from ops.duplicates import sql as duplicates
from ops.forgetting import sql as together
from ops.forgetting.journal import Journal
from ops.forgetting.tied import TiedIds
from ops.person.sql import last_named
from ops.protection import sql as protection
from ops.retention.sql import still_open_for
from router.domain.books import AWAITED_OF
from router.store import crosswalk, keys, limitations, numbers, origin
from router.store.audit import record
from router.store.database import KEYS, Connection, Database

CLOCKS_DIFFER = timedelta(minutes=5)
"""Minimum time from an erasure to a message that counts as later than the erasure: the journal's clock may
differ from PostgreSQL's."""


class Extent(StrEnum):
    """Choice of what to forget of a household that has several ids: only the given id, or all ids linked to
    it."""

    ALONE = "seul"
    TOGETHER = "ensemble"


class OtherIds(Permanent):
    """Raised if other household ids are linked to the household to forget, and the caller has not said whether
    to forget these too. Two ids are linked in three cases: a referral with one id cites a demand with the
    other; a demand was described under both; people have declared both to be one household."""

    def __init__(self, tied: TiedIds) -> None:
        super().__init__("ce ménage a d'autres identifiants par ses demandes : dire --ensemble ou --seul")
        self.tied = tied


def chosen(tied: TiedIds, extent: Extent | None) -> Sequence[UUID]:
    """Choose the household ids to forget. `tied` has the id of a household or subject that a person gave, and all
    ids linked to it. Return:
    * for a subject without household, an empty tuple;
    * with the extent `TOGETHER`, all household ids in `tied`;
    * with `ALONE` or None, only the id of the given household, or of the given subject's household.
    Raises OtherIds if `extent` is None, and `tied` has other household ids that are not forgotten yet: somebody
    has to choose.
    """
    if tied.own is None:
        return ()
    if tied.others and extent is None:
        raise OtherIds(tied)
    return tied.households if extent is Extent.TOGETHER else (tied.own,)


async def forget(
    database: Database,
    journal: Journal,
    ident: UUID,
    actor: str,
    *,
    force: bool = False,
    extent: Extent | None = None,
) -> int:
    """Forget the household `ident`, and return the number of keys destroyed. `journal` is the journal of
    erasures, written last in the transaction. `extent`: whether to forget the household under all its ids or
    under `ident` alone. Raises:

    * OtherIds if the household has other ids, and `extent` is None;
    * Permanent if an answer or decision about the household is awaited, unless `force`;
    * Misconfigured or BusUnavailable if the journal of erasures cannot be written.
    """
    async with database.transaction() as connection:
        menages = chosen(await together.tied_ids(connection, ident), extent)
        still_open = await still_open_for(connection, menages, AWAITED_OF)
        if still_open and not force:
            open_ones = many(still_open, "envoi de ce ménage attend", "envois de ce ménage attendent")
            raise Permanent(
                f"{open_ones} encore une réponse ou une décision : attendre, ou répéter avec --forcer"
            )
        destroyed = await erase(connection, journal, menages, actor)
        await database.notify(connection, KEYS)
    return destroyed


async def erase(connection: Connection, journal: Journal, menages: Sequence[UUID], actor: str) -> int:
    """Destroy the keys of these households in this transaction, then record in the journal of erasures
    (`journal`) that they are forgotten. The audit records `actor` as the one who did it. Return the number of
    keys destroyed."""
    await keys.lock(connection, {h for menage in menages for h in await keys.holders_of(connection, menage)})
    total = 0
    for menage in menages:
        destroyed = await _destroy(connection, menage, await keys.holders_of(connection, menage))
        beside = [str(each) for each in menages if each != menage]
        await record(connection, actor, "menage.oublier", str(menage), {"cles": destroyed, "avec": beside})
        total += destroyed
    await journal.forgets(menages)
    return total


async def apply_again(database: Database, journal: Journal, actor: str) -> int:
    """Repeat every erasure in the journal, after a restore of the database. A household is left alone if it
    has a data key, and a message named it after its erasure: then the erasure had failed, or the household
    came back later. Return the number of keys destroyed. Raises Misconfigured if the journal is missing or
    unreadable, BusUnavailable if Kafka or the database does not answer."""
    total = 0
    async with database.statement() as connection:
        known = await origin.read(connection)
    erasures = await journal.households(was_begun=known is None or known.has_journal)
    async with database.transaction() as connection:
        for menage, at in erasures.items():
            holders = await keys.holders_of(connection, menage)
            named_at = (await last_named(connection, [menage])).at
            lives = menage in await keys.hold(connection, [menage])
            if lives and named_at is not None and named_at - CLOCKS_DIFFER > at:
                continue
            destroyed = await _destroy(connection, menage, holders)
            if destroyed:
                await record(connection, actor, "menage.oublier", str(menage), {"cles": destroyed})
            total += destroyed
        if total:
            await database.notify(connection, KEYS)
    return total


async def _destroy(connection: Connection, menage: UUID, holders: Sequence[UUID]) -> int:
    destroyed = await keys.destroy(connection, holders)
    await duplicates.remove(connection, menage)
    await protection.remove(connection, menage)
    await limitations.remove(connection, holders)
    await crosswalk.remove(connection, holders)  # tables in the order of `FINGERPRINTED`
    await numbers.remove(connection, menage)
    return destroyed
