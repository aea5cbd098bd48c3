"""A partner whose deliveries stay in memory."""

from typing import ClassVar

from connectors.memory import MemorySink
from contracts.errors import Misconfigured, PartnerUnavailable, Refused, Throttled

from .promises import Promise


class MemoryPartner:
    NAME: ClassVar[str] = "memory"
    WAIVED: ClassVar[dict[Promise, str]] = {}

    def __init__(self, tmp_path, monkeypatch) -> None:
        self.sink = MemorySink()

    async def start(self) -> None: ...

    async def stop(self) -> None:
        await self.sink.close()

    async def effects(self) -> list[bytes]:
        return [native.body for native in self.sink.delivered.values()]

    async def go_away(self) -> None:
        self.sink.errors.append(PartnerUnavailable("injoignable"))

    async def come_back(self) -> None:
        self.sink.errors.clear()

    async def refuse(self, native, key) -> None:
        self.sink.errors.append(Refused("refus"))

    async def throttle(self, seconds: int) -> None:
        self.sink.errors.append(Throttled("attendre", seconds))

    async def distrust(self) -> None:
        self.sink.errors.append(Misconfigured("clé"))

    async def lose_the_next_answer(self) -> None:
        self.sink.answers_lost += 1

    async def behave(self) -> None:
        self.sink.errors.clear()
