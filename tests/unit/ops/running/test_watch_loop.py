"""A process tells for how long computing holds its event loop, and takes no blame for a machine that is busy."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress

from prometheus_client.samples import Sample

from ops.running.process_health import watch_loop
from router.telemetry.metrics import HELD_SECONDS
from tests.integration.waiting import until

HOLD_SECONDS = 0.4


def computes() -> None:
    end = time.thread_time() + HOLD_SECONDS
    while time.thread_time() < end:
        pass


def waits_for_the_machine() -> None:
    time.sleep(HOLD_SECONDS)


async def held_longer_than_a_quarter(hold: Callable[[], None]) -> float:
    """How often, while something holds the loop."""
    before, looks = longer_than_a_quarter(), every()
    watching = asyncio.create_task(watch_loop())
    await asyncio.sleep(0)
    hold()
    await until(lambda: every() > looks, "la boucle est regardée")
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching
    return longer_than_a_quarter() - before


def longer_than_a_quarter() -> float:
    (short,) = (each.value for each in samples("_bucket") if each.labels["le"] == "0.25")
    return every() - short


def every() -> float:
    (count,) = (each.value for each in samples("_count"))
    return count


def samples(name: str) -> list[Sample]:
    (family,) = HELD_SECONDS.collect()
    return [each for each in family.samples if each.name.endswith(name)]


async def test_what_computes_without_a_pause_is_counted() -> None:
    assert await held_longer_than_a_quarter(computes) == 1


async def test_a_process_that_the_machine_lets_wait_holds_nothing() -> None:
    assert await held_longer_than_a_quarter(waits_for_the_machine) == 0
