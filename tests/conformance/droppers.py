"""Partners that drop files, as the other side of the sources."""

import json
from typing import Any, ClassVar

from connectors.memory import MemorySource
from connectors.sftp import SftpSource
from contracts.ports import Native
from contracts.sftp import EntreeSftp

from .promises import Promise
from .sftp_server import FaultySftpServer

STABLE_SECONDS = 2.0


class Clock:
    """A monotonic clock that only moves when a test changes `seconds`."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


class SftpDropper:
    NAME: ClassVar[str] = "sftp"
    WAIVED: ClassVar[dict[Promise, str]] = {}

    def __init__(self, tmp_path) -> None:
        self.server = FaultySftpServer(tmp_path)
        self.folder = self.server.root / "depot"
        self.folder.mkdir()
        self.clock = Clock()

    async def start(self) -> None:
        await self.server.start()
        self.source = self.new_source()

    def new_source(self, entry: dict[str, str] | None = None, **options) -> SftpSource:
        where = {"dossier": "depot", "dialecte": "csv", "stable_s": STABLE_SECONDS}
        return SftpSource(
            EntreeSftp(**{**self.server.entry(), **where, **(entry or {})}), clock=self.clock, **options
        )

    async def stop(self) -> None:
        await self.source.close()
        await self.server.stop()

    async def drop(self, name: str, body: bytes) -> None:
        (self.folder / name).write_bytes(body)

    async def begin(self, name: str, body: bytes) -> None:
        await self.drop(name, body)

    async def finish(self, name: str, body: bytes) -> None:
        with (self.folder / name).open("ab") as file:
            file.write(body)

    async def offered(self) -> list[Native]:
        """Return the messages that the source offers once all files have been stable for long enough."""
        await self.looked()
        self.clock.seconds += STABLE_SECONDS
        return await self.looked()

    async def looked(self) -> list[Native]:
        return [native async for native in self.source.fetch()]

    def remaining(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir() if path.is_file())

    def report(self, name: str) -> dict[str, Any]:
        report: dict[str, Any] = json.loads((self.folder / "rapports" / f"{name}.rapport.json").read_text())
        return report

    async def go_away(self) -> None:
        await self.server.stop()

    async def come_back(self) -> None:
        await self.server.start()

    async def distrust(self) -> None:
        self.server.trusting = False


class MemoryDropper:
    NAME: ClassVar[str] = "memory"
    WAIVED: ClassVar[dict[Promise, str]] = {
        Promise.INCOMPLETE: "a file appears in memory whole",
        Promise.UNREACHABLE: "there is nothing to reach",
        Promise.RECOVERS: "there is nothing to reach",
        Promise.CREDENTIALS: "there is nobody to convince",
    }

    def __init__(self, tmp_path) -> None:
        self.source = MemorySource()

    async def start(self) -> None: ...

    async def stop(self) -> None:
        await self.source.close()

    async def drop(self, name: str, body: bytes) -> None:
        self.source.waiting[name] = body

    async def offered(self) -> list[Native]:
        return [native async for native in self.source.fetch()]

    def remaining(self) -> list[str]:
        return sorted(self.source.waiting)

    def report(self, name: str) -> dict[str, Any]:
        report = self.source.reports[name]
        rejets = [
            {"ligne": r.ligne, "champ": r.champ, "code": r.code, "message": r.message} for r in report.rejets
        ]
        return {"etat": report.etat, "acceptes": report.acceptes, "rejets": rejets}
