"""Start and stop aiokafka clients completely, even if the caller is cancelled meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

from aiokafka.errors import KafkaConnectionError

GIVEN_UP_SECONDS = 5.0


class GivenUp(KafkaConnectionError):  # type: ignore[misc]  # aiokafka has no types
    """Raised if aiokafka itself cancels the start or the stop of a client."""


@asynccontextmanager
async def connected(
    start: Callable[[], Coroutine[Any, Any, None]], stop: Callable[[], Coroutine[Any, Any, None]]
) -> AsyncIterator[None]:
    """Start an aiokafka client with `start`, run the `async with` block, then stop the client with `stop`,
    even if the start failed. If the caller is cancelled meanwhile, start and stop each get up to
    `GIVEN_UP_SECONDS` more, so that no connection stays open."""
    try:
        await unbroken(start())
        yield
    finally:
        await stopped(stop())


async def unbroken(step: Coroutine[Any, Any, None]) -> None:
    """Run `step`, the start or the stop of an aiokafka client, to its end. If the caller is cancelled, `step`
    gets up to `GIVEN_UP_SECONDS` more, so that no connection stays open. Raises GivenUp if aiokafka itself
    cancels `step`."""
    taking_it = asyncio.create_task(step)
    try:
        await asyncio.shield(taking_it)
    except asyncio.CancelledError:
        caller = asyncio.current_task()
        if taking_it.cancelled() and caller is not None and not caller.cancelling():
            raise GivenUp("aiokafka gave up half-way") from None
        raise
    finally:
        await asyncio.wait({taking_it}, timeout=GIVEN_UP_SECONDS)
        taking_it.cancel()


async def stopped(stop: Coroutine[Any, Any, None]) -> None:
    """Await `stop`, which stops an aiokafka client. If the caller is cancelled meanwhile, `stop` gets up to
    five more seconds (`GIVEN_UP_SECONDS`) before CancelledError is raised. If aiokafka itself cancels `stop`,
    no error is raised."""
    with suppress(GivenUp):
        await unbroken(stop)
