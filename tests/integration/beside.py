"""Tasks and servers that run beside a test until a block ends."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any, Protocol, TypeVar

from aiohttp import web

from router.process.wakeup import WakeUp


@asynccontextmanager
async def work(of: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run a coroutine until the block ends, then cancel it. Fails if it ends by itself."""
    running = asyncio.create_task(of)
    try:
        yield
        assert not running.done()
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def beats(wake: WakeUp) -> None:
    """Wake up a loop of the hub every 0.2 seconds, as the heartbeat does in production."""
    while True:
        wake.set()
        await asyncio.sleep(0.2)


class _Partner(Protocol):
    async def start(self) -> None: ...
    async def stop(self) -> None: ...


_P = TypeVar("_P", bound=_Partner)


@asynccontextmanager
async def partner(it: _P) -> AsyncIterator[_P]:
    """Start a partner's server, and stop it when the block ends."""
    await it.start()
    try:
        yield it
    finally:
        await it.stop()


@asynccontextmanager
async def server(app: web.Application, port: int) -> AsyncIterator[None]:
    """Serve an application on this port until the block ends; open requests are then cut off."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield
    finally:
        await runner.cleanup()
