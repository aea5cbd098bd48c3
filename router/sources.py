"""Pickups: one loop a source, under its lease; a file is settled only after the commit."""

import asyncio
from collections.abc import Callable
from functools import partial

import structlog

from connectors.registry import open_source
from connectors.room import Room
from connectors.sftp.source import FILE_MAX_BYTES
from contracts.errors import BusUnavailable, HubError, Transient
from contracts.partner import Partner
from contracts.ports import IntakeReport, Native, Source
from router.intake import Intake
from router.leases import Lease
from router.partners import Registry
from router.triage import first_of
from router.wakeup import WakeUp

logger = structlog.get_logger()
RESCAN_SECONDS = 1.0
DECODING_LOOK_SECONDS = 0.5
SETTLED_AT_ONCE = 8
"""Files of a source whose report is written and which are moved away at the same time."""
TOGETHER_BYTES, PARTNER_BYTES = 2 * FILE_MAX_BYTES, FILE_MAX_BYTES
"""Files in memory at most, of all partners and of one: whatever one has dropped, another has room."""
TELLING_SECONDS = 5.0


class Sources:
    """Follows the registry: starts a loop for each source, and a new one when its entry changes."""

    def __init__(
        self, intake: Intake, registry: Callable[[], Registry], lease: Callable[[str], Lease]
    ) -> None:
        self._intake = intake
        self._registry = registry
        self._lease = lease
        self._room = Room(TOGETHER_BYTES)
        self._loops: dict[str, tuple[Partner, asyncio.Task[None]]] = {}
        self._telling: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Until cancelled."""
        try:
            while True:
                self._follow()
                await asyncio.sleep(RESCAN_SECONDS)
        finally:
            for _, task in self._loops.values():
                task.cancel()
            await asyncio.gather(*(task for _, task in self._loops.values()), return_exceptions=True)
            if self._telling:
                await asyncio.wait(self._telling, timeout=TELLING_SECONDS)

    async def _decoded(self, report: IntakeReport, partner: Partner, lease: Lease) -> IntakeReport:
        """The final report: that of a large file comes when its last row is decoded. Raises Transient when the
        lease is lost meanwhile: whoever holds it then meets the same message as a repetition."""
        while report.etat == "en_cours":
            await asyncio.sleep(DECODING_LOOK_SECONDS)
            if not lease.holds() and await lease.take() is None:
                raise Transient("le relevé est passé à un autre processus")
            report = await self._intake.report(report.message_id, partner)
        return report

    async def _moved_away(self, native: Native, partner: Partner, report: IntakeReport) -> None:
        """Tell the intake, whatever else fails or ends: the file is gone, and nobody will meet it again to tell it."""
        telling = asyncio.create_task(self._tell(native, partner, report))
        self._telling.add(telling)
        telling.add_done_callback(self._telling.discard)
        await asyncio.shield(telling)

    async def _tell(self, native: Native, partner: Partner, report: IntakeReport) -> None:
        assert partner.entree is not None
        while True:
            try:
                return await self._intake.moved_away(
                    native, partner, partner.entree.dialecte, report.message_id
                )
            except BusUnavailable:
                await asyncio.sleep(DECODING_LOOK_SECONDS)

    def _follow(self) -> None:
        wanted = {p.id: p for p in self._registry().partners.values() if p.entree is not None}
        for ident, (partner, task) in list(self._loops.items()):
            if wanted.get(ident) != partner or task.done():
                task.cancel()
                del self._loops[ident]
        for ident, partner in wanted.items():
            if ident not in self._loops:
                self._loops[ident] = (partner, asyncio.create_task(self._pick_up(partner)))

    async def _pick_up(self, partner: Partner) -> None:
        assert partner.entree is not None
        lease = self._lease(f"source:{partner.id}")
        source, room = None, Room(PARTNER_BYTES, within=self._room)
        try:
            async for _ in lease.rounds(WakeUp(), partner.entree.intervalle_s):
                try:
                    source = source or open_source(partner, room)
                    await self._empty(source, partner, lease, room)
                except* Transient as exc:
                    logger.warning("source.waits", partner=partner.id, reason=str(first_of(exc)))
                except* HubError as exc:
                    logger.error("source.misconfigured", partner=partner.id, reason=str(first_of(exc)))
        finally:
            if source is not None:
                await source.close()

    async def _empty(self, source: Source, partner: Partner, lease: Lease, room: Room) -> None:
        """Take in what waits, one file after the other; settle several at once, for that is what takes time."""
        assert partner.entree is not None
        dialect = partner.entree.dialecte
        settling = asyncio.Semaphore(SETTLED_AT_ONCE)

        async def settle(native: Native, report: IntakeReport) -> None:
            await source.done(native, await self._decoded(report, partner, lease))
            await self._moved_away(native, partner, report)

        def settled(native: Native, _: asyncio.Task[None]) -> None:
            settling.release()
            room.give_back(len(native.body))

        async with asyncio.TaskGroup() as group:
            async for native in source.fetch():
                try:
                    report = await self._intake.receive(native, partner, dialect)
                    await settling.acquire()  # here, so that no more files than that are in memory
                except BaseException:
                    room.give_back(len(native.body))
                    raise
                group.create_task(settle(native, report)).add_done_callback(partial(settled, native))
                if not lease.holds() and await lease.take() is None:
                    break
