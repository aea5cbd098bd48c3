"""Files that partners drop: few at a time in memory, the others wait in their folders."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial

import asyncssh
import pytest

from connectors.byte_budget import ByteBudget, WithReserve
from connectors.registry import Lent
from connectors.sftp import SftpSource
from contracts.partner import Partner
from contracts.ports import IntakeReport, Native
from contracts.sftp import EntreeSftp
from router.intake import sources
from router.intake.sources import SETTLED_AT_ONCE
from tests.conformance.droppers import SftpDropper
from tests.integration import lasting
from tests.integration.dropped import (
    BIG_BYTES,
    both_picked_up,
    drop_big_files,
    entree,
    file_of,
    has_events,
    has_tried_to_move,
    picked_up,
)
from tests.integration.registry import AUTRE_FINESS, FINESS
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
prepared, dropper, neighbour = lasting.prepared, lasting.dropper, lasting.neighbour
MOST_TOGETHER = SETTLED_AT_ONCE + 1
"""Those that are being settled, and the next one."""
FILES = MOST_TOGETHER + 2


class Gated(SftpSource):
    """Settles a file only when the test lets it, and counts those that it was asked for and has not settled."""

    def __init__(self, entree: EntreeSftp) -> None:
        super().__init__(entree)
        self.may_settle = asyncio.Semaphore(0)
        self.settled = self.together = self.most_together = 0

    def asked_for_another(self) -> None:
        self.together += 1
        self.most_together = max(self.together, self.most_together)

    async def fetch(self) -> AsyncIterator[Native]:
        self.asked_for_another()
        async for native in super().fetch():
            yield native
            self.asked_for_another()
        self.together -= 1

    async def done(self, native: Native, report: IntakeReport) -> None:
        await self.may_settle.acquire()
        await super().done(native, report)
        self.together -= 1
        self.settled += 1


class Watched(ByteBudget):
    """Says how many wait for it."""

    waiting = 0

    async def wait_for(self, size: int) -> None:
        self.waiting += 1
        try:
            await super().wait_for(size)
        finally:
            self.waiting -= 1


class WatchedOne(Watched, WithReserve):
    """That of one partner."""


@pytest.fixture
def budgets(monkeypatch: pytest.MonkeyPatch) -> list[Watched]:
    """The byte budget for the large files of all partners, the reserve for small ones, then that of each partner."""
    made: list[Watched] = []

    def budget(most: int) -> Watched:
        made.append(Watched(most))
        return made[-1]

    def of_one(most: int, within: ByteBudget, reserve: ByteBudget) -> Watched:
        made.append(WatchedOne(most, within, reserve))
        return made[-1]

    monkeypatch.setattr(sources, "ByteBudget", budget)
    monkeypatch.setattr(sources, "WithReserve", of_one)
    return made


class Held:
    """Bytes of files offered and not settled, now and at most."""

    def __init__(self) -> None:
        self.may_settle = asyncio.Semaphore(0)
        self.settled = self.now = self.most = 0

    def offered(self, size: int) -> None:
        self.now += size
        self.most = max(self.most, self.now)

    async def settle(self, size: int) -> None:
        await self.may_settle.acquire()
        self.now -= size
        self.settled += 1


class Counted(SftpSource):
    """Settles a file only when the test lets it, and says what it holds."""

    def __init__(self, partner: Partner, lent: Lent, held: Held) -> None:
        assert isinstance(partner.entree, EntreeSftp)
        super().__init__(partner.entree, budget=lent.budget)
        self._held = held

    async def fetch(self) -> AsyncIterator[Native]:
        async for native in super().fetch():
            self._held.offered(len(native.body))
            yield native

    async def done(self, native: Native, report: IntakeReport) -> None:
        await self._held.settle(len(native.body))
        await super().done(native, report)


async def test_of_many_big_files_dropped_at_once_a_few_are_in_memory_and_the_others_wait_in_the_folder(
    prepared: World, dropper: SftpDropper, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(FILES):
        await dropper.drop(f"{n:02}.json", b"[%b]".ljust(BIG_BYTES) % file_of(f"A-{n}"))
    source = Gated(entree(dropper))
    monkeypatch.setattr(sources, "open_source", lambda *_: source)
    await picked_up(prepared, dropper)
    for settled in range(FILES):
        taken_in = partial(has_events, prepared, min(settled + MOST_TOGETHER, FILES))
        await until(taken_in, f"{settled} fichiers rangés, les suivants sont reçus")
        source.may_settle.release()
        await until(partial(has_settled, source, settled + 1), "le suivant est rangé")
    assert source.most_together == MOST_TOGETHER
    assert dropper.remaining() == []


def has_settled(source: Gated | Held, count: int) -> bool:
    return source.settled == count


async def test_big_files_of_several_partners_wait_in_their_folders_until_there_is_room_for_them(
    prepared: World,
    dropper: SftpDropper,
    neighbour: SftpDropper,
    budgets: list[Watched],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held = Held()
    monkeypatch.setattr(sources, "PARTNER_BYTES", 2 * BIG_BYTES)
    monkeypatch.setattr(sources, "TOGETHER_BYTES", 3 * BIG_BYTES)
    monkeypatch.setattr(sources, "open_source", partial(Counted, held=held))
    await drop_big_files(dropper, FINESS, 4)
    await both_picked_up(prepared, dropper, neighbour)
    await until(lambda: waiting(budgets) == 1, "le centre a tout ce qui lui revient")
    assert held.now == 2 * BIG_BYTES
    await drop_big_files(neighbour, AUTRE_FINESS, 4)
    await until(lambda: waiting(budgets) == 2, "il n'y a plus de place")
    assert held.now == 3 * BIG_BYTES
    for settled in range(8):
        held.may_settle.release()
        await until(partial(has_settled, held, settled + 1), "le suivant est rangé")
    await until(lambda: dropper.remaining() == neighbour.remaining() == [], "tous sont rangés")
    assert await prepared.count("event") == 8
    assert held.most == 3 * BIG_BYTES


async def test_a_small_file_waits_for_no_big_one_of_others_however_long_these_are_held(
    prepared: World, dropper: SftpDropper, neighbour: SftpDropper, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Held()
    monkeypatch.setattr(sources, "PARTNER_BYTES", BIG_BYTES)
    monkeypatch.setattr(sources, "TOGETHER_BYTES", BIG_BYTES)
    monkeypatch.setattr(sources, "open_source", partial(Counted, held=held))
    await drop_big_files(dropper, FINESS, 2)
    await both_picked_up(prepared, dropper, neighbour)
    await until(partial(has_events, prepared, 1), "un gros fichier prend toute la place, et la garde")
    await neighbour.drop("petit.json", file_of("B-1", structure=AUTRE_FINESS))
    await until(partial(has_events, prepared, 2), "le petit du voisin est pris")
    assert held.settled == 0
    for _ in range(3):
        held.may_settle.release()
    await until(lambda: dropper.remaining() == neighbour.remaining() == [], "tous sont rangés")


async def test_big_files_whose_move_fails_leave_their_room_to_the_others(
    prepared: World,
    dropper: SftpDropper,
    neighbour: SftpDropper,
    budgets: list[Watched],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sources, "PARTNER_BYTES", 2 * BIG_BYTES)
    monkeypatch.setattr(sources, "TOGETHER_BYTES", 2 * BIG_BYTES)
    servers = dropper.server, neighbour.server
    for server in servers:
        server.failing["rename"] = asyncssh.SFTPFailure("disque plein")
    await drop_big_files(dropper, FINESS, 3)
    await drop_big_files(neighbour, AUTRE_FINESS, 3)
    await both_picked_up(prepared, dropper, neighbour)
    for server in servers:
        await until(partial(has_tried_to_move, server, 6), "ils sont pris et repris")
        server.failing.clear()
    await until(lambda: dropper.remaining() == neighbour.remaining() == [], "tous sont rangés")
    assert await prepared.count("event") == 6
    await until(lambda: budgets[0].take(2 * BIG_BYTES), "toute la place est rendue")


def waiting(budgets: list[Watched]) -> int:
    """How many partners wait for bytes."""
    return sum(budget.waiting for budget in budgets)
