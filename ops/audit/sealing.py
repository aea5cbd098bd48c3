"""Sealing of the audit: its rows are bound into a hash chain, whose last link is signed every minute as a
head. Heads are stored outside the database."""

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
from router.store.database import AWAY, POSTGRES_ERRORS, Database
from router.triage import cause_of

logger = structlog.get_logger()
GATHER_SECONDS = 0.3
"""Seconds for which new audit rows are collected into one link of the chain."""
BUG_SECONDS = 60.0
"""Seconds until the next attempt after a bug."""


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
            head = await self._head()
            if head is not None:
                await heads.keep(self._settings, head)
            self._unsigned = False
        except Misconfigured as exc:
            logger.error("audit.misconfigured", reason=str(exc))
            self._wake.within(audit_heads.HEAD_SECONDS)

    async def _head(self) -> Head | None:
        last = await heads.newest(self._settings)
        async with self._database.transaction() as connection:
            end = await audit.end(connection)
            before = last.rank if last is not None else 0
            if last is not None and await audit.hash_of(connection, last.rank) != last.hash:
                raise Misconfigured(
                    "l'audit n'est plus celui qui a été signé : « siao-hub audit verify » dit où ; "
                    "après une restauration, « siao-hub recover »"
                )
            hashes = await audit.hashes(connection, before, end.rank)
            if not hashes:
                return None
            now, root = datetime.now(UTC), root_of(hashes)
            plain = Head(end.rank, end.hash, now, restored=False, since=before, root=root)
            head = _signed(self._settings, plain, last)
            await audit.keep_head(connection, head.rank, head.at, before, head.to_json())
        return head


async def went_back(settings: Settings, database: Database) -> Head | None:
    """Find out whether a restore of the database has lost links of the audit's chain. Signed heads, in the file
    of heads and on Kafka, show what the chain was. If links are lost, store and return a head from which the
    chain goes on; else return None. Raises Misconfigured if the file of heads cannot be read or written, or if
    the signing key cannot be read."""
    keys = [signing_key(settings).public_key()]
    copies = read_heads(settings.audit_heads_file), await heads.published_heads(settings.kafka)
    signed = [head for head in in_order(*copies) if head.is_signed_by(keys)]
    if not signed:
        return None
    fork = Head(0, BEGINNING, datetime.now(UTC), restored=True)
    async with database.transaction() as connection:
        for head in reversed(signed):
            if await audit.hash_of(connection, head.rank) == head.hash:
                fork = replace(fork, rank=head.rank, hash=head.hash)
                break
    if fork.rank == signed[-1].rank:
        return None
    fork = _signed(settings, fork, signed[-1])
    await heads.keep(settings, fork)
    return fork


def _signed(settings: Settings, head: Head, last: Head | None) -> Head:
    at = head.at if last is None else max(head.at, last.at + timedelta(microseconds=1))
    return replace(head, at=at).signed(signing_key(settings))
