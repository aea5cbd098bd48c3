"""What a server says reaches asyncssh and aiohttp in small pieces, so that other work goes on between them."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import pairwise

import asyncssh
import pytest
import uvloop
from aiohttp import ClientSession
from aiohttp.client_proto import ResponseHandler

from connectors import pieces
from connectors.http_client import read_at_most
from connectors.http_replies import PIECE_BYTES as HTTP_BYTES
from connectors.http_replies import Connector
from connectors.sftp.tunnel import PIECE_BYTES as SSH_BYTES
from connectors.sftp.tunnel import Tunnel

SHORTEST = b"\0\0\0\x0c\x06\x02" + bytes(10)
"""The shortest packet of SSH, to be ignored."""
SSH = b"SSH-2.0-x\r\n" + SHORTEST * 20_000
CHUNKS = 60_000
HTTP = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * CHUNKS + b"0\r\n\r\n"


async def _by_ssh(host: str, port: int) -> None:
    with pytest.raises(asyncssh.Error):
        await asyncssh.connect(host, port, config=None, tunnel=Tunnel())


async def _by_http(host: str, port: int) -> None:
    async with ClientSession(connector=Connector()) as session:
        for most in (CHUNKS + 1, 10):  # read to the end, and given up
            async with session.get(f"http://{host}:{port}") as response:
                assert await read_at_most(response.content, most) == b"x" * min(most, CHUNKS)


@pytest.mark.parametrize(
    ("protocol", "ask", "said", "unasked", "most"),
    [
        (asyncssh.SSHClientConnection, _by_ssh, SSH, True, SSH_BYTES),
        (ResponseHandler, _by_http, HTTP, False, HTTP_BYTES),
        (ResponseHandler, _by_http, HTTP, True, 2 * HTTP_BYTES),
    ],
    ids=["SSH", "HTTP", "HTTP before the request"],
)
@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def test_other_work_goes_on_between_any_two_pieces_of_what_a_server_says(
    loop: Callable[[], asyncio.AbstractEventLoop],
    protocol: type,
    ask: Callable[[str, int], Awaitable[None]],
    said: bytes,
    unasked: bool,
    most: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    turns, of_turn = 0, Counter[int]()
    original = protocol.data_received  # type: ignore[attr-defined]  # both have it

    def data_received(self: asyncio.Protocol, data: bytes, *more: int) -> None:
        of_turn[turns] += len(data)
        original(self, data, *more)

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionResetError):
            _ = unasked or await reader.read(1)
            writer.write(said)
            writer.write_eof()
            await reader.read()
        writer.close()

    async def work() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    async def talk() -> None:
        async with await asyncio.start_server(say, "127.0.0.1", 0) as server:
            working = asyncio.create_task(work())
            await ask(*server.sockets[0].getsockname())
            working.cancel()

    monkeypatch.setattr(protocol, "data_received", data_received)
    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(talk())
    assert of_turn.total() >= len(said)
    assert max(of_turn.values()) <= most


async def test_a_server_whose_bytes_cost_much_is_read_a_tenth_of_the_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cost, at = 0.02, list[float]()
    loop, over = asyncio.get_running_loop(), asyncio.Event()

    class Inner(asyncio.Protocol):
        def data_received(self, data: bytes) -> None:
            at.append(loop.time())

        def connection_lost(self, exc: Exception | None) -> None:
            over.set()

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(bytes(35))
        writer.close()

    monkeypatch.setattr("connectors.pieces.time.thread_time", lambda: len(at) * cost)
    async with await asyncio.start_server(say, "127.0.0.1", 0) as server:
        await loop.create_connection(lambda: pieces.InPieces(Inner(), 10), *server.sockets[0].getsockname())
        await over.wait()
    pauses = [later - before for before, later in pairwise(at)]
    assert len(pauses) == 3
    assert min(pauses) >= pieces.PAUSE * cost - time.get_clock_info("monotonic").resolution
