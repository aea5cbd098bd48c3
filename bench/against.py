"""Measures the FastStream tutorial on the hub's Kafka, with the bodies that the hub gets."""

import asyncio
from itertools import cycle, islice

from bench.bodies import bodies
from bench.bus import Bus, create_topics, publish, reading
from bench.errors import BenchFailed
from bench.ground import DEADLINE_SECONDS, Ground, until
from bench.measure import Measure

STAGE = "Tutoriel FastStream"
WARM_UP = 50
QUIET_SECONDS = 0.5


async def tutorial(ground: Ground, messages: int) -> Measure:
    """Return the tutorial's throughput, from its first to its last record on the outgoing topic. Raises BenchFailed
    if it publishes too many."""
    source, target = f"{ground.prefix}-entree", f"{ground.prefix}-sortie"
    bootstrap = ground.parts.bootstrap
    await create_topics(bootstrap, [source, target])
    texts = bodies()
    with ground.tutorial(source, target) as child:
        async with reading(bootstrap) as bus:
            first = await _warm(bus, bootstrap, source, target, texts[:WARM_UP])
            meter = ground.meter(child)
            before = meter.read()
            await publish(bootstrap, source, islice(cycle(texts), messages))

            async def arrived() -> bool:
                return await bus.count(target) >= first + messages

            await until(arrived, "le tutoriel a tout publié")
            cpu = meter.since(before)
            if await bus.count(target) != first + messages:
                raise BenchFailed("le tutoriel a publié trop de messages")
            last = await bus.moment_s(target, first + messages - 1)
            return Measure(STAGE, messages - 1, last - await bus.moment_s(target, first), cpu)


async def _warm(bus: Bus, bootstrap: str, source: str, target: str, texts: list[bytes]) -> int:
    """Send records until the tutorial publishes and has caught up; return the number of records that it published.

    Records sent before it has joined its topic are lost: it starts at the topic's end.
    """
    seen = -1
    async with asyncio.timeout(DEADLINE_SECONDS):
        while True:
            now = await bus.count(target)
            if now and now == seen:
                return now
            if not now:
                await publish(bootstrap, source, texts)
            seen = now
            await asyncio.sleep(QUIET_SECONDS)
