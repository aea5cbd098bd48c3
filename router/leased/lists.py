"""Bring the lists of households ready for housing in line with the registry.

A reader is a partner that receives such a list. Each household is put on the lists of its readers, and taken
off all other lists. Forgotten households are removed. Rows that an older version of the hub wrote are repaired.
Readers get their whole list at agreed hours.

The worker runs this under a lease. The scheduler could not: it lacks the HMAC key by which the hub proves that
it wrote an event.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from uuid import NAMESPACE_OID, UUID

from contracts import uuids
from contracts.base import Contrat
from contracts.envelope import HUB, derived_id
from contracts.partner import Partner
from contracts.v1.pret_logement import (
    ListeDemandee,
    MotifRetrait,
    PretLogementDiffuse,
    PretLogementRetire,
)
from router.domain import routing
from router.domain.labels import labels_of
from router.domain.list_hours import hours
from router.domain.partners import Registry
from router.domain.proof import Prover
from router.domain.rulebooks.pret_logement import SUIVIS, SUR_LA_LISTE, MenagePret
from router.domain.sandbox import message_territoire
from router.domain.subjects import Subject
from router.process.leases import Lease
from router.process.wakeup import LONGEST_SECONDS, WakeUp
from router.store import lists, log, subjects
from router.store.database import Database, Row
from router.store.hub_events import first_entry, say

BATCH = 500
FIRST = UUID(int=0)


class Lists:
    """Work that keeps the lists of households ready for housing in line with the registry. It checks the
    readers and labels of all these households every hour, after a change of the registry, and after an erasure.
    A label says that a household may have a reader's reserved dwellings."""

    def __init__(
        self,
        database: Database,
        prover: Prover,
        lease: Lease,
        registry: Callable[[], Registry],
        wake: WakeUp,
    ) -> None:
        self._database = database
        self._prover = prover
        self._lease = lease
        self._registry = registry
        self._wake = wake

    async def run(self) -> None:
        """Append events to the log until cancelled: one for each household that was forgotten, or whose readers
        or labels have changed. At each hour agreed in a reader's registry entry, append an event that makes the
        hub send this reader its whole list."""
        await self._lease.work(self._wake, LONGEST_SECONDS, self._work)

    async def _work(self) -> None:
        await self._give_whole_lists(datetime.now(UTC))
        after: UUID | None = FIRST
        while after is not None:
            async with self._database.transaction() as connection:
                await self._database.must_be_whole()
                rows = await lists.listed(connection, SUIVIS, after, BATCH)
                households = {row.id: subjects.subject_of(row) for row in rows}
                stale = [row.id for row in rows if subjects.is_stale(households[row.id], row.donnees)]
                if stale:
                    await subjects.rewrite(connection, stale)
                entries = list(_entries(rows, households, self._registry()))
                await say(self._database, connection, self._prover, entries)
            after = rows[-1].id if len(rows) == BATCH else None

    async def _give_whole_lists(self, now: datetime) -> None:
        entries: list[log.Entry] = []
        for reader in self._registry().everybody.values():
            if reader.liste is None or not routing.reads_the_list(reader):
                continue
            come, coming = hours(reader.liste, message_territoire(reader), now)
            entries.append(_request(reader, come.isoformat()))
            self._wake.within((coming - now).total_seconds())
        if entries:
            async with self._database.transaction() as connection:
                await self._database.must_be_whole()
                await say(self._database, connection, self._prover, entries)


def requests_after(loss: str, registry: Registry) -> list[log.Entry]:
    """Return the requests for whole lists to make after a restore of the database: one for each reader that gets
    its list as a table. From a table, a reader cannot notice that the restore lost changes. `loss` names the
    restore. The requests' ids derive from it, so that a second call for the same restore adds nothing to the
    log."""
    return [
        _request(reader, loss)
        for reader in registry.everybody.values()
        if routing.reads_the_list(reader) and routing.households_at_once(reader.id, registry) > 1
    ]


def _request(reader: Partner, why: str) -> log.Entry:
    """Return the log entry that requests a reader's whole list. `why` names the occasion. The entry's id derives
    from the reader and the occasion, so that the log accepts only one request for a reader on each occasion."""
    ident = uuids.named(NAMESPACE_OID, f"{HUB} liste {reader.id} {why}")
    return first_entry(ListeDemandee(liste=ident, lecteur=reader.id), ident, message_territoire(reader))


def _entries(
    rows: Sequence[Row], households: Mapping[UUID, Subject], registry: Registry
) -> Iterator[log.Entry]:
    for row in rows:
        household = households[row.id]
        assert isinstance(household, MenagePret)
        siao = registry.get(household.emetteur)
        if siao is None:  # its SIAO left the registry: leave its readers unchanged
            continue
        territoire = message_territoire(siao)
        around = registry.around(territoire)
        there = routing.readers(household, territoire, around)
        readers, labels = {siao.id, *there}, labels_of(siao.id, there, around)
        if row.forgotten:
            gone = PretLogementRetire(menage=household.id, motif=MotifRetrait.OUBLIE)
            yield _entry(gone, territoire, household, "oublie")
        elif household.decrit_par is None or household.etat not in SUR_LA_LISTE:
            continue
        elif (why := readers ^ set(row.readers)) or labels != household.labels:
            contrat = PretLogementDiffuse(menage=household.id)
            yield _entry(contrat, territoire, household, "\n".join(sorted(why)) or "labellisation")


def _entry(contrat: Contrat, territoire: str, household: MenagePret, why: str) -> log.Entry:
    """Return the message `contrat` about a household as a log entry of the territory `territoire`. `why` names
    the occasion of the message. The entry's id derives from the household, the household's version and the
    occasion. An entry that is made twice for one occasion thus has one id, and is stored once."""
    ident = derived_id(household.id, f"liste {household.version}", why)
    return first_entry(contrat, ident, territoire)._replace(bulk=True)
