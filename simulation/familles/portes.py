"""Transports between simulated partners and the hub."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any, Protocol

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError

from simulation.cast import BY_ID, Porte
from simulation.centre_boite import empty_mailbox
from simulation.config import Config
from simulation.drop_folder import ACCEPTED, REFUSED, DropFolder, Line, take_deliveries
from simulation.familles.langue import Langue
from simulation.hub_door import HubDoor, Sending
from simulation.inbox import Inbox
from simulation.journal import Journal, Kind, Record, Row
from simulation.moods import Temper
from simulation.sftp_server import sftp_server
from simulation.soap_server import KEY, soap_server
from simulation.webhook_server import webhook_server

Read = Callable[[bytes], Record]
FILE_SECONDS, LOOK_SECONDS, AGAIN_SECONDS = 1.0, 0.25, 1.0


class Ouverte(Protocol):
    """A transport between one simulated partner and the hub."""

    def opens(self, inbox: Inbox, read: Read) -> AbstractAsyncContextManager[None]:
        """Receive the hub's deliveries until the block ends."""
        ...

    async def say(self, row: Row, content: Any, *others: Row) -> None:
        """Send the content of one row; `others` are the journal rows for other recipients."""
        ...


class _Posting:
    def __init__(self, config: Config, langue: Langue, journal: Journal, door: HubDoor) -> None:
        self._config, self._langue, self._journal, self._door = config, langue, journal, door
        self._dialect = BY_ID[config.id].dialecte

    async def say(self, row: Row, content: Any, *others: Row) -> None:
        """Send the content of one row; return once the hub has answered."""
        body = self._langue.file([content])
        await self._door.send(Sending(row.ref, body, self._langue.media_type, self._dialect, [row, *others]))


class Http(_Posting):
    """Transport that sends by POST and receives by webhook."""

    @asynccontextmanager
    async def opens(self, inbox: Inbox, read: Read) -> AsyncIterator[None]:
        """Run the partner's webhook server until the block ends."""
        config = self._config
        temper = Temper(config.mood, config.temper)
        async with webhook_server(config.port, config.secret, inbox, read, temper):
            yield


class Boite(_Posting):
    """Transport that sends by POST and receives from a mailbox."""

    @asynccontextmanager
    async def opens(self, inbox: Inbox, read: Read) -> AsyncIterator[None]:
        """Read the mailbox until the block ends."""
        async with _meanwhile(empty_mailbox(self._door, inbox, read, self._config.mood)):
            yield


class Soap(_Posting):
    """Transport that sends by POST and receives by SOAP."""

    @asynccontextmanager
    async def opens(self, inbox: Inbox, read: Read) -> AsyncIterator[None]:
        """Run the partner's SOAP server until the block ends."""
        config = self._config
        async with soap_server(config.port, inbox, read, Temper(config.mood, config.temper)):
            yield


class Sftp:
    """Transport by files on the partner's own SFTP server."""

    def __init__(self, config: Config, langue: Langue, journal: Journal, door: HubDoor) -> None:
        self._config = config
        self._rows = langue.rows
        self._folder = DropFolder(config, journal, langue.file, langue.name, langue.first_row)

    @asynccontextmanager
    async def opens(self, inbox: Inbox, read: Read) -> AsyncIterator[None]:
        """Run the SFTP server, drop files and take deliveries until the block ends."""
        config = self._config
        async with (
            sftp_server(config.folder, config.port, Temper(config.mood, config.temper)),
            _meanwhile(self._folder.run(FILE_SECONDS)),
            _meanwhile(take_deliveries(config.folder, inbox, read, rows=self._rows)),
        ):
            yield

    async def say(self, row: Row, content: Any, *others: Row) -> None:
        """Put the content of one row into the next file."""
        self._folder.put(Line(row, content, others))


class Kafka:
    """Transport that writes one topic of the partner's own Kafka, and reads another.

    If the Kafka loses its data, makes the topics again and rewrites the records that the hub does not know.
    """

    def __init__(self, config: Config, langue: Langue, journal: Journal, door: HubDoor) -> None:
        self._config, self._langue, self._journal, self._door = config, langue, journal, door
        self._answered = {r["key"] for r in journal.past if r["kind"] == Kind.ANSWERED}
        self._producer: AIOKafkaProducer | None = None
        self._made = 0
        """Number of times that the topics were made."""

    @asynccontextmanager
    async def opens(self, inbox: Inbox, read: Read) -> AsyncIterator[None]:
        """Make the topics, and read the hub's records until the block ends."""
        await self._make_topics()
        producer = AIOKafkaProducer(bootstrap_servers=self._config.bootstrap, acks="all")
        self._producer = producer
        try:
            await producer.start()
            async with _meanwhile(self._listen_for_ever(inbox, read)):
                yield
        finally:
            await producer.stop()

    async def say(self, row: Row, content: Any, *others: Row) -> None:
        """Write the content of one row as a record; return once the hub has it."""
        assert self._producer is not None
        if row.ref in self._answered:
            return
        await self._journal.about_to_send(row.ref, [row, *others])
        headers = [("content-type", self._langue.media_type.encode()), (KEY, row.ref.encode())]
        body = self._langue.file([content])
        written_in: int | None = None
        while not (known := await self._door.known(row.ref)):
            made = self._made
            if written_in != made and await self._written(self._producer, body, row, headers):
                written_in = made
            await asyncio.sleep(LOOK_SECONDS)
        status = REFUSED if known["etat"] == "refuse" else ACCEPTED
        await self._journal.answered(row.ref, status, known["id"], ())

    async def _written(
        self, producer: AIOKafkaProducer, body: bytes, row: Row, headers: list[tuple[str, bytes]]
    ) -> bool:
        with suppress(KafkaError):
            await producer.send_and_wait(self._config.said, body, key=row.subject.encode(), headers=headers)
            return True
        return False

    async def _make_topics(self) -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=self._config.bootstrap)
        try:
            await admin.start()
            known = await admin.list_topics()
            missing = {self._config.said, self._config.heard}.difference(known)
            if missing:
                self._made += 1  # counted first: the topics may be made although the answer is lost
                await admin.create_topics([NewTopic(name, 1, 1) for name in missing])
        finally:
            await admin.close()

    async def _listen_for_ever(self, inbox: Inbox, read: Read) -> None:
        """Read the hub's records without end, from the beginning each time that the topic was made again."""
        while True:
            async with _meanwhile(self._listen(inbox, read)):
                await self._made_anew()

    async def _made_anew(self) -> None:
        """Return once a lost topic has been made again."""
        made = self._made
        while made == self._made:
            await asyncio.sleep(AGAIN_SECONDS)
            with suppress(KafkaError):
                await self._make_topics()

    async def _listen(self, inbox: Inbox, read: Read) -> None:
        """Read the hub's topic from its beginning, without end."""
        while True:
            consumer = AIOKafkaConsumer(
                self._config.heard, bootstrap_servers=self._config.bootstrap, auto_offset_reset="earliest"
            )
            try:
                await consumer.start()
                async for record in consumer:
                    await inbox.take_read(_key(dict(record.headers)), record.value, read)
            except KafkaError:  # the partner's Kafka is down
                await asyncio.sleep(AGAIN_SECONDS)
            finally:
                await consumer.stop()


def _key(headers: Mapping[str, bytes]) -> str:
    return headers[KEY].decode()


@asynccontextmanager
async def _meanwhile(work: Any) -> AsyncIterator[None]:
    """Run `work` until the block ends. An error in it ends the block."""
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(work)
        try:
            yield
        finally:
            task.cancel()


PORTES: Mapping[Porte, Callable[[Config, Langue, Journal, HubDoor], Ouverte]] = {
    Porte.HTTP: Http,
    Porte.BOITE: Boite,
    Porte.SOAP: Soap,
    Porte.SFTP: Sftp,
    Porte.KAFKA: Kafka,
}
