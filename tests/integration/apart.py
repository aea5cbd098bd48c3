"""A hub in processes of its own, started by `siao-hub run`, and its log."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from router.settings import Settings
from simulation.hub_process import HubProcess
from tests.integration.desk import environment_of


class HubApart:
    """A hub started by `siao-hub run` with a world's settings."""

    def __init__(self, settings: Settings, folder: Path, **more: str) -> None:
        url = f"http://127.0.0.1:{settings.http.port}"
        self._process = HubProcess(folder, {**environment_of(settings), **more}, url)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["HubApart"]:
        """Run the hub until the block ends, then stop it cleanly."""
        self._process.start()
        try:
            await asyncio.to_thread(self._process.wait_until_ready)
            yield self
        finally:
            await asyncio.to_thread(self._process.stop)

    @property
    def journal(self) -> Path:
        """The hub's log file."""
        return self._process.log

    @property
    def everything(self) -> str:
        """The whole text that the hub has written."""
        return self.journal.read_text()

    def lines(self, event: str | None = None, **fields: Any) -> list[dict[str, Any]]:
        """Return the lines of the hub's log as JSON objects, only those with this event and these fields if given.
        Fails if a line is no JSON."""
        written = [json.loads(line) for line in self.everything.splitlines()]
        wanted = fields if event is None else {"event": event, **fields}
        return [line for line in written if wanted.items() <= line.items()]

    def count_of(self, *names: str) -> Counter[tuple[Any, ...]]:
        """Return the number of log lines for each combination of values of these fields."""
        return Counter(tuple(line.get(name) for name in names) for line in self.lines())
