"""A mail server that keeps what it is given."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage


class Postmaster:
    """Speaks as much SMTP as a client needs. `away`: takes connections no longer than to say so."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.mails: list[EmailMessage] = []
        self.away = False

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Postmaster"]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        async with server:
            yield self

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"421 plus tard\r\n" if self.away else b"220 pret\r\n")
        while not self.away and (line := await reader.readline()):
            word = line[:4].upper()
            if word == b"DATA":
                writer.write(b"354 allez-y\r\n")
                content = await reader.readuntil(b"\r\n.\r\n")
                self.mails.append(message_from_bytes(content[:-3], policy=policy.default))
            writer.write(b"221 au revoir\r\n" if word == b"QUIT" else b"250 bien\r\n")
            if word == b"QUIT":
                break
        writer.close()

    @property
    def texts(self) -> str:
        """Everything that anybody could read."""
        return "\n".join(str(mail.get_content()) for mail in self.mails)
