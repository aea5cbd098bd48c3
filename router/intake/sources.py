"""Fetch messages from partners' sources: the folders, topics and services in which partners leave them. Each
source has its own loop, under a lease.

A fetched file is first stored in the database, and then settled: its report is written, and it is moved away.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import structlog

from connectors.byte_budget import FILE_MAX_BYTES, ByteBudget, WithReserve
from connectors.reading import AnswerReading
from connectors.registry import Lent, open_source
from contracts.errors import HubError, Transient
from contracts.partner import Partner
from contracts.ports import AnswerReaders, IntakeReport, Native, Source
from router.domain.correspondents import OUR_FAULT
from router.domain.partners import Registry
from router.intake.halts import PAUSED, Halts
from router.intake.receive import Intake
from router.intake.source_rounds import SourceRounds
from router.process.leases import Lease
from router.process.wakeup import WakeUp
from router.store.database import AWAY, Database
from router.store.heartbeat import Read
from router.triage import cause_of, first_of

logger = structlog.get_logger()
RESCAN_SECONDS = 1.0
DECODING_LOOK_SECONDS = 0.5
SETTLED_AT_ONCE = 8
"""Largest number of files of one source that are settled at the same time."""
TOGETHER_BYTES, PARTNER_BYTES = 2 * FILE_MAX_BYTES, FILE_MAX_BYTES
"""Most bytes of fetched files in memory: first for all partners together, then for one partner."""
RESERVE_BYTES = 4 * 1024 * 1024
"""Most bytes of fetched small messages in memory, for all partners together. They have this limit of their own so
that large files cannot block them."""
ENDING_SECONDS = 5.0
"""Longest time, in seconds, that an ending loop waits for files that are being moved away."""


class Sources:
    """Loops that fetch messages, one for each partner with a source. When a partner's entry changes, the
    partner's loop is restarted."""

    def __init__(
        self,
        database: Database,
        intake: Intake,
        registry: Callable[[], Registry],
        lease: Callable[[str], Lease],
        readers: AnswerReaders,
    ) -> None:
        self._database = database
        self._intake = intake
        self._registry = registry
        self._lease = lease
        self._readers = readers
        self._budget = ByteBudget(TOGETHER_BYTES)
        self._reserve = ByteBudget(RESERVE_BYTES)
        self._readings: dict[str, SourceRounds] = {}
        self._loops: dict[str, tuple[Partner, asyncio.Task[None]]] = {}
        self._moving: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Fetch messages from all sources, until cancelled."""
        try:
            while True:
                self._follow()
                await asyncio.sleep(RESCAN_SECONDS)
        finally:
            for _, task in self._loops.values():
                task.cancel()
            await asyncio.gather(*(task for _, task in self._loops.values()), return_exceptions=True)
            if self._moving:
                await asyncio.wait(self._moving, timeout=ENDING_SECONDS)

    async def _decoded(self, report: IntakeReport, partner: Partner, lease: Lease) -> IntakeReport:
        while report.etat == "en_cours":
            await asyncio.sleep(DECODING_LOOK_SECONDS)
            self._reading_of(partner).goes_on()
            if not lease.holds() and not await lease.take():
                raise Transient("le relevé est passé à un autre processus")
            report = await self._intake.report(report.message_id, partner)
        return report

    async def _put_away(self, source: Source, native: Native, partner: Partner, report: IntakeReport) -> None:
        """Settle a file at the source, which then offers it no more. `report` tells the source whether the hub
        accepted or refused the file. If the caller is cancelled, the settling goes on."""
        moving = asyncio.create_task(self._move(source, native, partner, report))
        self._moving.add(moving)
        moving.add_done_callback(self._moved)
        try:
            await asyncio.wait({moving})
        except asyncio.CancelledError:
            await asyncio.wait(
                {moving}, timeout=ENDING_SECONDS
            )  # the caller may close the source only after the move
            raise
        moving.result()

    async def _move(self, source: Source, native: Native, partner: Partner, report: IntakeReport) -> None:
        assert partner.entree is not None
        await source.done(native, report)
        while True:
            try:
                return await self._intake.moved_away(
                    native, partner, partner.entree.dialecte, report.message_id
                )
            except AWAY:
                await asyncio.sleep(DECODING_LOOK_SECONDS)

    def _moved(self, moving: asyncio.Task[None]) -> None:
        self._moving.discard(moving)
        if not moving.cancelled():
            moving.exception()  # mark it as read, or asyncio prints its text, which may contain values

    def _follow(self) -> None:
        wanted = {p.id: p for p in self._registry().partners.values() if p.entree is not None}
        for ident, (partner, task) in list(self._loops.items()):
            if task.done():
                del self._loops[ident]
            elif wanted.get(ident) != partner and not task.cancelling():
                task.cancel()
        for ident, partner in wanted.items():
            if ident not in self._loops:
                self._loops[ident] = (partner, asyncio.create_task(self._keep_picking_up(partner)))

    async def _keep_picking_up(self, partner: Partner) -> None:
        loop = asyncio.current_task()
        assert loop is not None
        assert partner.entree is not None
        while not loop.cancelling():  # a bug's exception may have replaced the CancelledError
            try:
                await self._pick_up(partner)
            except* Exception as exc:  # noqa: BLE001  only bugs reach this line
                logger.error("source.bug", partner=partner.id, **cause_of(first_of(exc))[2])
                self._reading_of(partner).failed(OUR_FAULT)
            await asyncio.sleep(partner.entree.intervalle_s)

    def _reading_of(self, partner: Partner) -> SourceRounds:
        return self._readings.setdefault(partner.id, SourceRounds(partner.id))

    def news(self) -> list[Read]:
        """Return the state of each source about which something was recorded since the last call. The state says
        when the source was last read, and since when and why it fails."""
        return [read for each in self._readings.values() if (read := each.news()) is not None]

    async def _pick_up(self, partner: Partner) -> None:
        assert partner.entree is not None
        lease = self._lease(f"source:{partner.id}")
        source, settled_in = None, 0
        budget = WithReserve(PARTNER_BYTES, self._budget, self._reserve)
        reading = self._reading_of(partner)
        halts = Halts(self._database, partner)
        try:
            async with lease.rounds(WakeUp(), partner.entree.intervalle_s) as rounds:
                async for _ in rounds:
                    try:
                        reading.goes_on()
                        self._intake.backlog.check(partner)
                        if source is not None and settled_in != self._database.replaced:
                            await (
                                source.close()
                            )  # the new tables may lack files that the old source has settled
                            source = None
                        if source is None:
                            settled_in = self._database.replaced
                            source = open_source(partner, self._lent(partner, budget))
                        if await halts.may_read(source):
                            async with halts.counted():
                                await self._empty(source, partner, lease, budget)
                            reading.succeeded()
                        else:
                            reading.failed(PAUSED)
                    except* AWAY:  # already logged
                        pass
                    except* HubError as exc:
                        first = first_of(exc)
                        reading.failed(first.noted if isinstance(first, HubError) else str(first))
        finally:
            if source is not None:
                await source.close()

    def _lent(self, partner: Partner, budget: ByteBudget) -> Lent:
        reading = AnswerReading(partner.id, self._readers)
        return Lent(reading, budget, self._database.tables, partial(self._intake.candidacies, partner))

    async def _empty(self, source: Source, partner: Partner, lease: Lease, budget: ByteBudget) -> None:
        assert partner.entree is not None
        since = lease.fencing_token
        dialect = partner.entree.dialecte
        settling = asyncio.Semaphore(SETTLED_AT_ONCE)
        failures: list[Exception] = []

        async def settle(native: Native, report: IntakeReport) -> None:
            with _noted(failures):
                final = await self._decoded(report, partner, lease)
                final = await self._intake.with_rows_to_mend(final, native, partner, dialect)
                await self._put_away(source, native, partner, final)
                self._reading_of(partner).put_away()

        def settled(native: Native, _: asyncio.Task[None]) -> None:
            settling.release()
            budget.release(len(native.body))

        async with asyncio.TaskGroup() as group:
            with _noted(failures):
                async for native in source.fetch():
                    self._reading_of(partner).goes_on()
                    try:
                        if not await lease.unbroken(
                            since
                        ):  # another process may have received this file and later ones
                            budget.release(len(native.body))
                            break
                        report = await self._intake.receive(
                            native,
                            partner,
                            dialect,
                            native.headers.get("idempotency-key"),
                            picked_up=True,
                        )
                        await settling.acquire()  # waits here, so that few files are in memory
                    except BaseException:
                        budget.release(len(native.body))
                        raise
                    group.create_task(settle(native, report)).add_done_callback(partial(settled, native))
                    if len(failures) >= SETTLED_AT_ONCE:
                        break
        if failures:
            raise ExceptionGroup("relevé", failures)


@contextmanager
def _noted(failures: list[Exception]) -> Iterator[None]:
    try:
        yield
    except Exception as exc:  # noqa: BLE001  raised again once all files are settled
        failures.append(exc)
