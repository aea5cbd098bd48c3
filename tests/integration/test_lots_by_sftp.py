"""A lot for a partner of files is one file, whose name is the lot's: it lies there once, whatever breaks."""

from collections.abc import Sequence
from typing import Any

import pytest

from contracts.partner import ClasseLivraison
from router.delivery import breaker
from router.delivery.results import Results
from router.settings import DispatcherSettings
from router.store import lanes
from router.store.lanes import Finished
from tests.conformance.droppers import SftpDropper
from tests.integration import clock, lasting
from tests.integration.by_the_lot import lines_of, referred, tables, takes_files
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
dropper, prepared, world = lasting.dropper, lasting.prepared, lasting.world

TWICE_TRIED = (ClasseLivraison.DEDUPLIQUE, ClasseLivraison.INTERROGEABLE)


async def is_there_once(world: World, dropper: SftpDropper, lines: int) -> None:
    """The shelter has one file of so many lines, and the hub its receipt for each."""

    async def all_arrived() -> bool:
        return await world.etats("centre") == ["livree"] * lines

    await until(all_arrived, "le lot est livré")
    await world.settled()
    (table,) = tables(dropper).values()
    assert len(lines_of(table)) == lines
    assert dropper.server.names("depot") == list(tables(dropper)), "rien d'à moitié écrit ne reste"
    assert len(await world.events(kind="livraison.remise")) == lines


@pytest.mark.parametrize("livraison", TWICE_TRIED)
async def test_a_connection_that_is_lost_once_the_file_has_its_name_leaves_one_file(
    world: World, dropper: SftpDropper, livraison: ClasseLivraison
) -> None:
    await takes_files(world, dropper, 2, livraison)
    dropper.server.lose_after = "rename"
    await referred(world, 1, 2)
    await is_there_once(world, dropper, 2)
    assert dropper.server.calls.count("rename") == 1


async def test_a_hub_that_dies_between_the_file_and_its_record_finds_it_again(
    world: World, dropper: SftpDropper, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It asks for it; below, one that deduplicates gets it again."""
    with monkeypatch.context() as dying:
        dying.setattr(Results, "put_all_on_record", _dead)
        await takes_files(world, dropper, 2, ClasseLivraison.INTERROGEABLE)
        await referred(world, 1, 2)
        await until(lambda: tables(dropper), "le fichier est là")
        await world.stop()
    assert "livree" not in await world.etats("centre")
    await clock.lanes_fall_due(world)
    await world.start()
    await is_there_once(world, dropper, 2)
    assert dropper.server.calls.count("rename") == 1


async def test_a_lot_whose_file_has_arrived_and_was_changed_since_is_a_task_and_never_leaves_in_halves(
    world: World, dropper: SftpDropper, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The partner's software writes files anew, or empties what it has read."""
    with monkeypatch.context() as dying:
        dying.setattr(Results, "put_all_on_record", _dead)
        await takes_files(world, dropper, 2, ClasseLivraison.DEDUPLIQUE)
        await referred(world, 1, 2)
        await until(lambda: tables(dropper), "le fichier est là")
        await world.stop()
    (path,) = dropper.folder.glob("*.csv")
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    await clock.lanes_fall_due(world)
    await world.start()

    async def is_a_task() -> bool:
        return await world.etats("centre") == ["incertaine"] * 2

    await until(is_a_task, "quelqu'un décide")
    await world.settled()
    assert dropper.server.names("depot") == [path.name]
    (first, _) = await world.deliveries("centre")
    assert "le fichier du lot est là, et n'est plus le même" in str(first.error)


async def _dead(*_: Any) -> None:
    """As a kill -9 right before."""


async def test_a_hub_that_dies_while_it_notes_what_became_of_a_lot_has_noted_all_of_it_or_nothing(
    prepared: World, dropper: SftpDropper, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the rest of it would be another file under its name, and refused as such."""
    world = prepared
    impatient = DispatcherSettings(backoff_first_s=0.1, backoff_max_s=1.0, max_in_flight=2)
    world.settings = world.settings.model_copy(update={"dispatcher": impatient})
    finish, noted = lanes.finish, list[int]()

    async def once(connection: Any, leases: Sequence[Finished], *rest: Any) -> Any:
        about_it = [lease for lease in leases if lease.claim.partner == "centre" and lease.settled]
        if about_it:
            noted.append(len(about_it))
        return (frozenset(), False) if len(noted) > 1 else await finish(connection, leases, *rest)

    await world.start()
    await takes_files(world, dropper, 4, ClasseLivraison.DEDUPLIQUE)
    with monkeypatch.context() as dying:
        dying.setattr(lanes, "finish", once)
        await referred(world, 1, 2, 3, 4)
        await until(lambda: noted, "il note ce qu'il en est")
        await world.stop()
    await clock.lanes_fall_due(world)
    await world.start()
    await is_there_once(world, dropper, 4)


async def test_a_folder_that_is_closed_for_a_while_gets_the_lot_as_it_was(
    world: World, dropper: SftpDropper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(breaker, "MISCONFIGURED_SECONDS", 0.5)  # the pause after five attempts
    await takes_files(world, dropper, 2, ClasseLivraison.AUCUNE)
    dropper.server.trusting = False
    await dropper.server.drop_connections()
    await referred(world, 1, 2)

    async def has_been_tried() -> bool:
        return any(each.attempts for each in await world.deliveries("centre"))

    await until(has_been_tried, "le lot est essayé")
    await referred(world, 3)
    dropper.server.trusting = True

    async def is_delivered() -> bool:
        return sorted(await world.etats("centre")) == ["en_attente", "livree", "livree"]

    await until(is_delivered, "le lot est livré, et lui seul")
    (table,) = tables(dropper).values()
    assert len(lines_of(table)) == 2
