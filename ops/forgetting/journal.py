"""Keep, outside the database, what a restored backup must not undo: which households are forgotten, and which
PostgreSQL server accepts writes. The journal is in local files, and on a compacted Kafka topic: one that
keeps the newest record of each key."""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from errno import ENOSPC
from fcntl import LOCK_EX, flock
from io import FileIO
from pathlib import Path
from uuid import UUID

import structlog
from aiokafka import TopicPartition

from contracts.errors import BusUnavailable, Misconfigured
from contracts.topics import JOURNAL
from ops.outside.lines import consuming, publish, published
from router.process.topics_admin import ensure_topics
from router.settings import KafkaSettings, Settings
from router.store.origin import Server

logger = structlog.get_logger()
FOLLOW_MILLISECONDS = 10_000
AWAY_SECONDS = 5.0
GENESIS, SERVER = "genese", "serveur"
"""Keys on the topic: one says that the journal has begun, one which server accepts writes."""
WITHDRAWN = b""
"""Value, on the journal's topic, which says that an erasure did not take place."""
NO_MOMENT = datetime.max.replace(tzinfo=UTC)
"""Moment given to an erasure whose line in the journal does not have one."""
MISSING = (
    "le journal des effacements manque : ni fichier ({file}), ni topic commencé. Remettez le fichier d'une autre "
    "machine ou de la sauvegarde ; s'il n'y en a pas, et que personne n'a été oublié, créez-le vide"
)


Record = tuple[str, bytes]
"""Record on the topic: its key, and a line of JSON."""


class Journal:
    """Journal, in files and on a Kafka topic, of two things that a restore of the database must not undo: which
    households are forgotten, and which PostgreSQL server accepts writes."""

    def __init__(self, file: Path, kafka: KafkaSettings) -> None:
        self._file = file
        self._server_file = file.with_name("primaire.json")
        self._kafka = kafka

    @classmethod
    def of(cls, settings: Settings) -> "Journal":
        """Return the journal of erasures, in the file and on the Kafka servers that the settings name."""
        return cls(settings.erasures_file, settings.kafka)

    async def forgets(self, menages: Sequence[UUID]) -> None:
        """Record on the journal's Kafka topic and in its file that these households are forgotten. Call this
        last in the transaction that destroys their keys: a recovery repeats every erasure recorded, even if
        the transaction failed. Raises BusUnavailable if the topic cannot be written, Misconfigured if the
        file cannot be written. In the latter case, the new records on the topic are withdrawn first."""
        records = [_erasure(menage, datetime.now(UTC)) for menage in menages]
        _append(self._file, [])  # a file without rights fails before the topic has a record to withdraw
        await self._publish(records)
        try:
            _append(self._file, [line for _, line in records])
        except Misconfigured:
            before = {record[0]: record[1] for record in await self._on_bus() if record not in records}
            await self._publish([(key, before.get(key, WITHDRAWN)) for key, _ in records])
            raise

    async def is_served_by(self, server: Server) -> None:
        """Record that `server` is the PostgreSQL server that accepts writes: after a failover, the hub never
        again writes to the old one. The record goes to a file on this machine and to the Kafka topic. Raises
        Misconfigured if the file cannot be written, BusUnavailable if the topic cannot be written."""
        line = _line({"systeme": server.system, "ligne_de_temps": server.timeline})
        try:
            self._server_file.write_bytes(line)
        except OSError as exc:
            raise Misconfigured(f"{self._server_file} ne peut être écrit ({exc.strerror})") from exc
        await self._publish([(SERVER, line)])

    async def begin(self) -> None:
        """Begin the journal of erasures on its Kafka topic: publish the erasures that the journal's file has,
        then a record which says that the journal has begun. If this record is missing later, the topic has
        been lost. Raises Misconfigured for an unreadable file, BusUnavailable if the topic cannot be
        written."""
        known = [_erasure(*each) for each in (self.on_file() or {}).items()]
        await self._publish([*known, (GENESIS, _line({GENESIS: True}))])

    async def households(self, *, was_begun: bool) -> dict[UUID, datetime]:
        """Return all forgotten households, from the file and the Kafka topic, and when each was last
        forgotten (`NO_MOMENT` if that is unknown). Unreadable lines are logged and left out. `was_begun` says
        whether, according to the database, the journal was begun. Raises:

        * Misconfigured if the journal was begun and is lost: there is no file, and the topic has no record that
          the journal has begun;
        * Misconfigured for an unreadable file;
        * BusUnavailable if Kafka does not answer.
        """
        on_file, on_bus = self.on_file(), await self._on_bus()
        if was_begun and on_file is None and not any(key == GENESIS for key, _ in on_bus):
            raise Misconfigured(MISSING.format(file=self._file.resolve()))
        newest = {key: line for key, line in on_bus if key not in (GENESIS, SERVER)}
        there = _erasures([line for line in newest.values() if line != WITHDRAWN], "topic")
        return _latest([*(on_file or {}).items(), *there.items()])

    def server(self) -> Server | None:
        """Return the PostgreSQL server that accepts writes, as `is_served_by` last recorded it in a file on
        this machine. Return None if this file is missing or unreadable."""
        try:
            return _server_of(self._server_file.read_bytes())
        except OSError:
            return None

    def on_file(self) -> dict[UUID, datetime] | None:
        """Return the forgotten households in the file, and when each was last forgotten; None if there is no
        file. Raises Misconfigured for an unreadable file."""
        if not self._file.exists():
            return None
        try:
            lines = self._file.read_bytes().splitlines()
        except OSError as exc:
            why = f"le journal des effacements {self._file} ne peut être lu ({exc.strerror})"
            raise Misconfigured(why) from exc
        return _erasures(lines, str(self._file))

    async def _on_bus(self) -> list[Record]:
        return [((key or b"").decode(), line) for key, line in await published(self._kafka, JOURNAL)]

    async def follow(self, hears: Callable[[Server], Awaitable[None]]) -> None:
        """Read the Kafka topic of this journal of erasures, which also records which PostgreSQL server accepts
        writes. Call `hears` with each server recorded there: first with those recorded so far, oldest first,
        then with each new one, until cancelled. While Kafka does not answer, wait."""
        partition = TopicPartition(JOURNAL.name(self._kafka.prefix), 0)
        while True:
            try:
                async with consuming(self._kafka, fetch_max_wait_ms=FOLLOW_MILLISECONDS) as consumer:
                    if partition.topic not in await consumer.topics():
                        await ensure_topics(self._kafka)
                    consumer.assign([partition])
                    await consumer.seek_to_beginning(partition)
                    async for record in consumer:
                        if record.key == SERVER.encode() and (server := _server_of(record.value or b"")):
                            await hears(server)
            except BusUnavailable:
                await asyncio.sleep(AWAY_SECONDS)

    async def _publish(self, records: Sequence[Record]) -> None:
        try:
            await publish(self._kafka, JOURNAL, [(key.encode(), line) for key, line in records])
        except BusUnavailable as exc:
            why = type(exc.__cause__ or exc).__name__
            raise BusUnavailable(
                f"le journal des effacements ne peut être écrit sur Kafka ({why}) : sans lui, rien n'est oublié"
            ) from exc


def _line(said: Mapping[str, object]) -> bytes:
    return json.dumps({"le": datetime.now(UTC).isoformat(), **said}).encode()


def _erasure(menage: UUID, at: datetime) -> Record:
    return str(menage), _line({"menage": str(menage), "le": at.isoformat()})


def _erasures(lines: Sequence[bytes], of: str) -> dict[UUID, datetime]:
    erasures = [_erasure_of(line) for line in lines]
    unreadable = [number for number, erasure in enumerate(erasures, start=1) if erasure is None]
    if unreadable:  # not written to its end: a key is destroyed only after its line, so none was for this one
        logger.error("erasures.unreadable", journal=of, lines=len(unreadable), first=unreadable[0])
    return _latest([erasure for erasure in erasures if erasure is not None])


def _latest(erasures: Sequence[tuple[UUID, datetime]]) -> dict[UUID, datetime]:
    latest: dict[UUID, datetime] = {}
    for menage, at in erasures:
        latest[menage] = max(at, latest.get(menage, at))
    return latest


def _erasure_of(line: bytes) -> tuple[UUID, datetime] | None:
    try:
        said = json.loads(line)
        at = datetime.fromisoformat(said["le"]).astimezone(UTC) if "le" in said else NO_MOMENT
        return UUID(said["menage"]), at
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError):
        return None


def _server_of(line: bytes) -> Server | None:
    try:
        said = json.loads(line)
        return Server(int(said["systeme"]), int(said["ligne_de_temps"]))
    except (ValueError, LookupError, TypeError):
        return None


def _append(path: Path, lines: Sequence[bytes]) -> None:
    """Append these lines to a file, all or none. Raises Misconfigured if the file cannot be written."""
    content = b"".join(line + b"\n" for line in lines)
    try:
        with path.open("a+b", buffering=0) as file:
            flock(file, LOCK_EX)
            size = file.seek(0, os.SEEK_END)
            if size and not _ends_its_line(file):
                content = b"\n" + content
            try:
                if file.write(content) < len(content):
                    raise OSError(ENOSPC, os.strerror(ENOSPC))
                os.fsync(file.fileno())
            except OSError:
                with suppress(OSError):  # a device cannot be cut
                    file.truncate(size)
                raise
    except OSError as exc:
        raise Misconfigured(
            f"le journal des effacements {path} ne peut être écrit ({exc.strerror}) : sans lui, rien n'est oublié"
        ) from exc


def _ends_its_line(file: FileIO) -> bool:
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"
