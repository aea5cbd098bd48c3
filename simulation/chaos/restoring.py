"""PostgreSQL goes back to an earlier moment while the bus and the partners have moved on."""

import asyncio
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from random import Random

from aiokafka import AIOKafkaConsumer

from router.topics_admin import partitions_of
from simulation.chaos.crew import ROLES
from simulation.chaos.ground import Ground
from simulation.chaos.permitted import Restoration
from simulation.hub_process import module, tail

RECOVER_SECONDS = 60.0
NOTHING_MORE_MILLISECONDS = 2000


@contextmanager
def postgres_restored(ground: Ground, _: Random) -> Iterator[None]:
    """An ordinary backup, and the loss of what came since: what the handbook prescribes then is done."""
    backup = ground.stage.folder / "sauvegarde"
    schema = ground.stage.environment["SIAO_HUB_DATABASE__SCHEMA_NAME"]
    moment = datetime.now(UTC)
    ground.postgres.dump(schema, backup)
    yield
    ground.crew.kills["postgres-restored"] += 1
    lost_at = time.time_ns()
    ground.postgres.kill9()
    with ground.crew.without(*ROLES):
        on_bus = asyncio.run(_messages_on(ground))
        ground.postgres.start()
        ground.postgres.restore(schema, backup)
        _recover(ground, moment)
    ground.restorations.append(Restoration(int(moment.timestamp() * 1e9), lost_at, time.time_ns(), on_bus))
    backup.unlink()


def _recover(ground: Ground, moment: datetime) -> None:
    """`siao-hub recover`, as the handbook says. Raises RuntimeError with the end of its log."""
    log = ground.stage.folder / "recover.log"
    command = [*module("router.cli", ground.stage.environment), "recover", "--since", moment.isoformat()]
    with log.open("wb") as output:
        done = subprocess.run(command, stdout=output, stderr=output, timeout=RECOVER_SECONDS, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"siao-hub recover :\n{tail(log)}")


async def _messages_on(ground: Ground) -> frozenset[str]:
    """Ids of the messages of which the bus knows anything."""
    consumer = AIOKafkaConsumer(bootstrap_servers=ground.bootstrap, enable_auto_commit=False)
    await consumer.start()
    try:
        parts = partitions_of(ground.bus)
        consumer.assign(parts)
        await consumer.seek_to_beginning(*parts)
        found: set[str] = set()
        while polled := await consumer.getmany(timeout_ms=NOTHING_MORE_MILLISECONDS):
            headers = (dict(record.headers) for records in polled.values() for record in records)
            found |= {said.decode() for each in headers if (said := each.get("ce_correlationid"))}
        return frozenset(found)
    finally:
        await consumer.stop()
