"""What its sender has sent again after a refusal waits for nobody, and resolves the refusal once it is delivered."""

import pytest

from tests.integration import lasting
from tests.integration.large_files import in_hundreds
from tests.integration.messages import vacancy
from tests.integration.quarantined import NOUVEAU_FINESS, became, entry, mended, observed, two_rows
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
door, world = lasting.door, lasting.world


@pytest.mark.parametrize("key", ["cle-1", None])
async def test_what_its_sender_has_sent_again_waits_for_nobody_and_is_resolved_once_that_is_delivered(
    world: World, key: str | None
) -> None:
    message = vacancy(structure=NOUVEAU_FINESS)
    assert (await world.send("centre", message, key))[0] == 422
    row = await entry(world)
    if key is None:
        await mended(world)
    world.siao.status = 503
    status, again = await world.send("centre", message if key is None else vacancy(), key)
    assert status == 202
    assert await became(world, row) == again["id"]
    await until(lambda: world.siao.attempts, "le SIAO est essayé")
    assert await observed(world, row) == "rejouee", "pas encore livrée"
    world.siao.status = 204
    await until(lambda: world.siao.messages, "la vacance arrive au SIAO")
    await world.settled()
    assert await observed(world, row) == "resolue"


async def test_what_is_sent_under_another_key_or_by_another_partner_decides_nothing(door: World) -> None:
    assert (await door.send("centre", vacancy(structure=NOUVEAU_FINESS), "cle-1"))[0] == 422
    assert (await door.send("centre", vacancy(), "cle-2"))[0] == 202
    assert (await door.send("centre-boite", vacancy(), "cle-1"))[0] in (202, 422)
    assert [each.etat for each in await door.quarantined() if each.partner == "centre"] == ["ouverte"]


async def test_what_its_sender_has_sent_again_is_open_again_when_that_is_refused_after_all(
    door: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_hundreds(door, monkeypatch)
    assert (await door.send("centre", vacancy(structure=NOUVEAU_FINESS), "cle-1"))[0] == 422
    row = await entry(door)
    rows = [vacancy(f"A-{n}", structure=NOUVEAU_FINESS) for n in range(101)]
    status, again = await door.send("centre", rows, "cle-1")
    assert (status, await became(door, row)) == (202, again["id"])
    await door.stop()
    await door.start()
    await until(lambda: two_rows(door), "le fichier est refusé")
    assert await observed(door, row) == "ouverte"
