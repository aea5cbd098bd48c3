"""Seal the audit: bind its rows into a chain of hashes, and sign the chain's last link every minute. The
signed link is a head; heads are stored outside the database."""

import asyncio
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import structlog

from contracts.errors import Misconfigured
from ops.audit import heads
from ops.audit.kept import read_heads
from router.domain import audit_heads
from router.domain.audit_chain import BEGINNING
from router.domain.audit_heads import Head, in_order
from router.domain.merkle import root_of
from router.privacy.audit_keys import signing_key
from router.process.leases import AWAY_SECONDS, Lease
from router.process.wakeup import WakeUp
from router.settings import Settings
from router.store import audit
from router.store.database import AWAY, POSTGRES_ERRORS, Connection, Database
from router.triage import cause_of

logger = structlog.get_logger()
GATHER_SECONDS = 0.3
"""Seconds for which new audit rows are collected into one link of the chain."""
BUG_SECONDS = 60.0
"""Seconds to wait after an unexpected error, before the next attempt."""
CLOCKS_DIFFER = timedelta(minutes=5)
"""Longest expected difference between the clock of the machine that signs heads and PostgreSQL's clock."""


class Sealer:
    """Work that binds the rows of the audit into its chain of hashes, and signs heads. Only one process at a
    time does this work."""

    def __init__(self, database: Database, settings: Settings, lease: Lease, wake: WakeUp) -> None:
        self._database = database
        self._settings = settings
        self._lease = lease
        self._wake = wake
        self._signs_at = 0.0
        self._unsigned = True
        """Whether the chain may have grown since its last signed head."""

    async def run(self) -> None:
        """Until cancelled, bind new audit rows into links of the audit's chain, and sign its heads."""
        async with self._lease.rounds(self._wake) as rounds:
            async for _ in rounds:
                await self._seal()
                await asyncio.sleep(GATHER_SECONDS)

    async def _seal(self) -> None:
        self._unsigned |= self._lease.is_fresh  # another process may have bound rows, and signed none of them
        try:
            bound = audit.LINK_ROWS
            while bound == audit.LINK_ROWS:  # more rows may wait
                bound = await self._bind()
                self._unsigned |= bound > 0
            if bound:  # more rows may come, and rows of messages cause no wake-up
                self._wake.set()
            if self._unsigned:
                await self._sign()
        except audit.AnotherBinds:
            logger.info("audit.another_binds")
        except AWAY:
            self._wake.within(AWAY_SECONDS)
        except POSTGRES_ERRORS as exc:  # our bug: the rows bound so far stay bound
            logger.error("audit.bug", **cause_of(exc)[2])
            await asyncio.sleep(BUG_SECONDS)
            self._wake.set()

    async def _bind(self) -> int:
        async with self._database.transaction() as connection:
            return await audit.bind(connection)

    async def _sign(self) -> None:
        if (left_s := self._signs_at - time.monotonic()) > 0:
            self._wake.within(left_s)
            return
        self._signs_at = time.monotonic() + audit_heads.HEAD_SECONDS
        try:
            while (head := await self._head()) is not None:
                await heads.keep(self._settings, head)
                if not head.restored:  # else the links after it are still to be signed
                    break
            self._unsigned = False
        except Misconfigured as exc:
            logger.error("audit.misconfigured", reason=str(exc))
            self._wake.within(audit_heads.HEAD_SECONDS)

    async def _head(self) -> Head | None:
        last = await heads.newest(self._settings)
        async with self._database.transaction() as connection:
            if last is None or await audit.hash_of(connection, last.rank) == last.hash:
                return await self._next(connection, last)
            recovered_at = await audit.recovered_at(connection)
        if recovered_at is None or recovered_at < last.at - CLOCKS_DIFFER:
            raise Misconfigured(
                "l'audit n'est plus celui qui a été signé : « siao-hub audit verify » dit où ; "
                "après une restauration, « siao-hub recover »"
            )
        return await self._restart(last)

    async def _next(self, connection: Connection, last: Head | None) -> Head | None:
        end = await audit.end(connection)
        before = last.rank if last is not None else 0
        hashes = await audit.hashes(connection, before, end.rank)
        if not hashes:
            return None
        now, root = datetime.now(UTC), root_of(hashes)
        plain = Head(end.rank, end.hash, now, restored=False, since=before, root=root)
        head = _signed(self._settings, plain, last)
        await audit.keep_head(connection, head.rank, head.at, before, head.to_json())
        return head

    async def _restart(self, last: Head) -> Head:
        """Return a new signed head from which the chain goes on, after the recovery of a database that had
        lost links of the chain. The chain goes on from the newest earlier head that has a valid signature,
        and whose link is still in the database. If there is no such head, the chain starts anew. The earlier
        heads are read from the file of heads and from Kafka. `last` is the last head signed, whose link is
        lost."""
        keys = [signing_key(self._settings).public_key()]
        copies = (
            read_heads(self._settings.audit_heads_file),
            await heads.published_heads(self._settings.kafka),
        )
        restart = Head(0, BEGINNING, datetime.now(UTC), restored=True)
        async with self._database.transaction() as connection:
            for head in reversed(in_order(*copies)):
                if head.is_signed_by(keys) and await audit.hash_of(connection, head.rank) == head.hash:
                    restart = replace(restart, rank=head.rank, hash=head.hash)
                    break
        logger.warning("audit.restarted", link=restart.rank)
        return _signed(self._settings, restart, last)


def _signed(settings: Settings, head: Head, last: Head | None) -> Head:
    at = head.at if last is None else max(head.at, last.at + timedelta(microseconds=1))
    return replace(head, at=at).signed(signing_key(settings))
