"""Files that a partner drops: few at a time in memory, each with one effect, whatever fails at its move."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from structlog.testing import capture_logs

from connectors.byte_budget import ByteBudget
from connectors.registry import open_source
from connectors.sftp import SftpSource
from contracts.errors import PartnerUnavailable
from contracts.partner import EntreeSftp, Partner
from contracts.ports import IntakeReport, Native, Source
from router.intake import sources
from router.intake.sources import SETTLED_AT_ONCE
from router.roles import Role
from router.settings import IntakeSettings, Settings
from tests.conformance.droppers import SftpDropper
from tests.conformance.sftp_server import FaultySftpServer
from tests.integration import clock
from tests.integration.accidents import another_takes_over
from tests.integration.messages import vacancy
from tests.integration.registry import AUTRE_FINESS, FINESS
from tests.integration.triggers import FullDisk
from tests.integration.waiting import until
from tests.integration.world import World

FILES = 14
BIG_BYTES = 512 * 1024
MOST_TOGETHER = SETTLED_AT_ONCE + 1
"""Those that are being settled, and the next one."""
LEASE = "source:centre"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The bytes of a message without a key are a repetition only while its file lies there."""
    return settings.model_copy(update={"intake": IntakeSettings(body_repetition_s=0.0)})


@pytest.fixture
async def neighbour(tmp_path: Path) -> AsyncIterator[SftpDropper]:
    """The folder of the shelter with a mailbox."""
    (tmp_path / "voisin").mkdir()
    dropper = SftpDropper(tmp_path / "voisin")
    await dropper.start()
    yield dropper
    await dropper.stop()


def entree(dropper: SftpDropper) -> EntreeSftp:
    """What the shelter's entry says of its folder."""
    looks = {"dialecte": "hebergement_json", "stable_s": 0.0, "intervalle_s": 0.1}
    return EntreeSftp(**dropper.server.entry(), dossier="depot", **looks)


async def picked_up(world: World, dropper: SftpDropper) -> None:
    """From now on the hub looks into the folder."""
    await world.start(Role.SOURCES)
    await world.apply(world.registry(centre={"entree": entree(dropper)}))


def file_of(place: str) -> bytes:
    return json.dumps(vacancy(place)).encode()


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


@pytest.fixture
def budgets(monkeypatch: pytest.MonkeyPatch) -> list[Watched]:
    """The byte budget for the files of all partners, then that of each."""
    made: list[Watched] = []

    def budget(most: int, within: ByteBudget | None = None) -> Watched:
        made.append(Watched(most, within))
        return made[-1]

    monkeypatch.setattr(sources, "ByteBudget", budget)
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

    def __init__(self, partner: Partner, budget: ByteBudget, held: Held) -> None:
        assert partner.entree is not None
        super().__init__(partner.entree, budget=budget)
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


async def has_events(world: World, count: int) -> bool:
    return await world.count("event") == count


def has_settled(source: Gated | Held, count: int) -> bool:
    return source.settled == count


async def test_a_file_read_before_a_freeze_in_which_another_process_took_over_is_left_to_its_look(
    prepared: World, dropper: SftpDropper, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = asyncio.Event()

    class Frozen(SftpSource):
        """What it has read first is offered when another process has the lease."""

        async def fetch(self) -> AsyncIterator[Native]:
            try:
                async for native in super().fetch():
                    if not left.is_set():
                        await until(partial(another_takes_over, prepared, LEASE), "un autre a pris le bail")
                    yield native
                    assert left.is_set(), "un autre a le bail"
            finally:
                left.set()

    monkeypatch.setattr(sources, "open_source", lambda *_: Frozen(entree(dropper)))
    await dropper.drop("0.json", file_of("A-0"))
    await picked_up(prepared, dropper)
    await until(left.is_set, "le fichier est laissé")
    assert await prepared.messages() == []
    assert dropper.remaining() == ["0.json"]
    await clock.lease_runs_out(prepared, LEASE)
    await until(lambda: dropper.remaining() == [], "l'autre parti, le fichier est repris")


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


class OnItsWay(SftpSource):
    """Moves the file 0.json, and has the server's answer only when the test lets it come; fails to move any other,
    until it is mended, once that one has gone."""

    def __init__(self, partner: Partner, budget: ByteBudget) -> None:
        assert partner.entree is not None
        super().__init__(partner.entree, budget=budget)
        self.moved, self.answer = asyncio.Event(), asyncio.Event()
        self.mended, self.failures = False, 0

    async def done(self, native: Native, report: IntakeReport) -> None:
        if native.filename == "0.json":
            await super().done(native, report)
            self.moved.set()
            await self.answer.wait()
        elif self.mended:
            await super().done(native, report)
        else:
            await self.moved.wait()
            self.failures += 1
            raise PartnerUnavailable("disque plein")


@pytest.fixture
def on_its_way(monkeypatch: pytest.MonkeyPatch) -> list[OnItsWay]:
    """The sources that were opened."""
    made: list[OnItsWay] = []

    def opened(partner: Partner, budget: ByteBudget) -> OnItsWay:
        made.append(OnItsWay(partner, budget))
        return made[-1]

    monkeypatch.setattr(sources, "open_source", opened)
    return made


async def test_a_file_that_is_being_moved_while_another_fails_is_settled_to_its_end(
    prepared: World,
    dropper: SftpDropper,
    on_its_way: list[OnItsWay],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sources, "PARTNER_BYTES", 2 * BIG_BYTES)
    await drop_big_files(dropper, FINESS, 3)
    await picked_up(prepared, dropper)
    await until(lambda: on_its_way and on_its_way[0].failures >= 2, "les deux autres ne se rangent pas")
    on_its_way[0].answer.set()
    on_its_way[0].mended = True
    await until(lambda: dropper.remaining() == [], "tous sont rangés")
    assert await prepared.count("event") == 3
    await drop_big_files(dropper, FINESS, 1)
    await until(partial(has_events, prepared, 4), "le même contenu, redéposé, est une nouvelle")


async def test_a_file_that_is_being_moved_while_its_partners_entry_changes_is_settled_to_its_end(
    prepared: World, dropper: SftpDropper, on_its_way: list[OnItsWay]
) -> None:
    await dropper.drop("0.json", file_of("A-1"))
    await picked_up(prepared, dropper)
    await until(lambda: on_its_way and on_its_way[0].moved.is_set(), "le fichier est parti")
    changed = entree(dropper).model_copy(update={"intervalle_s": 0.2})
    await prepared.apply(prepared.registry(centre={"entree": changed}))
    await until(lambda: not picking_up() or any(map(asyncio.Task.cancelling, picking_up())), "elle change")
    on_its_way[0].answer.set()
    await until(partial(written, prepared), "c'est écrit")
    await until(lambda: len(on_its_way) == 2, "le dossier est relevé selon la nouvelle entrée")


def picking_up() -> list[asyncio.Task[object]]:
    """The loops of the sources."""
    return [task for task in asyncio.all_tasks() if "_pick" in getattr(task.get_coro(), "__name__", "")]


class Buggy(SftpSource):
    """Has a bug, until it is mended, which quotes a name."""

    mended = False

    def __init__(self, partner: Partner, budget: ByteBudget) -> None:
        assert partner.entree is not None
        super().__init__(partner.entree, budget=budget)

    async def fetch(self) -> AsyncIterator[Native]:
        if not self.mended:
            raise LookupError("Mme DUPONT")
        async for native in super().fetch():
            yield native


async def test_a_bug_in_a_source_is_logged_without_values_and_costs_neither_the_others_nor_its_next_look(
    prepared: World, dropper: SftpDropper, neighbour: SftpDropper, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: dict[str, Callable[[Partner, ByteBudget], Source]] = {
        "centre": Buggy,
        "centre-boite": open_source,
    }
    monkeypatch.setattr(sources, "open_source", lambda partner, budget: opened[partner.id](partner, budget))
    await drop_big_files(dropper, FINESS, 1)
    await drop_big_files(neighbour, AUTRE_FINESS, 1)
    with capture_logs() as logs:
        await both_picked_up(prepared, dropper, neighbour)
        await until(lambda: neighbour.remaining() == [], "le voisin est relevé")
        await until(lambda: len(bugs(logs)) >= 2, "la faute est dite, et dite encore")
    assert {(bug["partner"], bug["type"]) for bug in bugs(logs)} == {("centre", "LookupError")}
    assert any("fetch" in frame for frame in bugs(logs)[0]["pile"])
    assert "DUPONT" not in str(logs)
    monkeypatch.setattr(Buggy, "mended", True)
    await until(lambda: dropper.remaining() == [], "corrigée, le centre est relevé")


def bugs(logs: list[Any]) -> list[Any]:
    """What the log says of bugs in sources."""
    return [line for line in logs if line["event"] == "source.bug"]


async def drop_big_files(dropper: SftpDropper, structure: str, count: int) -> None:
    for n in range(count):
        body = json.dumps([vacancy(f"{structure}-{n}", structure=structure)]).encode()
        await dropper.drop(f"{n}.json", body.ljust(BIG_BYTES))


async def both_picked_up(world: World, dropper: SftpDropper, neighbour: SftpDropper) -> None:
    """From now on the hub looks into both folders."""
    await world.start(Role.SOURCES)
    folders = {"centre": {"entree": entree(dropper)}, "centre_boite": {"entree": entree(neighbour)}}
    await world.apply(world.registry(**folders))


def waiting(budgets: list[Watched]) -> int:
    """How many partners wait for bytes."""
    return sum(budget.waiting for budget in budgets)


def has_tried_to_move(server: FaultySftpServer, count: int) -> bool:
    return server.calls.count("rename") >= count


async def test_a_file_whose_move_fails_is_tried_again_with_one_effect_and_once_moved_may_be_dropped_again(
    prepared: World, dropper: SftpDropper
) -> None:
    dropper.server.failing["rename"] = asyncssh.SFTPFailure("disque plein")
    await dropper.drop("places.json", file_of("A-1"))
    await picked_up(prepared, dropper)
    await until(lambda: dropper.server.calls.count("rename") >= 3, "le fichier est pris et repris")
    assert await prepared.count("event") == 1
    dropper.server.failing.clear()
    await until(lambda: dropper.remaining() == [], "le fichier est rangé")
    await dropper.drop("places.json", file_of("A-1"))
    await until(partial(has_events, prepared, 2), "le même contenu, redéposé, est une nouvelle")
    await until(lambda: dropper.remaining() == [], "il est rangé à son tour")


async def being_told(world: World, dropper: SftpDropper) -> FullDisk:
    """A file was moved away, and that cannot be written for now: its key may be claimed, and not given up."""
    disk = FullDisk(world, "UPDATE", "idempotency_key")
    await disk.fills()
    await dropper.drop("places.json", file_of("A-1"))
    await picked_up(world, dropper)
    await told_again(disk)
    return disk


async def told_again(disk: FullDisk) -> None:
    """Wait until it was tried twice more."""
    before = await disk.refusals()

    async def twice_more() -> bool:
        return await disk.refusals() >= before + 2

    await until(twice_more, "on tente encore de l'écrire")


async def written(world: World) -> bool:
    """Whether a file's bytes are a repetition no more."""
    return any(lasts < timedelta(0) for lasts in await world.claims())


async def test_that_a_file_was_moved_is_told_again_until_it_could_be_written(
    prepared: World, dropper: SftpDropper
) -> None:
    disk = await being_told(prepared, dropper)
    assert dropper.remaining() == []
    await disk.is_mended()
    await until(partial(written, prepared), "c'est écrit")


async def test_that_a_file_was_moved_is_told_again_though_the_move_of_another_one_fails(
    prepared: World, dropper: SftpDropper
) -> None:
    full = asyncssh.SFTPFailure("disque plein")
    dropper.server.after["rename"] = partial(dropper.server.failing.__setitem__, "rename", full)
    await dropper.drop("autre.json", file_of("A-2"))
    disk = await being_told(prepared, dropper)
    await until(lambda: dropper.server.calls.count("rename") >= 3, "l'autre ne se range pas")
    await told_again(disk)
    await disk.is_mended()
    await until(partial(written, prepared), "c'est écrit")
    assert len(dropper.remaining()) == 1


async def test_that_a_file_was_moved_is_told_again_though_its_partners_entry_changes(
    prepared: World, dropper: SftpDropper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "ENDING_SECONDS", 0.1)
    disk = await being_told(prepared, dropper)
    logins = dropper.server.logins
    changed = entree(dropper).model_copy(update={"intervalle_s": 0.2})
    await prepared.apply(prepared.registry(centre={"entree": changed}))
    await until(lambda: dropper.server.logins > logins, "le dossier est relevé selon la nouvelle entrée")
    await told_again(disk)
    await disk.is_mended()
    await until(partial(written, prepared), "c'est écrit")


async def test_a_hub_that_stops_still_writes_that_a_file_was_moved(
    prepared: World, dropper: SftpDropper
) -> None:
    disk = await being_told(prepared, dropper)
    stopping = asyncio.create_task(prepared.stop())
    await until(lambda: not prepared.alive, "on lui a dit de s'arrêter")
    await told_again(disk)
    await disk.is_mended()
    await stopping
    assert await written(prepared)
