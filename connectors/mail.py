"""A mail server that accepts our mails, by SMTP."""

import asyncio
import hashlib
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import NamedTuple

from contracts.errors import Misconfigured, PartnerUnavailable

TIMEOUT_SECONDS = 10.0
TLS_PORT = 465


class Letter(NamedTuple):
    """One e-mail. A letter sent again under its id is recognised."""

    id: str
    to: tuple[str, ...]
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class MailServer:
    """The server, and the account with which we send."""

    host: str
    port: int
    sender: str
    encrypted: bool
    username: str | None = None
    password_file: Path | None = None

    async def send(self, letter: Letter) -> None:
        """Send in a thread, because smtplib blocks. Raises PartnerUnavailable or Misconfigured."""
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
        context = ssl.create_default_context() if self.encrypted else None
        try:
            with self._connected(context) as server:
                if context is not None and self.port != TLS_PORT:
                    server.starttls(context=context)
                if self.username is not None:
                    server.login(self.username, self._password())
                server.send_message(mail)
        except (smtplib.SMTPAuthenticationError, smtplib.SMTPNotSupportedError, ssl.SSLError) as exc:
            raise Misconfigured(f"Le serveur de courriel ne nous accepte pas ({type(exc).__name__})") from exc
        except (OSError, smtplib.SMTPException) as exc:
            raise PartnerUnavailable(
                f"Le serveur de courriel n'accepte pas le message ({type(exc).__name__})"
            ) from exc

    def _connected(self, context: ssl.SSLContext | None) -> smtplib.SMTP:
        if context is not None and self.port == TLS_PORT:
            return smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT_SECONDS, context=context)
        return smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_SECONDS)

    def _password(self) -> str:
        if self.password_file is None:
            raise Misconfigured("Courriel : le compte n'a pas de mot de passe (ALARMS__SMTP_PASSWORD_FILE)")
        return secret_in(self.password_file)


def secret_in(file: Path) -> str:
    """Return the secret of a file. Raises Misconfigured."""
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError as exc:
        raise Misconfigured(f"Secret illisible : {file} ({exc.strerror})") from exc
