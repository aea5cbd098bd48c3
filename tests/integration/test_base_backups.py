"""A base backup holds the keys. A household that was forgotten can come back from one for a month at most: then the
backup is gone, and so is the master key that opens it."""

import asyncio
import os
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from contracts.errors import Misconfigured
from deploy.local.postgres import PostgresServer, client_tools, postgres_server
from ops.forgetting.erasing import forget
from ops.forgetting.journal import Journal
from ops.rotation import turning as rotation
from ops.status.vitals import vitals
from router.domain.vitals import TURNS_WITHIN
from router.privacy.key_files import create_key
from router.privacy.keyring import Keyring
from router.settings import DatabaseSettings, Settings
from router.store.database import Database
from tests.integration import clock
from tests.integration.test_backups import environment
from tests.integration.test_restore import household_of_the_referral
from tests.integration.world import World

COMMAND = Path(__file__).parents[2] / "deploy" / "copier-base.sh"
MONTH = timedelta(days=30)


@pytest.fixture
def settings(settings: Settings, postgres: PostgresServer, tmp_path: Path) -> Settings:
    create_key(tmp_path / "master.key")
    database = DatabaseSettings(url=postgres.url, schema_name=settings.database.schema_name)
    keys = {"master_key": None, "master_key_file": tmp_path / "master.key"}
    return settings.model_copy(update={"database": database, **keys})


def copied(world: World, *folders: Path) -> Sequence[Path]:
    """The base backups that there are once the command has made one more."""
    command = [str(COMMAND), *map(str, folders)]
    done = subprocess.run(
        command, env=environment(world, client_tools()), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return sorted(folders[0].glob("base-*"))


def aged(entry: Path, by: timedelta) -> None:
    moment = (datetime.now(UTC) - by).timestamp()
    os.utime(entry, times=(moment, moment))


async def holds_a_key(world: World, restored: PostgresServer, household: UUID) -> bool:
    """Whether a household can be opened in a restored server with the master keys that there are now."""
    there = world.settings.database.model_copy(update={"url": restored.url})
    database = Database(there)
    try:
        async with database.transaction() as connection:
            return household in await Keyring.of(world.settings).get(connection, [household])
    finally:
        await database.close()


async def test_no_base_backup_opens_a_household_once_the_master_key_was_changed_after_it_was_forgotten(
    world: World, postgres: PostgresServer, tmp_path: Path
) -> None:
    await world.referred()
    await world.settled()
    household = await household_of_the_referral(world)
    folder = tmp_path / "sauvegardes"
    folder.mkdir()
    (base,) = await asyncio.to_thread(copied, world, folder)
    await forget(world.database, Journal.of(world.settings), household, "test", force=True)
    with postgres_server() as restored:
        await asyncio.to_thread(restored.start_from, base)
        assert await holds_a_key(world, restored, household), "la copie l'a encore, et la clé du jour l'ouvre"
        await rotation.prepare(world.settings, world.database, "test")
        await rotation.rotate(world.settings, world.database, "test")
        await rotation.retire(world.settings, world.database, "test")
        with pytest.raises(Misconfigured, match="inconnue"):
            await holds_a_key(world, restored, household)
        keys = world.settings.database.keys_schema
        await asyncio.to_thread(postgres.dump, keys, tmp_path / "cles")
        await asyncio.to_thread(restored.restore, keys, tmp_path / "cles")
        assert not await holds_a_key(world, restored, household), "les clés d'aujourd'hui ne l'ont plus"


async def test_copies_and_archives_of_more_than_a_month_go_with_the_next_copy(
    prepared: World, tmp_path: Path
) -> None:
    folder, archives = tmp_path / "sauvegardes", tmp_path / "wal"
    folder.mkdir()
    archives.mkdir()
    (old,) = await asyncio.to_thread(copied, prepared, folder, archives)
    for name, age in (("000000010000000000000001", MONTH), ("000000010000000000000002", MONTH / 2)):
        (archives / name).touch()
        aged(archives / name, age + timedelta(hours=1))
    aged(old, MONTH + timedelta(hours=1))
    old = old.rename(old.with_name("base-2026-01-01-000000"))
    left = await asyncio.to_thread(copied, prepared, folder, archives)
    assert (old in left, len(left)) == (False, 1)
    assert [file.name for file in archives.iterdir()] == ["000000010000000000000002"]


async def test_a_master_key_of_more_than_a_month_is_told_until_it_is_changed(prepared: World) -> None:
    async def holds() -> bool | None:
        facts = await vitals(prepared.database, prepared.settings)
        (safeguard,) = [safeguard for safeguard in facts.safeguards if safeguard.name == "clé maîtresse"]
        return safeguard.holds

    await clock.pass_time(prepared, TURNS_WITHIN - timedelta(hours=1))
    assert await holds() is True
    await clock.pass_time(prepared, timedelta(days=1))
    assert await holds() is False
    await rotation.prepare(prepared.settings, prepared.database, "test")
    await rotation.rotate(prepared.settings, prepared.database, "test")
    assert await holds() is True
