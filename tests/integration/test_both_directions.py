"""What a partner leaves for the hub cannot be read: ops see it, since when and why, whatever its deliveries do."""

from datetime import UTC, datetime

import pytest

from ops.status.findings import Code, Finding
from router.domain.correspondents import Lecture
from tests.conformance.droppers import SftpDropper
from tests.integration import lasting
from tests.integration.desk import siao_hub
from tests.integration.dropped import file_of, picked_up
from tests.integration.seen import correspondent, seen
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
dropper, prepared = lasting.dropper, lasting.prepared


async def state(world: World) -> Lecture:
    reading = (await correspondent(world, "centre")).reading
    assert reading is not None
    return reading.state(datetime.now(UTC))


async def unread(world: World) -> list[Finding]:
    return [each for each in await seen(world) if each.code is Code.ILLISIBLE]


async def test_a_folder_that_cannot_be_read_is_a_finding_since_its_first_failure_until_it_is_read_again(
    prepared: World, dropper: SftpDropper, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = prepared

    async def is_(wanted: Lecture) -> bool:
        return await state(world) is wanted

    await picked_up(world, dropper)
    await until(lambda: is_(Lecture.LISIBLE), "le dossier est lisible")
    assert await unread(world) == []

    before = datetime.now(UTC)
    away = dropper.folder.rename(dropper.folder.with_name("fermé"))
    (told,) = await until(lambda: unread(world), "le dossier illisible est dit")
    assert told.about == "centre"
    assert told.since is not None
    assert before < told.since < datetime.now(UTC)
    assert told.cause
    answer = await siao_hub(world.settings, "status")
    assert "lecture illisible" in answer
    assert answer.status != 0
    shown = await siao_hub(world.settings, "partners", "show", "centre")
    for words in ("lecture illisible · depuis ", f" · {told.cause} · ", "prochain essai"):
        assert words in shown
    content = (await siao_hub(world.settings, "partners", "show", "centre", "--json")).content
    assert content["lecture"]["cause"] == told.cause

    away.rename(dropper.folder)
    await dropper.drop("0.json", file_of("A-0"))
    await until(lambda: is_(Lecture.LISIBLE), "le dossier est lisible de nouveau")
    assert await unread(world) == []
    reading = (await correspondent(world, "centre")).reading
    assert reading is not None
    assert reading.succeeded_at is not None
    assert reading.succeeded_at > told.since
