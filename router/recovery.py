"""After PostgreSQL went back to an earlier moment: erase again what was erased, read the bus again from before it.

The workers must be stopped. What the bus tells them then and the log does not know is taken in again and applied
once; what it knows changes nothing. The bus remembers 30 days: a backup older than that loses what lies between.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import CommitFailedError, KafkaError
from aiokafka.structs import OffsetAndMetadata

from contracts.errors import BusUnavailable, Permanent
from contracts.topics import TOPICS
from router.forgetting import apply_again
from router.settings import KafkaSettings, Settings
from router.store.audit import record
from router.store.database import Database
from router.workers import group_of

MARGIN = timedelta(minutes=5)
"""Read from so long before the moment: the clocks of broker and database may differ."""


class Recovered(NamedTuple):
    """What was done."""

    erased: int
    """Keys destroyed again."""
    records: int
    """Records of the bus that the workers will read again."""


async def recover(settings: Settings, database: Database, since: datetime, actor: str) -> Recovered:
    """`since` is the moment that the database went back to. Idempotent.

    Raises Permanent, in French, while workers run; BusUnavailable.
    """
    erased = await apply_again(database, settings.erasures_file, actor)
    records = await _rewind(settings.kafka, since - MARGIN)
    async with database.transaction() as connection:
        detail = {"depuis": since.isoformat(), "cles": erased, "enregistrements": records}
        await record(connection, actor, "base.reprendre", "bus", detail)
    return Recovered(erased, records)


async def _rewind(kafka: KafkaSettings, since: datetime) -> int:
    """Set the workers' group back; returns how many records that makes it read again."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka.bootstrap, group_id=group_of(kafka), enable_auto_commit=False
    )
    try:
        await consumer.start()
        partitions = [
            TopicPartition(topic.name(kafka.prefix), number)
            for topic in TOPICS.values()
            for number in range(topic.partitions)
        ]
        consumer.assign(partitions)
        found = await consumer.offsets_for_times(dict.fromkeys(partitions, int(since.timestamp() * 1000)))
        ends = await consumer.end_offsets(partitions)
        starts = {p: at.offset for p, at in found.items() if at is not None}
        await consumer.commit({p: OffsetAndMetadata(offset, "") for p, offset in starts.items()})
        return sum(ends[p] - offset for p, offset in starts.items())
    except CommitFailedError as exc:
        raise Permanent(
            "des processus « worker » lisent encore le bus : arrêtez-les, puis recommencez"
        ) from exc
    except KafkaError as exc:
        raise BusUnavailable(f"Kafka ne répond pas ({type(exc).__name__})") from exc
    finally:
        await consumer.stop()
