"""Recover the database by itself after a failover of PostgreSQL. After a restore from a backup, a person has
to start the recovery."""

import math
import time
from collections.abc import Callable

import structlog

from contracts.errors import BusUnavailable, Misconfigured, Permanent
from ops.forgetting.journal import Journal
from ops.recovery.reading import recover
from router.process.leases import Lease
from router.process.wakeup import WakeUp
from router.settings import Settings
from router.store import origin
from router.store.database import WENT_BACK, Database
from router.store.origin import Origin, Server

logger = structlog.get_logger()
ACTOR = "siao-hub"
KEPT_SECONDS = 10.0
"""The seconds between two writes of the present time to the database. After a failover, Kafka is read again
from the last time that was written."""
LOOK_SECONDS = 1.0
RESTORED = "base restaurée, et bus pas encore relu : « siao-hub recover »"


class Standby:
    """A watch that notices a failover of the database, and brings back the events lost by it. One process at
    a time does this work. The watch calls the function `says` with the reason, in French, when no events can
    be applied, and with None when they can be applied again."""

    def __init__(
        self, database: Database, settings: Settings, lease: Lease, says: Callable[[str | None], None]
    ) -> None:
        self._database = database
        self._settings = settings
        self._lease = lease
        self._says = says
        self._journal = Journal.of(settings)
        self._noted_at = -math.inf
        self._journalled: Server | None = None

    async def run(self) -> None:
        """Look every second whether the database has failed over. If it has, bring back the lost events. Go
        on until cancelled."""
        await self._lease.work(WakeUp(), LOOK_SECONDS, self._work)

    async def _work(self) -> None:
        if not self._database.went_back and time.monotonic() < self._noted_at + KEPT_SECONDS:
            return
        self._noted_at = time.monotonic()
        async with self._database.transaction() as connection:
            await origin.keep(connection)
            known = await origin.read(connection)
            server = (await origin.met(connection)).server
        try:
            if known is None or (known.went_back and not known.by_failover):
                self._says(RESTORED)
            elif known.went_back:
                await self._bring_up(known)
            else:
                await self._note(known, server)
        except (BusUnavailable, Misconfigured, Permanent) as exc:
            logger.error("base.not_recovered", reason=str(exc))
            if self._database.went_back:
                self._says(str(exc))

    async def _bring_up(self, known: Origin) -> None:
        self._says(WENT_BACK)
        lossless = known.synchronous
        logger.error("base.took_over", since=known.seen_at.isoformat(), lossless=lossless)
        done = await recover(self._settings, self._database, known.seen_at, ACTOR, lossless=lossless)
        await self._database.is_whole()
        self._noted_at = -math.inf
        self._says(None)
        logger.info("base.recovered", records=done.records)

    async def _note(self, known: Origin, server: Server | None) -> None:
        if not known.has_journal:
            await self._journal.begin()
            async with self._database.transaction() as connection:
                await origin.begin_journal(connection)
        if server is not None and server != self._journalled:
            await self._journal.is_served_by(server)
            self._journalled = server
