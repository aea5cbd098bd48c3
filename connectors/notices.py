"""Send notices to people, by e-mail and by webhook. Each notice has an id (`Message-ID`, `webhook-id`) by
which repetitions are recognised."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from aiohttp import ClientError, ClientSession, ClientTimeout
from pydantic_core import to_json

from connectors.http_replies import Connector
from connectors.mail import Letter, MailServer, secret_in
from connectors.webhook import signature, signing_key
from contracts.errors import PartnerUnavailable

TIMEOUT_SECONDS = 10.0


class AlarmMessage(NamedTuple):
    """Notice to people about the state of the hub: `text` for a person, `data` for a program."""

    id: str
    subject: str
    text: str
    data: Mapping[str, Any]


class Channel(Protocol):
    """Way in which notices reach people, such as e-mail."""

    @property
    def name(self) -> str: ...

    async def send(self, messages: Sequence[AlarmMessage]) -> None:
        """Send notices, and return once all are accepted. Raises PartnerUnavailable if a notice is not
        accepted; Misconfigured for a wrong account or secret."""


@dataclass(frozen=True, slots=True)
class Mail:
    """Way to send notices by e-mail. All notices of one call of `send` go in one e-mail."""

    server: MailServer
    to: tuple[str, ...]
    name: str = "courriel"

    async def send(self, messages: Sequence[AlarmMessage]) -> None:
        """Send the notices in one e-mail. Raises Misconfigured if the server refuses the account or TLS, or
        if the password cannot be read; PartnerUnavailable if the server cannot be reached or refuses the
        e-mail."""
        more = f" (et {len(messages) - 1} de plus)" if len(messages) > 1 else ""
        await self.server.send(
            Letter(
                "\n".join(message.id for message in messages),
                self.to,
                f"{messages[0].subject}{more}",
                "\n\n".join(message.text for message in messages),
            )
        )


@dataclass(frozen=True, slots=True)
class Webhook:
    """Way to send notices to a server, by one POST to `url` for each notice. Each is signed if `secret_file`
    names a file with a secret."""

    url: str
    secret_file: Path | None = None
    name: str = "webhook"

    async def send(self, messages: Sequence[AlarmMessage]) -> None:
        """Send the notices in order. If the server does not accept a notice, raise PartnerUnavailable, and
        send no later notice. Raises Misconfigured if the secret cannot be read or is no signing key."""
        timeout = ClientTimeout(total=TIMEOUT_SECONDS)
        async with ClientSession(connector=Connector(), timeout=timeout) as session:
            for message in messages:
                await self._post(session, message)

    async def _post(self, session: ClientSession, message: AlarmMessage) -> None:
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

    def _signed(self, message: AlarmMessage, body: bytes) -> dict[str, str]:
        if self.secret_file is None:
            return {}
        at = str(int(time.time()))
        key = signing_key(secret_in(self.secret_file))
        return {"webhook-timestamp": at, "webhook-signature": signature(key, message.id, at, body)}


@dataclass(frozen=True, slots=True)
class Pulse:
    """Sender of signs of life to an outside service. This service raises an alarm if the signs stop."""

    url: str
    name: str = "pouls"

    async def beat(self) -> None:
        """Send one sign of life to the outside service. Raises PartnerUnavailable if the service does not
        answer, or answers with an error."""
        try:
            timeout = ClientTimeout(total=TIMEOUT_SECONDS)
            async with (
                ClientSession(connector=Connector(), timeout=timeout) as session,
                session.post(self.url, allow_redirects=False) as response,
            ):
                if response.status >= 300:
                    raise PartnerUnavailable(f"Le service qui attend le pouls répond HTTP {response.status}")
        except (ClientError, TimeoutError, OSError) as exc:
            raise PartnerUnavailable(
                f"Le service qui attend le pouls ne répond pas ({type(exc).__name__})"
            ) from exc
