"""What goes on beside a test until the end of a block: work of the hub, a server."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

from aiohttp import web

from router.process.wakeup import WakeUp


@asynccontextmanager
async def work(of: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """It may not end by itself; asked to stop on leaving, as by SIGTERM."""
    running = asyncio.create_task(of)
    try:
        yield
        assert not running.done()
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def beats(wake: WakeUp) -> None:
    """What the heartbeat of a process does for one of its loops, for as long as there may be something to do."""
    while True:
        wake.set()
        await asyncio.sleep(0.2)


@asynccontextmanager
async def server(app: web.Application, port: int) -> AsyncIterator[None]:
    """Cut off on leaving, whatever it is answering."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield
    finally:
        await runner.cleanup()
