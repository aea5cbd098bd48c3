"""What an identity provider answers is bounded, in bytes, in pieces and in time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from httpx2 import AsyncByteStream, ReadError, Request, Response

from console import oidc
from contracts.errors import Misconfigured
from router.settings import ConsoleSettings


class Pieces(AsyncByteStream):
    def __init__(self, piece: bytes) -> None:
        self._piece, self.given = piece, 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            self.given += 1
            yield self._piece


@pytest.mark.parametrize(("size", "most"), [(1, 1000), (10_000, 4)])
async def test_an_answer_without_end_is_read_up_to_a_bound_in_bytes_and_in_pieces(
    size: int, most: int
) -> None:
    endless = Pieces(b"x" * size)
    response = Response(200, stream=endless, request=Request("GET", "https://fournisseur.invalid/"))
    await oidc.bound(response)
    with pytest.raises(ReadError):
        await response.aread()
    assert endless.given <= most


async def test_a_provider_that_never_comes_to_its_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oidc, "LONGEST_SECONDS", 0.2)

    async def continues(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while True:
                writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                await writer.drain()
                await asyncio.sleep(0)

    async with await asyncio.start_server(continues, "127.0.0.1", 0) as server:
        issuer = "http://{}:{}".format(*server.sockets[0].getsockname())
        provider = oidc.Provider(
            ConsoleSettings(url="http://127.0.0.1:1", issuer=issuer, client_id="console")
        )
        with pytest.raises(Misconfigured):
            await provider.begin()
