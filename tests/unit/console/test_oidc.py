"""What an identity provider says is read under a bound; whatever it is, nobody comes in by it and nothing breaks."""

import asyncio
import gzip
import json
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from unittest.mock import Mock

import pytest

from console.oidc import ANSWER_BYTES, FAILED, Provider
from contracts.errors import Misconfigured
from router.settings import ConsoleSettings

Answer = tuple[bytes, bytes]
"""Further headers, and a body."""


@asynccontextmanager
async def provider(head: bytes, pieces: Callable[[], AsyncIterator[bytes]]) -> AsyncIterator[Provider]:
    """One that answers so, whatever it is asked."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n" + head + b"\r\n"
        )
        try:
            async for piece in pieces():
                writer.write(piece)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        yield Provider(ConsoleSettings(url="http://localhost:1", issuer=f"http://127.0.0.1:{port}"))


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (b"", b"[" * ANSWER_BYTES),
        (b"", b'{"a":' * 10_000),
        (b"", b"[]"),
        (b"", b"null"),
        (b"", b"{}"),
        (b"", b'{"authorization_endpoint": {}}'),
        (b"", b"\xff\xfe"),
        (b"Content-Encoding: gzip\r\n", gzip.compress(b'{"authorization_endpoint": "https://a/"}', mtime=0)),
        (b"Set-Cookie: a=b" + b"; c" * 20_000 + b"\r\n", b"{}"),
    ],
)
async def test_nobody_comes_in_by_what_is_no_answer_and_nothing_breaks(head: bytes, body: bytes) -> None:
    async def once() -> AsyncIterator[bytes]:
        yield body

    async with provider(head, once) as asked:
        with pytest.raises(Misconfigured, match=FAILED):
            await asked.begin()


async def test_a_wrong_answer_about_where_to_ask_is_not_kept() -> None:
    said = [
        b'{"keys": []}',
        b'{"issuer": "https://autre.exemple", "authorization_endpoint": "https://autre.exemple"}',
    ]

    async def one_after_the_other() -> AsyncIterator[bytes]:
        yield said.pop(0)

    async with provider(b"", one_after_the_other) as asked:
        said.append(json.dumps({"issuer": asked._issuer, "authorization_endpoint": "https://a/"}).encode())
        for _ in range(2):
            with pytest.raises(Misconfigured, match=FAILED):
                await asked.begin()
        assert (await asked.begin())["url"].startswith("https://a/?")


async def test_an_endless_answer_is_left_at_its_bound() -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 1000 * ANSWER_BYTES:
            sent += ANSWER_BYTES
            yield b" " * ANSWER_BYTES

    async with provider(b"", endless) as asked:
        with pytest.raises(Misconfigured, match=FAILED):
            await asked.begin()
    assert sent < 1000 * ANSWER_BYTES


async def test_the_authorities_that_vouch_for_a_provider_are_read_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def nothing() -> AsyncIterator[bytes]:
        yield b"{}"

    async with provider(b"", nothing) as asked:
        read = Mock(side_effect=AssertionError)
        monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", read)
        for _ in range(3):
            with pytest.raises(Misconfigured, match=FAILED):
                await asked.begin()
        read.assert_not_called()
