"""Do the hub's regular work: count lost messages, delete old rows and expired idempotency claims, and delete
lanes without deliveries. A lane is the deliveries to one partner about one subject."""

import math
import time

import structlog

from contracts.errors import BusUnavailable, Misconfigured
from ops.balance.balanced import recount
from ops.retention import sweeping as retention
from router.domain.vitals import COUNTED_EVERY
from router.process.leases import Lease
from router.process.wakeup import WakeUp
from router.settings import Settings
from router.store import idempotency, lanes, mailbox, quarantine
from router.store.database import Database

logger = structlog.get_logger()
TICK_SECONDS = 120.0
RETENTION_SECONDS = 3600.0
RETENTION_RETRY_SECONDS = 300.0


class Scheduler:
    """The hub's regular work, done by the one process that holds the lease:

    * It deletes rows whose retention is over, and forgets households that no message has named for two years.
    * It counts what is lost: accepted events and due deliveries that have no outcome.
    * If a partner no longer has a mailbox, it makes the deliveries left there due, so that the dispatcher
      sends them to the partner.
    """

    def __init__(self, database: Database, settings: Settings, lease: Lease) -> None:
        self._database = database
        self._settings = settings
        self._counts_at = self._hourly_at = -math.inf
        self._lease = lease

    async def run(self) -> None:
        """Do the regular work that is due, every `TICK_SECONDS`, until cancelled. Expired idempotency claims,
        lanes without deliveries, and deliveries in mailboxes that partners no longer have are seen to each
        time. The count of lost messages is due every ten minutes, the deletion of old rows every hour."""
        await self._lease.work(WakeUp(), TICK_SECONDS, self._work)

    async def _work(self) -> None:
        async with self._database.statement() as connection:
            while await lanes.sweep(connection):
                pass
            while await idempotency.sweep_keys(connection):
                pass
            await mailbox.empty_mailboxes(connection)
        await self._count_in_turn()
        await self._hourly()

    async def _count_in_turn(self) -> None:
        """Count lost messages, unless the last count began less than about ten minutes ago. A count that
        failed is not repeated sooner."""
        if time.monotonic() >= self._counts_at:
            self._counts_at = time.monotonic() + COUNTED_EVERY.total_seconds() - TICK_SECONDS / 2
            await self._count_what_is_lost()

    async def _hourly(self) -> None:
        if time.monotonic() < self._hourly_at:
            return
        await self._tell_what_is_undecided()
        self._hourly_at = time.monotonic() + await self._retain()

    async def _tell_what_is_undecided(self) -> None:
        async with self._database.transaction() as connection:
            undecided = await quarantine.undecided(connection)
        for row in undecided:
            logger.error(
                "quarantine.undecided",
                cause=row.cause,
                partner=row.partner,
                number=row.number,
                since=row.since.isoformat(),
            )

    async def _count_what_is_lost(self) -> None:
        try:
            lost = await recount(self._database)
        except BusUnavailable as exc:
            logger.warning("scheduler.not_counted", reason=str(exc))
        else:
            if lost:
                logger.error("scheduler.lost", number=lost)

    async def _retain(self) -> float:
        try:
            removed = await retention.sweep(self._database, self._settings)
            logger.info("scheduler.retention", **removed)
            return RETENTION_SECONDS
        except BusUnavailable as exc:
            logger.warning("scheduler.retention_waits", reason=str(exc))
        except Misconfigured as exc:
            logger.error("scheduler.misconfigured", reason=str(exc))
        return RETENTION_RETRY_SECONDS
