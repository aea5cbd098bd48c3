"""Deliver records to a partner's Kafka topic. A record has arrived once all replicas of the partition have
it."""

import asyncio
import time

from aiokafka import AIOKafkaProducer
from aiokafka.errors import InvalidTopicError, KafkaError, MessageSizeTooLargeError

from connectors.kafka.binding import PARTITION, headers_of
from connectors.kafka.link import DENIED, UNREACHABLE, options, partitions
from connectors.slots import Slots
from connectors.unbroken import stopped, unbroken
from contracts.errors import Misconfigured, OutcomeUnknown, PartnerUnavailable, Refused
from contracts.kafka import SortieKafka
from contracts.ports import Native, Receipt

STOP_SECONDS = 2.0
"""Longest wait until a Kafka producer has stopped."""


class KafkaSink:
    """Sink that writes to one Kafka topic. The partner's registry entry limits how many records may be
    written at the same time (`en_vol`), and how many seconds each may take (`delai_s`)."""

    def __init__(self, sortie: SortieKafka) -> None:
        self._sortie = sortie
        self._slots = Slots(sortie.en_vol)
        self._starting = asyncio.Lock()
        self._producer: AIOKafkaProducer | None = None

    async def send(self, native: Native, key: str) -> Receipt:
        """Write a delivery as one record, with the idempotency key `key` in a header, and return once all
        replicas of the partition have it. Records keep their order if their messages (`native`) have the same
        header `partitionkey`.

        Raises Refused if the record is too large for the topic; OutcomeUnknown if Kafka does not confirm the
        record in time; Misconfigured or PartnerUnavailable if nothing was written.
        """
        deadline = time.monotonic() + self._sortie.delai_s
        async with self._slots.one(deadline):
            producer = await self._started(deadline)
            try:
                async with asyncio.timeout(deadline - time.monotonic()):
                    await producer.send_and_wait(
                        self._sortie.topic,
                        native.body,
                        key=native.headers.get(PARTITION, self._sortie.topic).encode(),
                        headers=headers_of(native, key),
                    )
            except MessageSizeTooLargeError as exc:
                raise Refused("L'envoi est plus gros que ce que prend le topic du partenaire") from exc
            except (*DENIED, InvalidTopicError) as exc:
                await self._give_up(producer)
                raise Misconfigured("Le hub n'a pas le droit d'écrire sur le topic du partenaire") from exc
            except (KafkaError, TimeoutError) as exc:
                await self._give_up(producer)
                raise OutcomeUnknown("L'envoi est parti vers Kafka, et rien n'a confirmé l'écriture") from exc
        return Receipt()

    async def has_received(self, native: Native, key: str) -> bool:
        """Raise Misconfigured, because a topic cannot be searched for a delivery."""
        raise Misconfigured("Un topic ne dit pas quelles clés il a reçues : « deduplique »")

    async def close(self) -> None:
        """Close the connection to the partner's Kafka. Idempotent."""
        if self._producer is not None:
            await self._give_up(self._producer)

    async def _started(self, deadline: float) -> AIOKafkaProducer:
        async with self._starting:
            if self._producer is not None:
                return self._producer
            try:
                async with asyncio.timeout(deadline - time.monotonic()):
                    await partitions(self._sortie)
                    self._producer = await self._new()
            except (KafkaError, TimeoutError) as exc:
                raise PartnerUnavailable(UNREACHABLE) from exc
            return self._producer

    async def _new(self) -> AIOKafkaProducer:
        producer = AIOKafkaProducer(
            **options(self._sortie),
            bootstrap_servers=self._sortie.serveurs,
            acks="all",
            enable_idempotence=True,
        )
        try:
            await unbroken(producer.start())
        except BaseException:
            await stopped(_stopped(producer))
            raise
        return producer

    async def _give_up(self, producer: AIOKafkaProducer) -> None:
        if self._producer is producer:
            self._producer = None
        await stopped(_stopped(producer))


async def _stopped(producer: AIOKafkaProducer) -> None:
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await producer.stop()
    except TimeoutError:
        await producer.client.close()
