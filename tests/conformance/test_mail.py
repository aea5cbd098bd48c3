"""A mail server gets a letter over TLS where it expects it; one that says too much is left, and holds no thread."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import cast

import pytest
from aiosmtpd.smtp import SMTP

from connectors import mail
from connectors.mail import ANSWERS_MAX_BYTES, Letter, MailServer
from contracts.errors import PartnerUnavailable
from simulation.mail_sink import MailSink
from tests.conformance.certificates import Authority, written

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


@pytest.mark.parametrize("encrypted", [True, False], ids=["elsewhere", "on this machine or «en clair»"])
async def test_on_the_port_of_tls_a_letter_leaves_over_tls_whatever_the_settings_allow(
    encrypted: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(written(tmp_path / "courriel.pem", authority.server()))
    loop, sink = asyncio.get_running_loop(), MailSink(0)
    async with await loop.create_server(lambda: SMTP(sink, loop=loop), "127.0.0.1", 0, ssl=context) as server:
        port = server.sockets[0].getsockname()[1]
        monkeypatch.setattr(mail, "TLS_PORT", port)
        monkeypatch.setattr(mail, "TIMEOUT_SECONDS", 2.0)
        await MailServer("127.0.0.1", port, "hub@exemple.invalid", encrypted).send(LETTER)
    assert [each["Subject"] for each in sink.mails] == ["[hub SIAO] Objet"]
