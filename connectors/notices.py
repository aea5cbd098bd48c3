"""Notices to people, by e-mail and by webhook. Knows nothing of alarms.

Each notice has a stable id: the `Message-ID` of an e-mail with it alone, the `webhook-id` of its POST. So a notice
sent again after a doubt is recognised.
"""

import asyncio
import hashlib
import smtplib
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from aiohttp import ClientError, ClientSession, ClientTimeout
from pydantic_core import to_json

from connectors.webhook import signature, signing_key
from contracts.errors import Misconfigured, PartnerUnavailable

TIMEOUT_SECONDS = 10.0
TLS_PORT = 465


class Message(NamedTuple):
    """One notice, for a person and for a machine."""

    id: str
    subject: str
    text: str
    data: Mapping[str, Any]


class Channel(Protocol):
    """One way to reach people."""

    @property
    def name(self) -> str: ...

    async def send(self, messages: Sequence[Message]) -> None:
        """Send notices; return once all are accepted.

        Raises PartnerUnavailable or Misconfigured: some may have been accepted.
        """


@dataclass(frozen=True, slots=True)
class Mail:
    """One e-mail for all notices of a moment."""

    host: str
    port: int
    sender: str
    to: tuple[str, ...]
    encrypted: bool
    username: str | None = None
    password_file: Path | None = None
    name: str = "courriel"

    async def send(self, messages: Sequence[Message]) -> None:
        """Send in a thread, because smtplib blocks. Raises PartnerUnavailable or Misconfigured."""
        await asyncio.to_thread(self._send, self._written(messages))

    def _written(self, messages: Sequence[Message]) -> EmailMessage:
        mail = EmailMessage()
        more = f" (et {len(messages) - 1} de plus)" if len(messages) > 1 else ""
        mail["Subject"] = f"[hub SIAO] {messages[0].subject}{more}"
        mail["From"], mail["To"] = self.sender, ", ".join(self.to)
        ids = "\n".join(message.id for message in messages)
        mail["Message-ID"] = f"<{hashlib.sha256(ids.encode()).hexdigest()[:32]}@siao-hub>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content("\n\n".join(message.text for message in messages) + "\n")
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
        return _read(self.password_file)


@dataclass(frozen=True, slots=True)
class Webhook:
    """One POST for each notice, signed if there is a secret."""

    url: str
    secret_file: Path | None = None
    name: str = "webhook"

    async def send(self, messages: Sequence[Message]) -> None:
        """Send the notices in order. Raises PartnerUnavailable or Misconfigured."""
        timeout = ClientTimeout(total=TIMEOUT_SECONDS)
        async with ClientSession(timeout=timeout) as session:
            for message in messages:
                await self._post(session, message)

    async def _post(self, session: ClientSession, message: Message) -> None:
        body = to_json({**message.data, "id": message.id, "titre": message.subject, "texte": message.text})
        headers = {
            "content-type": "application/json",
            "webhook-id": message.id,
            **self._signed(message, body),
        }
        try:
            async with session.post(self.url, data=body, headers=headers, allow_redirects=False) as response:
                if response.status >= 300:
                    raise PartnerUnavailable(f"Le webhook d'alerte répond HTTP {response.status}")
        except (ClientError, TimeoutError, OSError) as exc:
            raise PartnerUnavailable(f"Le webhook d'alerte ne répond pas ({type(exc).__name__})") from exc

    def _signed(self, message: Message, body: bytes) -> dict[str, str]:
        if self.secret_file is None:
            return {}
        at = str(int(time.time()))
        key = signing_key(_read(self.secret_file))
        return {"webhook-timestamp": at, "webhook-signature": signature(key, message.id, at, body)}


@dataclass(frozen=True, slots=True)
class Pulse:
    """A sign of life to a service elsewhere, which raises the alarm once none comes any more."""

    url: str
    name: str = "pouls"

    async def beat(self) -> None:
        """POST once, without a body. Raises PartnerUnavailable."""
        try:
            timeout = ClientTimeout(total=TIMEOUT_SECONDS)
            async with (
                ClientSession(timeout=timeout) as session,
                session.post(self.url, allow_redirects=False) as response,
            ):
                if response.status >= 300:
                    raise PartnerUnavailable(f"Le service qui attend le pouls répond HTTP {response.status}")
        except (ClientError, TimeoutError, OSError) as exc:
            raise PartnerUnavailable(
                f"Le service qui attend le pouls ne répond pas ({type(exc).__name__})"
            ) from exc


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError as exc:
        raise Misconfigured(f"Secret illisible : {file} ({exc.strerror})") from exc
