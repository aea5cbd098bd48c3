"""The sealer binds the audit within a second and signs the chain's head every minute; the proof reads it all again.

Heads go outside the database: to a file, and to a topic that keeps them. Whoever rewrites the database cannot
rewrite these.
"""

import asyncio
import os
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from connectors.unbroken import unbroken
from contracts.errors import BusUnavailable, Misconfigured
from contracts.topics import HEADS
from router.domain.audit_chain import BEGINNING, Fault, Finding, Head, Proof
from router.privacy.key_files import read_key
from router.process.leases import AWAY_SECONDS, Lease
from router.process.topics_admin import ensure_topics
from router.process.wakeup import WakeUp
from router.settings import KafkaSettings, Settings
from router.settings.lines import kafka_options
from router.store import audit
from router.store.database import AWAY, REFUSED, Database
from router.triage import cause_of

logger = structlog.get_logger()
GATHER_SECONDS = 0.3
"""A link binds what was written for so long: one a message would be as many rows again."""
HEAD_SECONDS = 60.0
PUBLISH_SECONDS = 10.0
BUG_SECONDS = 60.0
"""Until it is tried again."""
TAIL_BYTES = 4096
"""More than a line of the file of heads."""


class Sealer:
    """One of them works at a time."""

    def __init__(self, database: Database, settings: Settings, lease: Lease, wake: WakeUp) -> None:
        self._database = database
        self._settings = settings
        self._lease = lease
        self._wake = wake
        self._signs_at = 0.0
        self._unsigned = True
        """Whether the chain may have grown since its head was signed."""

    async def run(self) -> None:
        """Until cancelled."""
        async with self._lease.rounds(self._wake) as rounds:
            async for _ in rounds:
                await self._seal()
                await asyncio.sleep(GATHER_SECONDS)

    async def _seal(self) -> None:
        try:
            bound = audit.LINK_ROWS
            while bound == audit.LINK_ROWS:  # more may wait; what came meanwhile has woken us up again
                bound = await self._bind()
                self._unsigned |= bound > 0
            if self._unsigned:
                await self._sign()
        except audit.AnotherBinds:
            logger.info("audit.another_binds")
        except AWAY:
            self._wake.within(AWAY_SECONDS)
        except REFUSED as exc:  # our bug: what is bound stays bound
            logger.error("audit.bug", **cause_of(exc)[2])
            await asyncio.sleep(BUG_SECONDS)
            self._wake.set()

    async def _bind(self) -> int:
        async with self._database.transaction() as connection:
            return await audit.bind(connection)

    async def _sign(self) -> None:
        """Once a minute, where the chain has grown: a head that was not signed yet goes out."""
        if (left_s := self._signs_at - time.monotonic()) > 0:
            self._wake.within(left_s)
            return
        self._signs_at = time.monotonic() + HEAD_SECONDS
        try:
            head = await self._head()
            if head is not None:
                _append(self._settings.audit_heads_file, head)
                await _publish(self._settings.kafka, head)
            self._unsigned = False
        except Misconfigured as exc:
            logger.error("audit.misconfigured", reason=str(exc))
            self._wake.within(HEAD_SECONDS)

    async def _head(self) -> Head | None:
        """The signed head; None where nothing was bound since the last one. Raises Misconfigured where the chain is not
        the one that was signed."""
        key = signing_key(self._settings)
        last = last_head(self._settings.audit_heads_file)
        async with self._database.transaction() as connection:
            end = await audit.end(connection)
            if last is not None and await audit.hash_of(connection, last.number) != last.hash:
                raise Misconfigured(
                    "l'audit n'est plus celui qui fut signé : « siao-hub audit verify » dit où ; "
                    "après une restauration, « siao-hub recover »"
                )
        if last is not None and last.number == end.number:
            return None
        return Head(end.number, end.hash, datetime.now(UTC), restored=False).signed(key)


class Verdict(NamedTuple):
    """What a proof says, and what it does not cover yet."""

    proof: Proof
    last_head: Head | None
    waiting: int
    waiting_since: datetime | None


async def verify(database: Database, heads: Sequence[Head], key: Ed25519PublicKey, now: datetime) -> Verdict:
    """Read the whole audit, as it is at one moment, against its links and heads. Raises BusUnavailable."""
    proof = Proof.begun(heads, key)
    async with database.transaction() as connection:
        await audit.at_one_moment(connection)
        async for link, rows in audit.links(connection):
            proof.follow(link, rows)
        proof.ended(now)
        proof.findings += [Finding(Fault.ROW_UNBOUND, ident) for ident in await audit.unbound(connection)]
        waiting, since = await audit.waiting(connection)
    return Verdict(proof, heads[-1] if heads else None, waiting, since)


async def went_back(settings: Settings, database: Database) -> None:
    """After a restoration: sign where the chain that there is leaves the one that was signed. Raises Misconfigured."""
    heads = read_heads(settings.audit_heads_file)
    if not heads:
        return
    async with database.transaction() as connection:
        fork = Head(0, BEGINNING, datetime.now(UTC), restored=True)
        for head in reversed(heads):
            if await audit.hash_of(connection, head.number) == head.hash:
                fork = replace(fork, number=head.number, hash=head.hash)
                break
    if fork.number != heads[-1].number:
        _append(settings.audit_heads_file, fork.signed(signing_key(settings)))


def signing_key(settings: Settings) -> Ed25519PrivateKey:
    """The key that signs heads. Raises Misconfigured."""
    given, file = settings.audit_key, settings.audit_key_file
    return Ed25519PrivateKey.from_private_bytes(read_key(given, file, "clé de l'audit", "SIAO_HUB_AUDIT_KEY"))


def read_heads(file: Path) -> list[Head]:
    """The heads of a file, oldest first; none where there is no file yet. Raises Misconfigured."""
    return [_parsed(file, line) for line in _lines(file, None)]


def last_head(file: Path) -> Head | None:
    """The newest head of a file, however long it is. Raises Misconfigured."""
    lines = _lines(file, TAIL_BYTES)
    return _parsed(file, lines[-1]) if lines else None


def _lines(file: Path, most: int | None) -> list[bytes]:
    """The lines of a file, or of its last bytes; a line that a crash cut short is none."""
    try:
        with file.open("rb") as kept:
            size = kept.seek(0, os.SEEK_END)
            kept.seek(0 if most is None else max(0, size - most))
            return kept.read().split(b"\n")[:-1]
    except FileNotFoundError:
        return []
    except OSError as exc:
        raise Misconfigured(f"têtes de l'audit : {file} ne peut être lu") from exc


def _parsed(file: Path, line: bytes) -> Head:
    try:
        return Head.from_json(line.decode())
    except ValueError as exc:
        raise Misconfigured(f"têtes de l'audit illisibles : {file}") from exc


def _append(file: Path, head: Head) -> None:
    """Add a line that is on the disk when this returns, in the place of one that a crash cut short. Raises
    Misconfigured."""
    try:
        with file.open("a+b") as lines:
            size = lines.seek(0, os.SEEK_END)
            start = lines.seek(max(0, size - TAIL_BYTES))
            lines.truncate(start + lines.read().rfind(b"\n") + 1)
            lines.write(head.to_json().encode() + b"\n")
            lines.flush()
            os.fsync(lines.fileno())
    except OSError as exc:
        raise Misconfigured(f"têtes de l'audit : {file} ne peut être écrit") from exc


async def _publish(settings: KafkaSettings, head: Head) -> None:
    """A second copy; what a bus that is away misses, the next head covers."""
    producer = AIOKafkaProducer(**kafka_options(settings), client_id="siao-hub-audit", acks="all")
    try:
        async with asyncio.timeout(PUBLISH_SECONDS):
            await unbroken(producer.start())
            await ensure_topics(settings)
            await producer.send_and_wait(HEADS.name(settings.prefix), head.to_json().encode())
    except (KafkaError, BusUnavailable, OSError, TimeoutError) as exc:
        logger.warning("audit.head_unpublished", reason=type(exc).__name__)
    finally:
        await unbroken(producer.stop())
