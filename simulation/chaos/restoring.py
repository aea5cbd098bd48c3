"""Fault of a lost database: PostgreSQL is restored to an earlier moment, unlike Kafka and the partners."""

import asyncio
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from random import Random

from aiokafka import AIOKafkaConsumer

from router.process.topics_admin import partitions_of
from simulation.chaos.crew import ROLES
from simulation.chaos.ground import Ground
from simulation.chaos.kills import POSTGRES
from simulation.chaos.permitted import NANOSECONDS, Backup, Restoration
from simulation.hub_process import module, tail

RECOVER_SECONDS = 60.0
NOTHING_MORE_MILLISECONDS = 2000


@contextmanager
def postgres_restored(ground: Ground, _: Random) -> Iterator[None]:
    """Kill PostgreSQL at the end of the block, restore the backup, and recover as the handbook prescribes."""
    yield
    assert ground.backup is not None
    lost_at = time.time_ns()
    ground.kills.hit(POSTGRES, [ground.postgres])
    with ground.crew.without(*ROLES):
        on_bus = asyncio.run(messages_on(ground))
        ground.postgres.start()
        ground.postgres.restore(_schema(ground), ground.backup.path)
        _recover(ground, datetime.fromtimestamp(ground.backup.taken_at / NANOSECONDS, UTC))
    ground.restorations.append(Restoration(ground.backup.taken_at, lost_at, time.time_ns(), on_bus))


def keep_a_backup(ground: Ground) -> None:
    """Make the backup for every restoration of the run. A later one would lack what an earlier restoration
    lost."""
    ground.backup = Backup(time.time_ns(), ground.stage.folder / "sauvegarde")
    ground.postgres.dump(_schema(ground), ground.backup.path)


def _schema(ground: Ground) -> str:
    return ground.stage.environment["SIAO_HUB_DATABASE__SCHEMA_NAME"]


def _recover(ground: Ground, moment: datetime) -> None:
    log = ground.stage.folder / "recover.log"
    command = [
        *module("ops.commands", ground.stage.environment),
        "recover",
        "--since",
        moment.isoformat(timespec="seconds"),
    ]
    with log.open("wb") as output:
        done = subprocess.run(command, stdout=output, stderr=output, timeout=RECOVER_SECONDS, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"siao-hub recover :\n{tail(log)}")


async def messages_on(ground: Ground) -> frozenset[str]:
    """Return the ids of all messages with records in the hub's topics."""
    consumer = AIOKafkaConsumer(bootstrap_servers=ground.bootstrap, enable_auto_commit=False)
    await consumer.start()
    try:
        parts = await partitions_of(ground.bus)
        consumer.assign(parts)
        await consumer.seek_to_beginning(*parts)
        found: set[str] = set()
        while polled := await consumer.getmany(timeout_ms=NOTHING_MORE_MILLISECONDS):
            headers = (dict(record.headers) for records in polled.values() for record in records)
            found |= {said.decode() for each in headers if (said := each.get("ce_correlationid"))}
        return frozenset(found)
    finally:
        await consumer.stop()
