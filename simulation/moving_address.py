"""A TCP address behind which one server can be exchanged for another, as with a virtual IP address."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from deploy.local.ports import reserved_ports

CHUNK_BYTES = 64 * 1024


class MovingAddress:
    """A TCP forwarder in a thread of its own. Thread-safe."""

    def __init__(self, port: int, target: int) -> None:
        self.port = port
        self._target = target
        self._loop = asyncio.new_event_loop()
        self._writers: set[asyncio.StreamWriter] = set()

    def move(self, target: int, *, cut: bool = True) -> None:
        """Point the address at another port. Open connections are closed (`cut`), or go on to the former
        port."""
        self._target = target
        if cut:
            asyncio.run_coroutine_threadsafe(self._cut(), self._loop).result()

    @contextmanager
    def serving(self) -> Iterator["MovingAddress"]:
        """Accept connections until the block ends."""
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", self.port))
        thread = threading.Thread(target=self._loop.run_forever, name="moving-address", daemon=True)
        thread.start()
        try:
            yield self
        finally:
            server.close()
            asyncio.run_coroutine_threadsafe(self._cut(), self._loop).result()
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join()
            self._loop.close()

    async def _cut(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            theirs, ours = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.close()
            return
        pair = {writer, ours}
        self._writers |= pair
        try:
            await asyncio.gather(_pass_on(reader, ours), _pass_on(theirs, writer))
        finally:
            self._writers -= pair


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while content := await reader.read(CHUNK_BYTES):
            writer.write(content)
            await writer.drain()
    writer.close()


@contextmanager
def moving_address(target: int) -> Iterator[MovingAddress]:
    """Open an address that points at a port, until the block ends."""
    with reserved_ports(1) as (port,), MovingAddress(port, target).serving() as address:
        yield address
