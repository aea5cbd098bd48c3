"""The backup command writes a whole file, or none."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from deploy.local.postgres import client_tools
from tests.integration import lasting
from tests.integration.world import World

pytestmark = lasting.MARK
prepared = lasting.prepared

COMMAND = Path(__file__).parents[2] / "deploy" / "sauvegarder.sh"


@pytest.fixture
def tools() -> Path:
    """The client tools of the server's version."""
    return client_tools()


def backed_up(world: World, folder: Path, *path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(COMMAND), str(folder)],
        env=environment(world, *path),
        capture_output=True,
        text=True,
        check=False,
    )


def contents(tools: Path, dump: Path) -> str:
    """What a backup says that it holds."""
    command = [str(tools / "pg_restore"), "--list", str(dump)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def environment(world: World, *path: Path) -> Mapping[str, str]:
    url = make_url(world.settings.database.url)
    return {
        "PATH": os.pathsep.join([*map(str, path), os.environ["PATH"]]),
        "PGHOST": str(url.query.get("host") or url.host),
        "PGPORT": str(url.port or 5432),
        "PGUSER": str(url.username),
        "PGPASSWORD": str(url.password or ""),
        "PGDATABASE": str(url.database),
        "SIAO_HUB_DATABASE__SCHEMA_NAME": world.settings.database.schema_name,
    }


async def test_a_backup_holds_the_messages_and_none_of_the_keys(
    prepared: World, tools: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "sauvegardes"
    folder.mkdir()
    done = backed_up(prepared, folder, tools)
    assert done.returncode == 0, done.stderr
    (dump,) = folder.iterdir()
    listed = contents(tools, dump)
    assert " event " in listed
    assert "_cles" not in listed


async def test_client_tools_older_than_the_server_are_refused_before_anything_is_written(
    prepared: World, tools: Path, tmp_path: Path
) -> None:
    old, folder = tmp_path / "ancien", tmp_path / "sauvegardes"
    old.mkdir()
    folder.mkdir()
    program = old / "pg_dump"
    program.write_text('#!/bin/sh\necho "pg_dump (PostgreSQL) 15.6 (Debian 15.6-0+deb12u1)"\n')
    program.chmod(0o755)
    done = backed_up(prepared, folder, old, tools)
    assert done.returncode == 1
    assert "pg_dump est de la version 15" in done.stderr
    assert list(folder.iterdir()) == []


async def test_a_backup_that_fails_leaves_no_file(prepared: World, tools: Path, tmp_path: Path) -> None:
    broken, folder = tmp_path / "cassé", tmp_path / "sauvegardes"
    broken.mkdir()
    folder.mkdir()
    program = broken / "pg_dump"
    program.write_text(
        '#!/bin/sh\n[ "$1" = --version ] && { echo "pg_dump (PostgreSQL) 99.0"; exit; }\nexit 1\n'
    )
    program.chmod(0o755)
    assert backed_up(prepared, folder, broken, tools).returncode == 1
    assert list(folder.iterdir()) == []
