"""What a server says reaches asyncssh and aiohttp in small pieces, and whole. A server whose bytes cost much to parse
has a tenth of the event loop."""

import asyncio
import itertools
import os
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread

import asyncssh
import pytest
import uvloop
from aiohttp import ClientSession
from aiohttp.client_proto import ResponseHandler

from connectors.http_client import read_at_most
from connectors.http_replies import PIECE_BYTES as HTTP_BYTES
from connectors.http_replies import Connector
from connectors.pieces import PAUSE
from connectors.sftp.tunnel import PIECE_BYTES as SSH_BYTES
from connectors.sftp.tunnel import Tunnel

from .certificates import Authority

CLOCK_SECONDS = 0.001
"""Step of the clock of an event loop."""
COST_SECONDS = 0.002
"""CPU time that each piece is made to take."""
SHORTEST = b"\0\0\0\x0c\x06\x02" + bytes(10)
"""The shortest packet of SSH, to be ignored."""
SSH = b"SSH-2.0-x\r\n" + SHORTEST * 2_000
CHUNKS = 20_000
HEAD = b"HTTP/1.1 200 OK\r\n"
HTTP = HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * CHUNKS + b"0\r\n\r\n"
LOOPS = pytest.mark.parametrize(
    "loop", [asyncio.SelectorEventLoop, uvloop.new_event_loop], ids=["asyncio", "uvloop"]
)
TLS = pytest.mark.parametrize("tls", [False, True], ids=["TCP", "TLS"])


@contextmanager
def server(
    said: Sequence[bytes], authority: Authority | None, *, http: bool = True, stays: bool = False
) -> Iterator[int]:
    """Serve one connection, and give the port: say this, each part in a TLS record of its own, and close without a
    goodbye. One that `stays` leaves the closing to the client. With `http`, wait for the request first."""

    def serve() -> None:
        connection = listener.accept()[0]
        if authority is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            proof = authority.file.with_name("serveur.pem")
            proof.write_text("".join(authority.server()))
            context.load_cert_chain(proof)
            connection = context.wrap_socket(connection, server_side=True)
        with connection, suppress(OSError):
            if http:
                connection.recv(65536)
            for part in said:
                connection.sendall(part)
            if stays and authority is None:
                connection.shutdown(socket.SHUT_WR)
            while stays and connection.recv(65536):
                pass

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        thread.join()


async def by_ssh(port: int, authority: Authority | None) -> None:
    with pytest.raises(asyncssh.Error):
        await asyncssh.connect("127.0.0.1", port, config=None, tunnel=Tunnel())


async def by_http(port: int, authority: Authority | None) -> bytes:
    trust = True if authority is None else ssl.create_default_context(cafile=authority.file)
    scheme = "http" if authority is None else "https"
    async with (
        ClientSession(connector=Connector()) as session,
        session.get(f"{scheme}://127.0.0.1:{port}", ssl=trust) as response,
    ):
        return await read_at_most(response.content, 10**8)


async def _awaited(asked: Awaitable[bytes | None]) -> bytes | None:
    return await asked


@pytest.mark.parametrize(
    ("protocol", "ask", "said", "most", "tls", "read"),
    [
        (asyncssh.SSHClientConnection, by_ssh, SSH, SSH_BYTES, False, None),
        (ResponseHandler, by_http, HTTP, HTTP_BYTES, False, b"x" * CHUNKS),
        (ResponseHandler, by_http, HTTP, HTTP_BYTES, True, b"x" * CHUNKS),
    ],
    ids=["SSH", "HTTP", "HTTPS"],
)
@LOOPS
def test_a_server_whose_bytes_cost_much_is_read_a_tenth_of_the_time(
    loop: Callable[[], asyncio.AbstractEventLoop],
    protocol: type,
    ask: Callable[[int, Authority | None], Awaitable[bytes | None]],
    said: bytes,
    most: int,
    tls: bool,
    read: bytes | None,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    pieces = list[tuple[float, int]]()
    original = protocol.data_received  # type: ignore[attr-defined]  # both have it

    def data_received(self: asyncio.Protocol, data: bytes, *more: int) -> None:
        if data:
            pieces.append((asyncio.get_running_loop().time(), len(data)))
        original(self, data, *more)

    monkeypatch.setattr(protocol, "data_received", data_received)
    monkeypatch.setattr(time, "thread_time", map(COST_SECONDS.__mul__, itertools.count()).__next__)
    authority = Authority(tmp_path) if tls else None
    with (
        server([said], authority, http=protocol is ResponseHandler, stays=True) as port,
        asyncio.Runner(loop_factory=loop) as run,
    ):
        said_to_us = run.run(_awaited(ask(port, authority)))
    assert said_to_us == read
    assert sum(size for _, size in pieces) == len(said)
    assert max(size for _, size in pieces) <= most
    gaps = [later - before for (before, _), (later, _) in itertools.pairwise(pieces)]
    assert min(gaps) >= PAUSE * COST_SECONDS - CLOCK_SECONDS


@pytest.mark.parametrize("size", [60_000, 2_000_000])
@pytest.mark.parametrize("length", [True, False], ids=["with its length", "without"])
@TLS
@LOOPS
def test_an_answer_is_read_whole_though_the_server_closes_without_a_goodbye(
    loop: Callable[[], asyncio.AbstractEventLoop], tls: bool, length: bool, size: int, tmp_path: Path
) -> None:
    body = os.urandom(size)
    head = HEAD + (b"Content-Length: %d\r\n" % size if length else b"Connection: close\r\n") + b"\r\n"
    records = [head, *(body[at : at + 1000] for at in range(0, size, 1000))]
    authority = Authority(tmp_path) if tls else None
    with server(records, authority) as port, asyncio.Runner(loop_factory=loop) as run:
        assert run.run(by_http(port, authority)) == body
