"""Send e-mails by SMTP."""

import asyncio
import hashlib
import smtplib
import socket
import ssl
import time
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import NamedTuple

from contracts.errors import Misconfigured, PartnerUnavailable

TIMEOUT_SECONDS = 10.0
SESSION_SECONDS = 60.0
"""Time in which a mail server must have given all its answers to one e-mail."""
ANSWERS_MAX_BYTES = 32 * 1024
"""Maximum number of bytes that a mail server may send in all its answers to one e-mail."""
TLS_PORT = 465
"""Port on which mail servers speak TLS from the first byte (RFC 8314). The hub then does too, always."""


class Letter(NamedTuple):
    """E-mail to send. Each attempt to send it has the same `id`, by which a mail program recognises a
    repetition."""

    id: str
    to: tuple[str, ...]
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class MailServer:
    """Mail server, with the account under which the hub sends e-mails."""

    host: str
    port: int
    sender: str
    encrypted: bool
    """Whether to encrypt the connection by the command STARTTLS. On port 465 it is encrypted in any case."""
    username: str | None = None
    password_file: Path | None = None

    async def send(self, letter: Letter) -> None:
        """Send an e-mail, in a thread. Raises Misconfigured if the server refuses the account or TLS, or if
        the password cannot be read; PartnerUnavailable if the server cannot be reached or refuses the
        e-mail."""
        await asyncio.to_thread(self._send, self._written(letter))

    def _written(self, letter: Letter) -> EmailMessage:
        mail = EmailMessage()
        mail["Subject"] = f"[hub SIAO] {letter.subject}"
        mail["From"], mail["To"] = self.sender, ", ".join(letter.to)
        mail["Message-ID"] = f"<{hashlib.sha256(letter.id.encode()).hexdigest()[:32]}@siao-hub>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(f"{letter.text}\n")
        return mail

    def _send(self, mail: EmailMessage) -> None:
        try:
            with self._connected() as server:
                if self.encrypted and self.port != TLS_PORT:
                    server.starttls(context=ssl.create_default_context())
                if self.username is not None:
                    server.login(self.username, self._password())
                server.send_message(mail)
        except (smtplib.SMTPAuthenticationError, smtplib.SMTPNotSupportedError, ssl.SSLError) as exc:
            raise Misconfigured(f"Le serveur de courriel ne nous accepte pas ({type(exc).__name__})") from exc
        except (OSError, smtplib.SMTPException) as exc:
            raise PartnerUnavailable(
                f"Le serveur de courriel n'accepte pas le message ({type(exc).__name__})"
            ) from exc

    def _connected(self) -> smtplib.SMTP:
        if self.port == TLS_PORT:
            context = ssl.create_default_context()
            return BoundedOverTls(self.host, self.port, timeout=TIMEOUT_SECONDS, context=context)
        return Bounded(self.host, self.port, timeout=TIMEOUT_SECONDS)

    def _password(self) -> str:
        if self.password_file is None:
            raise Misconfigured("Courriel : le compte n'a pas de mot de passe (ALARMS__SMTP_PASSWORD_FILE)")
        return secret_in(self.password_file)


class Answers:
    """Reader of the lines that a mail server sends. Unlike smtplib's own reader, this reader limits how many
    bytes the server may send, and for how long."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection, self._left = connection, ANSWERS_MAX_BYTES
        self._until = time.monotonic() + SESSION_SECONDS
        self._read = b""

    def readline(self, size: int) -> bytes:
        """Return at most `size` bytes of the next line; b"" once the server has hung up. Raises OSError once
        all answers of the session together exceed 32 KiB (`ANSWERS_MAX_BYTES`), or the session has lasted a
        minute (`SESSION_SECONDS`)."""
        while b"\n" not in self._read and len(self._read) < size and (more := self._more()):
            self._read += more
        whole = self._read.find(b"\n") + 1 or len(self._read)
        line, self._read = self._read[: min(whole, size)], self._read[min(whole, size) :]
        return line

    def _more(self) -> bytes:
        left_s = self._until - time.monotonic()
        if left_s <= 0 or self._left <= 0:
            raise OSError("it says too much, or for too long")
        self._connection.settimeout(min(left_s, TIMEOUT_SECONDS))
        more = self._connection.recv(4096)
        self._left -= len(more)
        return more

    def close(self) -> None:
        """Do nothing, because smtplib closes the connection itself."""


class Bounded(smtplib.SMTP):
    """SMTP client that hangs up if the server's answers are too long or too slow."""

    def getreply(self) -> tuple[int, bytes]:
        """Return the code and text of the server's next answer. Raises SMTPServerDisconnected if the server
        hangs up or exceeds a limit; SMTPResponseException for a too long line."""
        if self.file is None:
            assert self.sock is not None
            self.file = Answers(self.sock)
        return super().getreply()


class BoundedOverTls(Bounded, smtplib.SMTP_SSL):
    """SMTP client with the limits of `Bounded`, for a server that expects TLS from the first byte."""


def secret_in(file: Path) -> str:
    """Return the secret in a file, without surrounding white space. Raises Misconfigured if the file is
    unreadable or is not UTF-8."""
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError as exc:
        raise Misconfigured(f"Secret illisible : {file} ({exc.strerror})") from exc
    except UnicodeDecodeError:
        raise Misconfigured(f"Secret illisible : {file} n'est pas en UTF-8") from None
