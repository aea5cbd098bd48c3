"""A file that a partner drops has one effect, whatever fails at its move."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial

import asyncssh
import pytest
import pytest_asyncio

from connectors.registry import Lent
from connectors.sftp import SftpSource
from contracts.errors import PartnerUnavailable
from contracts.partner import Partner
from contracts.ports import IntakeReport, Native
from contracts.sftp import EntreeSftp
from ops.running import process as running
from router.intake import sources
from router.settings import IntakeSettings
from tests.conformance.droppers import SftpDropper
from tests.integration import lasting
from tests.integration.dropped import BIG_BYTES, drop_big_files, entree, file_of, has_events, picked_up
from tests.integration.lasting import Lasting
from tests.integration.registry import FINESS
from tests.integration.triggers import FullDisk
from tests.integration.waiting import DEADLINE_SECONDS, until
from tests.integration.world import World

pytestmark = lasting.MARK
dropper = lasting.dropper


@pytest_asyncio.fixture(loop_scope="module")
async def prepared(lasting: Lasting) -> AsyncIterator[World]:
    """The bytes of a message without a key are a repetition only while its file lies there."""
    async with lasting.at_rest() as world:
        usual = world.settings
        world.settings = usual.model_copy(update={"intake": IntakeSettings(body_repetition_s=0.0)})
        yield world
        world.settings = usual


class OnItsWay(SftpSource):
    """Moves the file 0.json, and has the server's answer only when the test lets it come; fails to move any other,
    until it is mended, once that one has gone."""

    def __init__(self, partner: Partner, lent: Lent) -> None:
        assert isinstance(partner.entree, EntreeSftp)
        super().__init__(partner.entree, budget=lent.budget)
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

    def opened(partner: Partner, lent: Lent) -> OnItsWay:
        made.append(OnItsWay(partner, lent))
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
    monkeypatch.setattr(sources, "ENDING_SECONDS", 0.5)
    disk = await being_told(prepared, dropper)
    assert dropper.remaining() == []
    logins = dropper.server.logins
    changed = entree(dropper).model_copy(update={"intervalle_s": 0.2})
    await prepared.apply(prepared.registry(centre={"entree": changed}))
    await until(lambda: dropper.server.logins > logins, "le dossier est relevé selon la nouvelle entrée")
    await told_again(disk)
    await disk.is_mended()
    await until(partial(written, prepared), "c'est écrit")


async def test_a_hub_that_stops_still_writes_that_a_file_was_moved(
    prepared: World, dropper: SftpDropper, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, name in ((sources, "ENDING_SECONDS"), (running, "DRAIN_SECONDS")):
        monkeypatch.setattr(module, name, DEADLINE_SECONDS)
    disk = await being_told(prepared, dropper)
    stopping = asyncio.create_task(prepared.stop())
    await until(lambda: not prepared.alive, "on lui a dit de s'arrêter")
    await told_again(disk)
    await disk.is_mended()
    await stopping
    assert await written(prepared)
