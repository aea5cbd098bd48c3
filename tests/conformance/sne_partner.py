"""A partner entitled to ask the national register (SNE), which answers over TLS and demands a client certificate."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID, uuid5

from connectors.soap import SneSource
from contracts.ports import Native
from contracts.sne import EntreeSne

from . import sne_service
from .certificates import Authority, asking, written
from .http_partner import HttpServer
from .promises import Promise

NO_FILES = "it offers what the hub reads of a demand, not files"
NOT_REMOVED = "the register has no place for a report, and nothing is removed from it"
HOLDS = UUID("c2a7d5e0-3b1f-4f6e-9a58-2f60b1d0e200")
DAY = "2026-04-16"


def number_of(rank: int) -> str:
    """Return a numéro unique for this number."""
    return f"1110318{rank:06}G1104"


def candidacy_of(number: str) -> UUID:
    """Return the candidacy that the hub knows under this numéro unique."""
    return uuid5(HOLDS, number)


class SneDropper:
    """A source in which each name is one demand removed from the register. The hub knows the household of each."""

    NAME: ClassVar[str] = "sne"
    WAIVED: ClassVar[dict[Promise, str]] = {
        Promise.EXACT_BYTES: NO_FILES,
        Promise.INCOMPLETE: NO_FILES,
        Promise.TWINS: NO_FILES,
        Promise.NEW_CONTENT: NO_FILES,
        Promise.DONE: NOT_REMOVED,
        Promise.DONE_TWICE: NOT_REMOVED,
        Promise.RECOVERS: "settling a removal asks nothing of the register",
    }

    def __init__(self, tmp_path: Path) -> None:
        self.folder = tmp_path
        self.server, self.authority = HttpServer(), Authority(tmp_path)
        self.certificate = tmp_path / "CERG1104-2026.pem"
        self.demands: list[str] = []
        self.unknown: set[str] = set()
        self.seconds = 1_776_412_800.0  # 2026-04-17

    async def start(self) -> None:
        written(self.certificate, self.authority.account("hub"))
        self.server.script = sne_service.removing()
        await self.server.start(asking(self.authority, self.folder))
        self.source = self.new_source()

    def new_source(self, **more: Any) -> SneSource:
        entree = EntreeSne(
            url=self.server.https_url,
            certificat=str(self.certificate),
            autorite=str(self.authority.file),
            dialecte="sne_xml",
            **more,
        )
        return SneSource(entree, self._candidacies, now=lambda: self.seconds)

    async def _candidacies(self, numbers: Collection[str]) -> Mapping[str, Sequence[UUID]]:
        return {each: [candidacy_of(each)] for each in numbers if each not in self.unknown}

    async def stop(self) -> None:
        await self.source.close()
        await self.server.stop()

    async def drop(self, name: str, body: bytes) -> None:
        self.remove(sne_service.demand(number_of(len(self.demands)), DAY))

    def remove(self, *demands: str) -> None:
        """Add demands to those that the register lists as removed."""
        self.demands += demands
        self.server.script = sne_service.removing(*self.demands)

    async def offered(self) -> list[Native]:
        return [native async for native in self.source.fetch()]

    async def go_away(self) -> None:
        await self.server.stop()

    async def distrust(self) -> None:
        self.server.script.status = 403
