"""Measures how soon a hub that was killed while working is working again, with its tables as they are."""

import asyncio
import time
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from bench.ground import Ground, until
from bench.records import count_arrivals
from bench.sending import arrivals_of, ready, send
from bench.territories import Territory
from deploy.local.process import Child

AT_WORK_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Start:
    """Times after a restart, in seconds from the start of the process unless the field says otherwise."""

    ready_s: float
    """Time until `/readyz` answers 200."""
    first_delivery_s: float
    """Time until the first of the due deliveries arrives."""
    new_message_s: float
    """Time until a new message arrives. It is sent as soon as the hub is ready, to a partner with no due
    deliveries."""
    fate_ms: float
    """Milliseconds that `GET /v1/messages/{id}` takes for the new message, after its arrival."""


async def start_after_a_kill(ground: Ground, other: Territory) -> Start:
    """Kill -9 all processes of a hub that is delivering, start it again, and return the times. Raises BenchFailed
    if it does not deliver again."""
    results = ground.folder / f"arrivees-tue-{ground.prefix}"
    hub = Child(ground.folder, ground.folder / "hub.log")
    with ground.stub(results):
        try:
            hub.spawn(ground.command())
            await _more_than(results, 0)
            await asyncio.sleep(AT_WORK_SECONDS)
            hub.kill9()
            await asyncio.sleep(1)
            before, start = count_arrivals(results), time.monotonic()
            hub.spawn(ground.command())
            first = asyncio.create_task(_more_than(results, before))
            await ready(ground)
            ready_s = time.monotonic() - start
            sent = await send(ground, 1, territories=[other])
            first_delivery_s = await first - start

            async def arrived() -> bool:
                return bool(arrivals_of(results, sent.deliveries))

            await until(arrived, "un nouveau message arrive")
            new_message_s = arrivals_of(results, sent.deliveries)[0].moment - start
            fate_ms = await asyncio.to_thread(_fate_ms, ground.port, other, sent.requests[0].message)
            return Start(ready_s, first_delivery_s, new_message_s, fate_ms)
        finally:
            hub.stop()


async def _more_than(results: Path, known: int) -> float:
    """Wait until more than `known` deliveries have arrived, and return the time (monotonic clock)."""

    async def more() -> bool:
        return count_arrivals(results) > known

    await until(more, "une livraison arrive")
    return time.monotonic()


def _fate_ms(port: int, territory: Territory, message: str) -> float:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    start = time.monotonic()
    connection.request("GET", f"/v1/messages/{message}", headers={"Authorization": f"Bearer {territory.key}"})
    connection.getresponse().read()
    connection.close()
    return 1000 * (time.monotonic() - start)
