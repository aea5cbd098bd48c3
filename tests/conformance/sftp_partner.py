"""Partners with an SFTP server: one that receives files, one that drops them."""

from typing import ClassVar

from connectors.sftp import SftpSink
from connectors.sftp.sink import file_name
from contracts.sftp import SortieSftp

from .promises import Promise
from .sftp_server import FaultySftpServer


class SftpPartner:
    NAME: ClassVar[str] = "sftp"
    WAIVED: ClassVar[dict[Promise, str]] = {
        Promise.THROTTLED: "an SFTP server has no way to ask for a pause",
    }

    def __init__(self, tmp_path, monkeypatch) -> None:
        self.server = FaultySftpServer(tmp_path)
        self.inbox = self.server.root / "depot"
        self.inbox.mkdir()

    async def start(self) -> None:
        await self.server.start()
        self.sink = SftpSink(SortieSftp(**self.server.entry(), dossier="depot", delai_s=10))

    async def stop(self) -> None:
        await self.sink.close()
        await self.server.stop()

    async def effects(self) -> list[bytes]:
        return [path.read_bytes() for path in sorted(self.inbox.iterdir())]

    async def go_away(self) -> None:
        await self.server.stop()

    async def come_back(self) -> None:
        await self.server.start()

    async def refuse(self, native, key) -> None:
        (self.inbox / file_name(native, key)).write_bytes(b"something else")

    async def distrust(self) -> None:
        self.server.trusting = False
        await self.server.drop_connections()

    async def lose_the_next_answer(self) -> None:
        self.server.lose_after = "rename"

    async def behave(self) -> None:
        self.server.trusting = True
