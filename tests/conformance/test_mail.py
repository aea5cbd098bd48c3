"""A mail server that says too much is left, and holds no thread: the letter waits for another attempt."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import cast

import pytest

from connectors import mail
from connectors.mail import ANSWERS_MAX_BYTES, Letter, MailServer
from contracts.errors import PartnerUnavailable

LETTER = Letter("une-alarme", ("astreinte@exemple.invalid",), "Objet", "Texte")
SOCKET_BYTES = 8 * 1024 * 1024
"""More than two sockets of this machine keep for each other."""


@asynccontextmanager
async def saying(piece: bytes, then: Callable[[], float]) -> AsyncIterator[tuple[MailServer, list[int]]]:
    """A server that says this again and again, and waits so long in between; with what it could say."""
    said: list[int] = []
    talking: list[asyncio.Task[None]] = []

    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talking.append(cast("asyncio.Task[None]", asyncio.current_task()))
        with suppress(OSError, asyncio.CancelledError):
            while True:
                writer.write(piece)
                await writer.drain()
                said.append(len(piece))
                await asyncio.sleep(then())
        writer.transport.abort()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        yield MailServer("127.0.0.1", port, "hub@exemple.invalid", encrypted=False), said
        for each in talking:
            each.cancel()
        await asyncio.gather(*talking)


async def test_an_answer_without_an_end_is_read_up_to_its_bound() -> None:
    async with saying(b"220-bonjour\r\n" * 1000, lambda: 0) as (server, said):
        with pytest.raises(PartnerUnavailable):
            await server.send(LETTER)
        assert sum(said) < ANSWERS_MAX_BYTES + SOCKET_BYTES


async def test_an_answer_that_comes_byte_by_byte_ends_with_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "SESSION_SECONDS", 0.3)
    async with saying(b"2", lambda: 0.02) as (server, said):
        with pytest.raises(PartnerUnavailable):
            await server.send(LETTER)
        assert sum(said) < ANSWERS_MAX_BYTES
