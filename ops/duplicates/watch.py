"""Search for households that may be duplicates; their SIAO decide. Only the role `doublons` does this work,
because it decrypts identities."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import structlog

from contracts.base import Contrat, households_in
from contracts.envelope import derived_id
from contracts.errors import InvalidContract
from contracts.sealed import from_bytes, put_together
from contracts.v1 import CONTRATS
from contracts.v1.menage import Menage
from contracts.v1.pret_logement import DoublonSuspecte, EvenementDoublon, IndiceDoublon
from contracts.v1.transfert import DemandeTransfertAccepte
from ops.duplicates import sql as store
from ops.duplicates.cards import NOTHING, Said
from ops.duplicates.comparing import Suspected, opened, suspected
from ops.duplicates.deciding import DECIDED, OF_ITS_OWN, Pair, note
from ops.duplicates.hashing import blocks_of, hashed
from ops.duplicates.sql import Card
from ops.protection.protected import DESCRIBING, protected
from router.domain.partners import Registry
from router.domain.sandbox import message_territoire, sandbox_of
from router.privacy.keyring import Keyring
from router.privacy.sealing import unseal_part
from router.process.leases import Lease
from router.process.wakeup import WakeUp
from router.store import keys, log
from router.store.database import Connection, Database, Row
from router.store.hub_events import first_entry, say

logger = structlog.get_logger()
TICK_SECONDS = 30.0
BATCH = 200
DECIDING = tuple(kind.TYPE for kind in DECIDED)
MOVING = (DemandeTransfertAccepte.TYPE,)
Ciphers = Mapping[UUID, Any]


class Duplicates:
    """Work that searches for duplicates: it compares each household that a new event describes with the
    households already known. Only one process at a time does this work."""

    def __init__(
        self, database: Database, keyring: Keyring, lease: Lease, registry: Callable[[], Registry]
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._lease = lease
        self._registry = registry
        self._first: int | None = None
        """Sequence number at which `store.bounds` let the previous search begin. Events that this search left
        out, because they were not applied yet, have higher numbers. So the next search begins there at the
        latest. None before the first search."""
        self._seen: dict[UUID, None] = {}
        """Ids of the decisions and transfers read last. Events are read more than once, because transactions
        commit out of order, and events are applied out of order. A decision or transfer whose id is here is
        then skipped. An event that describes a household needs no id here: the household's card says which
        events it includes."""

    async def run(self) -> None:
        """Look for duplicates of the households in new events, every 30 seconds (`TICK_SECONDS`), until
        cancelled."""
        await self._lease.work(WakeUp(), TICK_SECONDS, self.look)

    async def look(self) -> None:
        """Process all new events: compare described households, record the decisions of SIAO, follow
        transfers of demands, and ask SIAO about new pairs. Raises BusUnavailable if the database does not
        answer."""
        async with self._database.statement() as connection:
            first, last = await store.bounds(connection)
        after = first - store.SPAN if self._first is None else min(first, self._first)
        while after < last:
            async with self._database.transaction() as connection:
                rows = await store.events(connection, after, DESCRIBING, (*DECIDING, *MOVING), BATCH)
                await store.one_decision_at_a_time(connection)
                news = [row for row in rows if row.id not in self._seen]
                await self._read(connection, news)
            self._remember(news)
            after = rows[-1].seq if len(rows) == BATCH else after + store.SPAN
        self._first = first

    def _remember(self, rows: Sequence[Row]) -> None:
        self._seen |= dict.fromkeys(row.id for row in rows if row.type not in DESCRIBING)
        for ident in list(self._seen)[: max(0, len(self._seen) - 2 * store.OVERLAP)]:
            del self._seen[ident]

    async def _read(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Process new events in one transaction: update households' cards, record decisions of SIAO, and ask
        SIAO about new pairs. The keys of the households in these events are locked first, sorted by id, to
        avoid deadlocks."""
        moved = await store.households_of(connection, [row.subject for row in rows if row.type in MOVING])
        named = {ident for row in rows for ident in _households(row)}
        await keys.hold(connection, sorted(named.union(*moved.values())))
        entries: list[log.Entry] = []
        for row in rows:
            kind = CONTRATS[row.type]
            if kind in DECIDED:
                await self._note(connection, row, kind)
            elif row.type in MOVING:
                entries += await self._moved(connection, row, moved.get(row.subject, ()))
            elif row.siao and sandbox_of(row.source) is None:
                found = await self._compared(connection, row, kind)
                entries += [entry for each in found for entry in self._told(each)]
        await say(self._database, connection, self._keyring.prover, entries)

    async def _moved(self, connection: Connection, row: Row, menages: Sequence[UUID]) -> list[log.Entry]:
        pairs = await store.hand_over(connection, row.subject, menages)
        named = {ident for pair in pairs for ident in (pair.menage, pair.autre)}
        hidden = await protected(connection, self._keyring, named) if named else frozenset()
        return [
            entry
            for pair in pairs
            if pair.etat == "propose" and hidden.isdisjoint((pair.menage, pair.autre))
            for entry in self._told(
                Suspected(
                    *(pair.menage, pair.autre, tuple(pair.newly)),
                    tuple(each for each in IndiceDoublon if each in pair.indices),
                ),
                row.id,
            )
        ]

    async def _note(self, connection: Connection, row: Row, kind: type[Contrat]) -> None:
        """Record a SIAO's decision about a pair if this SIAO may decide about the pair; otherwise only write a
        warning to the process's own output."""
        clair, _ = from_bytes(row.payload)
        said = put_together(kind, clair)
        assert isinstance(said, EvenementDoublon)
        pair = (said.menage, said.autre)
        if len(await keys.hold(connection, list(pair))) < len(pair):
            return
        follows = kind in OF_ITS_OWN and await self._follows(connection, row.source, pair)
        if follows or await self._was_asked(connection, row.source, pair):
            await note(connection, pair, kind, self._registry().present(row.source), row.time)
        else:
            logger.warning(
                "duplicates.not_its_own", menage=str(pair[0]), autre=str(pair[1]), partner=row.source
            )

    async def _follows(self, connection: Connection, siao: str, pair: Pair) -> bool:
        present = self._registry().present
        known = await store.cards(connection, pair)
        return {present(card.siao) for card in known.values()} == {present(siao)}

    async def _was_asked(self, connection: Connection, siao: str, pair: Pair) -> bool:
        present = self._registry().present
        put = await store.pair(connection, *pair)
        return put is not None and present(siao) in map(present, put.siaos)

    async def _compared(self, connection: Connection, row: Row, kind: type[Contrat]) -> list[Suspected]:
        clair, parts = from_bytes(row.payload)
        ciphers = await self._keyring.get(connection, {part.titulaire for part in parts})
        menage = _menage(row.id, kind, clair, parts, ciphers)
        cipher = ciphers.get(menage.id) if menage else None
        if menage is None or cipher is None:
            return []
        known = (await store.cards(connection, [menage.id])).get(menage.id)
        if known is not None and known.seen >= row.seq:
            return []
        said = (opened(cipher, known) if known else NOTHING).with_news(menage)
        card = Card(menage.id, row.siao, said.sealed(cipher, menage.id), row.seq)
        hidden = said.protege or bool(await protected(connection, self._keyring, [menage.id]))
        found_by = blocks_of(said._replace(protege=hidden))
        await store.keep(connection, card, hashed(self._keyring.hmacs.writer, found_by))
        if hidden:
            await store.withdraw(connection, menage.id)
            return []
        return await self._pairs(connection, card, said)

    async def _pairs(self, connection: Connection, card: Card, said: Said) -> list[Suspected]:
        return [
            each
            for each in await suspected(connection, self._keyring, card, said)
            if await store.propose(connection, each.menage, each.autre, each.indices, each.siaos)
        ]

    def _told(self, suspected: Suspected, cause: UUID | None = None) -> list[log.Entry]:
        """Return the messages that ask each SIAO in `suspected` whether the two households are one. For a new
        pair, `cause` is None. For a pair found earlier, `cause` is the id of the event by which one of these
        SIAO took over a demand of the households."""
        registry = self._registry()
        known = filter(None, map(registry.get, suspected.siaos))
        return [
            _entry(suspected, cause or suspected.menage, message_territoire(siao), siao.id) for siao in known
        ]


def _households(row: Row) -> Iterator[UUID]:
    clair, _ = from_bytes(row.payload)
    yield from map(UUID, households_in(CONTRATS[row.type], clair))


def _menage(ident: UUID, kind: type[Contrat], clair: Any, parts: Any, ciphers: Ciphers) -> Menage | None:
    try:
        trees = [unseal_part(ciphers[part.titulaire], ident, part) for part in parts]
        found = getattr(put_together(kind, clair, trees), "menage", None)
    except (KeyError, InvalidContract):
        return None
    return found if isinstance(found, Menage) else None


def _entry(suspected: Suspected, cause: UUID, territoire: str, siao: str) -> log.Entry:
    contrat = DoublonSuspecte(menage=suspected.menage, autre=suspected.autre, indices=suspected.indices)
    pair = " ".join(map(str, sorted((suspected.menage, suspected.autre))))
    ident = derived_id(cause, f"doublon {pair}", siao)
    return first_entry(contrat, ident, territoire)
