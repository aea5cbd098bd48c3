"""An SMTP server that stores the mails it gets: aiosmtpd."""

from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller


class MailSink:
    """An SMTP server that keeps mails in memory and, with a folder, in text files. While `away`, it refuses all
    mails, and counts them (`refused`)."""

    def __init__(self, port: int, folder: Path | None = None) -> None:
        self.port = port
        self.mails: list[EmailMessage] = []
        self.away = False
        self.refused = 0
        self._folder = folder

    @contextmanager
    def running(self) -> Iterator["MailSink"]:
        """Run the server until the block ends."""
        controller = Controller(self, hostname="127.0.0.1", port=self.port)
        controller.start()
        try:
            yield self
        finally:
            controller.stop()

    async def handle_MAIL(
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        """Answer the SMTP command MAIL."""
        if self.away:
            self.refused += 1
            return "421 plus tard"
        envelope.mail_from = address
        return "250 bien"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        """Answer the SMTP command DATA."""
        mail = message_from_bytes(envelope.content, policy=policy.default)
        self.mails.append(mail)
        if self._folder is not None:
            file = self._folder / f"{len(self.mails):03}.txt"
            file.write_text(f"À : {mail['To']}\nObjet : {mail['Subject']}\n\n{mail.get_content()}", "utf-8")
        return "250 bien"

    @property
    def texts(self) -> str:
        """Texts of all mails, joined."""
        return "\n".join(str(mail.get_content()) for mail in self.mails)
