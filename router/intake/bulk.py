"""Decode large messages in chunks of rows, after the gateway has answered 202. Resume after a crash.

The id of an event derives from its message and row number. Each chunk is committed together with the number of
rows done. If the sender wants all or nothing, the events of the message are stored, but deferred until its last
row is decoded. Partners take turns. If a partner sends small messages after a large one, their events wait until
the large message is decoded.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Collection, Iterable, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import UTC
from itertools import count
from typing import NamedTuple, TypeVar
from uuid import UUID

import structlog
from pydantic_core import to_json

from adapters.registry import TABULAIRES
from contracts.errors import BusUnavailable, InvalidContract, Misconfigured
from contracts.frozen import replace
from contracts.plurals import many
from contracts.ports import Ligne, Native, Rejet
from router.domain.messages import facts_of
from router.domain.partners import Registry
from router.intake.backlog import Backlog
from router.intake.decoders import Decoders
from router.intake.decoding import Chunk, Incoming
from router.intake.draft import (
    ALL_OR_NOTHING,
    ILLISIBLE,
    KEY_NEEDED,
    LISTED_REJECTIONS,
    NOT_SEALED,
    OUR_BUG,
    refused_message,
    rejected_rows,
    rejection_rows,
    rejections_of,
)
from router.intake.inbox_rows import native_of
from router.intake.keeping import CannotBeKept, Keeper
from router.intake.once import ID_TAKEN, RowsTaken
from router.intake.rows import Cited, DraftRow, Origin
from router.intake.truth import Truth
from router.privacy.crosswalk import Crosswalk
from router.privacy.keyring import Keyring
from router.process.leases import Lease
from router.process.wakeup import WakeUp
from router.store import idempotency, inbox, log, numbers, quarantine
from router.store import large as store
from router.store.audit import record
from router.store.database import OUTBOX, Connection, Database, Row
from router.store.hmac_keys import KeyTurned
from router.triage import cause_of

logger = structlog.get_logger()
T = TypeVar("T")
CHUNK_ROWS = 1000
SLICE_CHUNKS = 20
"""Number of chunks that are decoded before the next partner's turn. When a message is resumed, it is read again
from its first row, and stored rows are skipped."""


@dataclass(frozen=True, slots=True)
class _Large:
    """Large message that is being decoded. `keyless` is True if the message came without an idempotency key."""

    origin: Origin
    message: Incoming
    all_or_nothing: bool
    keyless: bool


class _Ready(NamedTuple):
    """Chunk that is ready to be stored."""

    chunk: Chunk
    events: Sequence[log.Entry] | None
    """Encrypted events. None if they must be encrypted in the transaction that stores the chunk."""
    tables: int
    """Value of `Database.replaced` before the events were encrypted."""


class _Elsewhere(Exception):
    """Raised to stop the decoding before a message's end: another process has stored the rows, the lease is lost,
    another partner has its turn, or the sender's large files must wait."""


class Bulk:
    """Work that decodes large messages, which have the state `en_cours`, one after another. Only the process that
    holds the lease for this work does it."""

    def __init__(
        self,
        database: Database,
        keeper: Keeper,
        truth: Truth,
        decoders: Decoders,
        keyring: Keyring,
        crosswalk: Crosswalk,
        wake: WakeUp,
        lease: Lease,
        registry: Callable[[], Registry],
        backlog: Backlog,
    ) -> None:
        self._database = database
        self._keeper = keeper
        self._truth = truth
        self._decoders = decoders
        self._keyring = keyring
        self._crosswalk = crosswalk
        self._wake = wake
        self._lease = lease
        self._registry = registry
        self._backlog = backlog
        self._served: set[str] = set()
        """Partners that have had their turn in this round."""

    async def run(self) -> None:
        """Decode large messages whenever there are some, until cancelled."""
        async with self._lease.rounds(self._wake) as rounds:
            async for _ in rounds:
                try:
                    while self._lease.holds() and await self._next():
                        await self._lease.take()
                except (BusUnavailable, Misconfigured):  # already logged
                    await asyncio.sleep(1)
                    self._wake.set()

    async def _next(self) -> bool:
        """Serve the next partner in turn. Decode its oldest large message; or, if its small messages no longer
        wait for a large message, make their events pending. A partner whose large files must wait
        (`Backlog.paused`) has no turn. Return True if a partner was served, and False if there was no partner to
        serve."""
        partners = self._registry().partners
        async with self._database.transaction() as connection:
            row = await self._turn(connection, partners)
            if row is None:
                return False
            cipher = (await self._keyring.get(connection, [row.id])).get(row.id)
        if row.etat != "en_cours":  # a small message that no longer waits behind a large one
            await self._make_pending(row.partner)
            return True
        native = None
        if cipher is not None:
            with suppress(InvalidContract):
                native = native_of(row, cipher)
        if native is None:
            await self._finish(row.id, row.held, _unreadable(row.rows_done))
            return True
        origin = Origin(row.id, partners[row.partner], row.received_at.astimezone(UTC))
        message = Incoming(native, origin.partner, row.dialect)
        await self._decode(_Large(origin, message, row.held, row.keyless), row.rows_done)
        return True

    async def _turn(self, connection: Connection, partners: Collection[str]) -> Row | None:
        paused = self._backlog.paused()
        row = await store.oldest(connection, partners, self._served | paused)
        if row is None and self._served:
            self._served.clear()
            row = await store.oldest(connection, partners, paused)
        if row is not None:
            self._served.add(row.partner)
        return row

    async def _gives_way(self, partner: str) -> bool:
        paused = self._backlog.paused()
        if partner in paused:
            return True
        async with self._database.transaction() as connection:
            return await store.any_but(connection, self._registry().partners, paused | {partner})

    async def _make_pending(self, partner: str) -> None:
        async with self._database.transaction() as connection:
            if await inbox.make_pending(connection, await store.to_make_pending(connection, partner)):
                await self._database.notify(connection, OUTBOX)

    async def _decode(self, large: _Large, done: int) -> None:
        try:
            broken = await self._rows(large, done)
        except _Elsewhere:
            return
        except (BusUnavailable, Misconfigured):
            raise
        except Exception as exc:  # noqa: BLE001  a bug of the hub ends this file only
            logger.error("bulk.bug", message=str(large.origin.message), where=cause_of(exc)[1])
            broken = OUR_BUG
        file = None if large.all_or_nothing else await self._to_mend(large)
        await self._finish(large.origin.message, large.all_or_nothing, broken, file)

    async def _to_mend(self, large: _Large) -> Native | None:
        if large.message.dialect not in TABULAIRES:
            return None
        async with self._database.transaction() as connection:
            row = await inbox.fate(connection, large.origin.message)
        rejets = rejections_of(row.rejections) if row is not None else ()
        return await self._decoders.to_mend(large.message, rejets) if rejets else None

    async def _rows(self, large: _Large, done: int) -> Rejet | None:
        turns = count(1)
        read = one_ahead(self._chunks(large, done))
        async with aclosing(one_ahead(self._ready(large, read))) as ready:
            async for each in ready:
                if not await self._still_ours() or not await self._keep(large, each, done):
                    raise _Elsewhere
                done += len(each.chunk.rows)
                if len(each.chunk.rows) < CHUNK_ROWS:
                    return each.chunk.broken
                if next(turns) % SLICE_CHUNKS == 0 and await self._gives_way(large.origin.partner.id):
                    raise _Elsewhere
        raise AssertionError("a message ends with a chunk that is not full")

    async def _chunks(self, large: _Large, done: int) -> AsyncGenerator[Chunk, None]:
        while True:
            chunk = await self._read(large, done)
            yield chunk
            if len(chunk.rows) < CHUNK_ROWS:
                return
            done += CHUNK_ROWS

    async def _ready(
        self, large: _Large, chunks: AsyncGenerator[Chunk, None]
    ) -> AsyncGenerator[_Ready, None]:
        async with aclosing(chunks):
            async for chunk in chunks:
                if large.keyless:
                    chunk = chunk._replace(rows=[_with_key(ligne) for ligne in chunk.rows])
                rows, cited = _rows_of(large.origin, chunk.rows), _cited_in(large.origin, chunk.rows)
                tables = self._database.replaced
                yield _Ready(chunk, await self._keeper.sealed_ahead(rows, cited), tables)

    async def _read(self, large: _Large, done: int) -> Chunk:
        chunk = await self._decoders.read_on(large.origin.message, done, CHUNK_ROWS, large.message)
        if chunk.bug is not None:
            logger.error("bulk.bug", message=str(large.origin.message), where=chunk.bug)
        return chunk

    async def _still_ours(self) -> bool:
        return self._lease.holds() or await self._lease.take()

    async def _keep(self, large: _Large, ready: _Ready, done: int) -> bool:
        """Store a decoded chunk of a large message. The chunk, `ready`, follows the first `done` rows of the
        message. Return False if another process has already stored this chunk."""
        if ready.events is not None:
            return await self._commit_sealed(large, ready.chunk.rows, ready.events, ready.tables, done)
        return await self._keep_spared(large, ready.chunk.rows, done)

    async def _keep_spared(self, large: _Large, chunk: list[Ligne], done: int) -> bool:
        try:
            return await self._commit(large, chunk, done)
        except RowsTaken as exc:
            return await self._keep_spared(large, _without(chunk, exc.rows, ID_TAKEN), done)
        except CannotBeKept as exc:
            logger.error("intake.bug", partner=large.origin.partner.id, where=cause_of(exc)[1])
            return await self._keep_spared(large, _without(chunk, exc.rows, NOT_SEALED), done)

    async def _commit_sealed(
        self, large: _Large, chunk: Sequence[Ligne], events: Sequence[log.Entry], tables: int, done: int
    ) -> bool:
        async with self._database.transaction() as connection:
            if self._database.replaced != tables:
                raise BusUnavailable(
                    "une autre base a pris le relais : ses clés ne sont peut-être pas les mêmes"
                )
            if not await self._progress(connection, large.origin.message, chunk, len(events), done):
                return False
            await self._keeper.keep_sealed(connection, events, deferred=large.all_or_nothing)
        return True

    async def _commit(self, large: _Large, chunk: Sequence[Ligne], done: int) -> bool:
        read_at, hmacs = time.monotonic(), self._keyring.hmacs
        async with self._database.transaction() as connection:
            chunk = await self._truth.of_rows(connection, large.origin, chunk)
            await self._keyring.follow(connection)
            if self._keyring.hmacs is not hmacs:  # the replaced key finds no number hashed anew
                raise KeyTurned
            rows, cited = _rows_of(large.origin, chunk), _cited_in(large.origin, chunk)
            if not await self._progress(connection, large.origin.message, chunk, len(rows), done):
                return False
            undecided = large.origin.message if large.all_or_nothing else None
            deferred = [] if undecided is None else [undecided]
            resolved = await self._keeper.keep(connection, (), rows, cited, deferred, undecided)
        self._crosswalk.remember(resolved, read_at)
        return True

    async def _progress(
        self, connection: Connection, message: UUID, chunk: Sequence[Ligne], accepted: int, done: int
    ) -> bool:
        rejets = [rejet for ligne in chunk for rejet in ligne.rejets]
        warnings = [each for ligne in chunk for each in ligne.avertissements]
        return await store.advance(
            connection,
            message,
            done=done,
            rows=len(chunk),
            accepted=accepted,
            rejected=rejected_rows(rejets),
            rejections=_json(rejets),
            warnings=_json(warnings),
            listed=LISTED_REJECTIONS,
        )

    async def _finish(
        self, message: UUID, all_or_nothing: bool, broken: Rejet | None = None, file: Native | None = None
    ) -> None:
        async with self._database.transaction() as connection:
            counts = await store.counts(connection, message)
            wrong = bool(counts.rejected or broken)
            if all_or_nothing and wrong:
                await self._close(connection, message, "refuse", broken or ALL_OR_NOTHING, drop=True)
            elif not counts.accepted:
                await self._close(connection, message, "refuse", broken)
            else:
                etat = "partiel" if wrong else "accepte"
                await self._close(connection, message, etat, broken, make_pending=all_or_nothing)
                if file is not None:
                    await self._keeper.keep_rows_to_mend(connection, message, file)

    async def _close(
        self,
        connection: Connection,
        message: UUID,
        etat: str,
        rejet: Rejet | None = None,
        *,
        drop: bool = False,
        make_pending: bool = False,
    ) -> None:
        row = await store.close(connection, message, etat, _json([rejet] if rejet else []))
        if row is None:  # another process has already stored a final state
            return
        if drop:
            await log.drop(connection, message)
        if make_pending:
            await log.make_message_pending(connection, message)
            await self._database.notify(connection, OUTBOX)
        await record(connection, row.partner, f"message.{etat}", str(message), {"dialecte": row.dialect})
        if etat == "refuse":
            refused = refused_message(message, row.partner, row.dialect, row.rejections)
            await quarantine.keep_messages(connection, [refused])
            await idempotency.release_claims(connection, row.partner, message)
        if drop or make_pending:
            await numbers.decide(connection, message, accepted=make_pending)


async def one_ahead(source: AsyncGenerator[T, None]) -> AsyncGenerator[T, None]:
    """Yield the items of `source`. While the caller works on an item, compute the next item. If the caller stops
    early, wait for the item that is being computed: to cancel it would kill the decoding process."""
    async with aclosing(source):
        making = asyncio.create_task(anext(source, None))
        try:
            while (item := await making) is not None:
                making = asyncio.create_task(anext(source, None))
                yield item
        finally:
            await asyncio.gather(making, return_exceptions=True)


def _rows_of(origin: Origin, chunk: Iterable[Ligne]) -> list[DraftRow]:
    return [DraftRow(origin, each.numero, each.contrat, each.cle) for each in chunk if each.contrat]


def _cited_in(origin: Origin, chunk: Iterable[Ligne]) -> list[Cited]:
    return [(origin, {ident for ligne in chunk for ident in ligne.personnes_citees})]


def _unreadable(rows: int) -> Rejet:
    return Rejet(
        ILLISIBLE,
        f"Le message ne peut plus être lu après {many(rows, 'ligne')} : renvoyez la suite, ou le tout s'il est refusé.",
    )


def _without(chunk: list[Ligne], rows: Collection[int], why: Rejet) -> list[Ligne]:
    return [
        ligne.rejected(replace(why, ligne=ligne.numero))
        if ligne.contrat is not None and ligne.numero in rows
        else ligne
        for ligne in chunk
    ]


def _with_key(ligne: Ligne) -> Ligne:
    """Reject the row if it creates a subject and has no event id: if such a row were sent twice, it would create
    the subject twice. Return any other row unchanged."""
    if ligne.contrat is None or ligne.cle is not None or not facts_of(ligne.contrat).needs_key:
        return ligne
    return ligne.rejected(replace(KEY_NEEDED, ligne=ligne.numero))


def _json(rejets: list[Rejet]) -> str:
    return to_json(rejection_rows(rejets)).decode()
