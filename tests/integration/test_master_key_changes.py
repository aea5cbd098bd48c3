"""The master key is changed while the hub works: nobody notices, and the old one opens nothing any more."""

import asyncio
import shutil
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.errors import BusUnavailable, Misconfigured, Permanent
from ops.rotation import turning as rotation
from router.domain.roles import Role
from router.privacy.key_files import create_key, read_keys, replace_keys
from router.privacy.masters import master_secrets
from router.settings import Settings
from router.store import keys
from tests.integration import accidents
from tests.integration.messages import NOM, referral, vacancy
from tests.integration.waiting import until
from tests.integration.world import World


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    create_key(tmp_path / "master.key")
    return settings.model_copy(update={"master_key": None, "master_key_file": tmp_path / "master.key"})


def in_the_file(world: World) -> list[bytes]:
    return read_keys(None, world.settings.master_key_file, "clé", "")


async def prepared_key(world: World) -> bytes:
    return await rotation.prepare(world.settings, world.database, "test")


async def rotated(world: World) -> rotation.Rotated:
    return await rotation.rotate(world.settings, world.database, "test")


async def under(world: World) -> dict[bytes, int]:
    """How many data keys are under each master key."""
    async with world.database.transaction() as connection:
        return await keys.by_master(connection)


async def test_every_data_key_comes_under_the_new_one_while_partners_send_and_receive(world: World) -> None:
    place = await world.known_place("A-0")
    over = asyncio.Event()

    async def sender() -> int:
        sent = 0
        while not over.is_set():
            status, _ = await world.send("centre", vacancy(f"A-{sent}"), f"cle-{sent}")
            assert status == 202
            sent += 1
        return sent

    sending = asyncio.create_task(sender())
    new = await prepared_key(world)
    assert new not in await under(world), "préparée, elle ne sert pas encore"
    await rotated(world)
    assert set(await under(world)) == {new}
    before = len(world.siao.messages)
    await until(lambda: len(world.siao.messages) > before + 5, "tout continue")
    over.set()
    await sending
    await rotation.retire(world.settings, world.database, "test")
    await world.stop()
    await world.start()
    await world.accepted("siao-01", referral(place, 1))
    await until(lambda: world.shelter.messages, "l'orientation arrive")
    assert world.shelter.messages[0]["place"] == "A-0", "ce qui fut scellé avant se lit"
    assert world.shelter.messages[0]["menage"]["personnes"][0]["nom"] == NOM
    assert set(await under(world)) == {new}
    assert len(in_the_file(world)) == 1
    acts = [line.action for line in await world.audited() if line.action.startswith("cle.")]
    assert acts == ["cle.preparer", "cle.tourner", "cle.tourner", "cle.retirer"]


async def test_a_rotation_takes_a_key_that_was_prepared_once_and_goes_on_where_it_was_interrupted(
    door: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        assert (await door.send("siao-01", referral(str(uuid4()), number)))[0] == 202
    with pytest.raises(Permanent, match="cle preparer"):
        await rotated(door)
    new, total = await prepared_key(door), len(await door.keys())
    with pytest.raises(Permanent, match="cle tourner"):
        await prepared_key(door)
    assert len(master_secrets(door.settings)) == 2
    monkeypatch.setattr(rotation, "BATCH", 2)
    rewrap, batches = keys.rewrap, 0

    async def failing(*args: Any) -> None:
        nonlocal batches
        batches += 1
        if batches == 3:
            raise BusUnavailable("PostgreSQL ne répond pas")
        await rewrap(*args)

    monkeypatch.setattr(keys, "rewrap", failing)
    with pytest.raises(BusUnavailable):
        await rotated(door)
    assert (await under(door))[new] == 4
    with pytest.raises(Permanent, match="encore sous une clé ancienne"):
        await rotation.retire(door.settings, door.database, "test")
    assert await rotated(door) == (total - 4, 0)
    assert await under(door) == {new: total}


async def test_a_process_without_the_new_key_answers_503_or_does_not_start_until_it_is_there_and_loses_nothing(
    door: World, tmp_path: Path
) -> None:
    file = door.settings.master_key_file
    elsewhere = Path(shutil.copy(file, tmp_path / "ailleurs.key"))
    await door.accepted("centre", vacancy("A-1"))
    one, new = in_the_file(door), await prepared_key(door)
    await rotated(door)
    both = in_the_file(door)
    replace_keys(file, one)
    addressed = vacancy("A-2", adresse="4 rue Neuve")
    assert (await door.send("centre", addressed, "cle-2"))[0] == 503
    replace_keys(file, both)
    assert (await door.accepted("centre", addressed, "cle-2"))["etat"] == "accepte"
    assert set(await under(door)) == {new}, "rien de neuf sous celle qui ne sert plus"
    await door.stop()

    door.settings = door.settings.model_copy(update={"master_key_file": elsewhere})
    with pytest.raises(Misconfigured, match="remettre ici le fichier de clés"):
        await door.start(Role.GATEWAY)
    masters = await rotation.state(door.settings, door.database)
    assert [(master.in_file, master.wraps) for master in masters] == [(True, False), (False, True)]
    replace_keys(elsewhere, both)
    await door.start(Role.GATEWAY)
    assert (await door.send("centre", vacancy("A-3")))[0] == 202


async def test_a_household_that_is_forgotten_meanwhile_stays_so_and_a_damaged_data_key_keeps_no_old_master_key(
    door: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, damaged = [await household_of(door, number) for number in (1, 2)]
    await accidents.key_is_damaged(door, damaged)
    await prepared_key(door)
    rewrap = keys.rewrap

    async def forgotten_first(*args: Any) -> None:
        if gone in await door.keys():
            await accidents.key_is_lost(door, gone)
        await rewrap(*args)

    monkeypatch.setattr(keys, "rewrap", forgotten_first)
    assert (await rotated(door)).damaged == 1
    assert gone not in await door.keys()
    assert len(await rotation.retire(door.settings, door.database, "test")) == 1


async def household_of(door: World, number: int) -> UUID:
    """The household of a new referral."""
    before = set(await door.called("menage"))
    await door.accepted("siao-01", referral(str(uuid4()), number))
    (household,) = set(await door.called("menage")) - before
    return household
