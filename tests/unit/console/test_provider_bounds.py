"""What an identity provider answers is bounded, in bytes and in time, and read in small pieces."""

import asyncio
from contextlib import suppress

import pytest
from httpx2 import ReadError

from console import oidc
from contracts.errors import Misconfigured
from router.settings import ConsoleSettings

HEAD = b"HTTP/1.1 200 OK\r\n"


async def asked(before: bytes, again: bytes) -> BaseException | None:
    """Begin a login with a provider that says this, the second part without end. Return why that failed."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            writer.write(before)
            while True:
                writer.write(again)
                await writer.drain()
                await asyncio.sleep(0)

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        issuer = "http://{}:{}".format(*server.sockets[0].getsockname())
        settings = ConsoleSettings(url="http://127.0.0.1:1", issuer=issuer, client_id="console")
        with pytest.raises(Misconfigured) as caught:
            await oidc.Provider(settings).begin()
    return caught.value.__cause__


@pytest.mark.parametrize(
    ("before", "again"),
    [
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * 100),
        (HEAD + b"Content-Length: 1000000000\r\n\r\n", b"x" * 1000),
        (HEAD + b"Content-Encoding: gzip\r\nContent-Length: 1000000000\r\n\r\n", b"x" * 1000),
    ],
    ids=["answers before the answer", "chunks of one byte", "a body", "a compressed body"],
)
async def test_an_answer_without_end_is_read_up_to_its_bound(before: bytes, again: bytes) -> None:
    assert isinstance(await asked(before, again), ReadError)


async def test_a_provider_that_never_comes_to_its_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oidc, "LONGEST_SECONDS", 0.2)
    monkeypatch.setattr(oidc, "ANSWER_BYTES", 10**9)
    assert isinstance(await asked(HEAD + b"Content-Length: 1000000000\r\n\r\n", b"x"), TimeoutError)


async def test_an_answer_is_parsed_in_small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stream:
        async def read(self, max_bytes: int) -> bytes:
            return b"x" * max_bytes

    stream = Stream()
    oidc._bound(stream)
    assert len(await stream.read(10**6)) == oidc.PIECE_BYTES
