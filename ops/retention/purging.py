"""Remove the old files that the hub wrote on partners' SFTP servers. The registry says for which partners,
and after what time."""

import math
import time
from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from contracts.errors import HubError
from contracts.partner import Partner
from router.domain.partners import Registry
from router.process.leases import Lease
from router.process.wakeup import WakeUp

logger = structlog.get_logger()
LOOK_SECONDS = 60.0
PURGE_EVERY_SECONDS = 3600.0


class Purges:
    """Work that removes the hub's old files from partners' SFTP servers every hour, in one process at a
    time."""

    def __init__(self, registry: Callable[[], Registry], lease: Lease) -> None:
        self._registry = registry
        self._lease = lease
        self._due_at = -math.inf

    async def run(self) -> None:
        """Remove the hub's old files from partners' SFTP servers, every hour until cancelled. A file is old
        if it has been there for longer than the registry says."""
        async with self._lease.rounds(WakeUp(), LOOK_SECONDS) as rounds:
            async for _ in rounds:
                await self._purge_if_due()

    async def _purge_if_due(self) -> None:
        if time.monotonic() >= self._due_at:
            for partner in self._registry().partners.values():
                await purge_partner(partner, datetime.now(UTC))
            self._due_at = time.monotonic() + PURGE_EVERY_SECONDS


async def purge_partner(partner: Partner, now: datetime) -> int:
    """Remove the hub's old files from a partner's SFTP folders, and return how many. A file is old if it has
    been there for longer than the registry says. If a folder fails, the failure is logged, and the next folder is
    cleared all the same."""
    if "sftp" not in {way.type for way in (partner.entree, partner.sortie) if way is not None}:
        return 0
    from connectors.sftp.purge import folders_of, purge  # import it only where SFTP is used

    removed = 0
    for folder in folders_of(partner):
        try:
            removed += await purge(folder, now)
        except HubError as exc:
            logger.warning("sftp.purge_waits", partner=partner.id, reason=str(exc))
    if removed:
        logger.info("sftp.purged", partner=partner.id, files=removed)
    return removed
