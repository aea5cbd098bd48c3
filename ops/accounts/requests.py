"""Handle requests for a login link after the HTTP response: how long the response takes must not tell whether
an address has an account."""

import asyncio

import structlog

from contracts.errors import HubError
from ops.accounts.accounts import Accounts
from router.telemetry.outages import OutageLog

logger = structlog.get_logger()
MOST_WAITING = 1000


class Requests:
    """Requests to mail a login link. Each is tried once: if it fails, because the mail server does not answer
    for example, it is lost, and the person has to ask again."""

    def __init__(self, accounts: Accounts) -> None:
        self.accounts = accounts
        self._waiting: asyncio.Queue[tuple[str, str]] = asyncio.Queue(MOST_WAITING)
        self._outage = OutageLog("courriel")

    def add(self, address: str, page: str) -> None:
        """Add a request to mail a link to `address`; the link leads to `page` of the console. If `MOST_WAITING`
        requests wait already, drop the new request."""
        if self._waiting.full():
            logger.error("console.links_dropped")
            return
        self._waiting.put_nowait((address, page))

    async def run(self) -> None:
        """Mail the login links that people have asked for on the console, one after the other, until
        cancelled."""
        while True:
            address, page = await self._waiting.get()
            try:
                await self.accounts.send_link(address, page)
            except HubError as exc:
                self._outage.failed(str(exc))
            else:
                self._outage.succeeded()
