"""The page on restoring PostgreSQL is followed to the letter, where the hub does not own its tables: on a server that
lost its disk, and on one that starts from a base backup."""

import asyncio
import os
import re
import shlex
import subprocess
from functools import partial
from pathlib import Path

import asyncpg

from deploy.local.key_replica import replicate_keys
from deploy.local.postgres import (
    PASSWORD,
    USER,
    PostgresServer,
    client_program,
    local_postgres,
    postgres_server,
)
from deploy.postgres.rights import statements
from router.settings import DatabaseSettings
from router.store.migrations import upgrade
from router.store.tables import keys_metadata
from tests.integration.waiting import until

PAGE = Path(__file__).parents[2] / "docs" / "exploitation.md"
SECTION = re.findall(
    r"^## Restaurer PostgreSQL.*?(?=^## )", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL
)[0]
OWNER, HUB, SECRET = "hub", "hub_messages", "hub"
KEYS = DatabaseSettings().keys_schema
HEARD = "INSERT INTO siao_hub_cles.heard (holder) VALUES (gen_random_uuid())"
FROZEN_SECONDS = 60


def said(begins: str) -> list[str]:
    """The commands of the page that begin so, in its order."""
    spans = (" ".join(each.split()) for each in re.findall(r"`([^`]+)`", SECTION))
    found = [each for each in spans if each.startswith(begins)]
    assert found, f"la page ne dit pas « {begins} »"
    return found


def test_the_page_empties_every_table_of_the_replica_that_its_copy_fills_again():
    (truncate,) = said("TRUNCATE")
    assert {*re.findall(rf"{KEYS}\.(\w+)", truncate)} == {*keys_metadata.tables}


async def test_a_server_restored_by_the_page_serves_the_hub_and_has_its_replica_again(tmp_path: Path) -> None:
    with (
        local_postgres() as lost,
        local_postgres() as replica,
        postgres_server() as new,
        postgres_server() as newest,
    ):
        await asyncio.to_thread(installed, lost, replica)
        await until(partial(is_copied, replica), "la réplique a les clés")
        await done_by_the_hub(lost, HEARD)
        run(lost, "pg_dump", "-Fc", "--schema=siao_hub", "-f", f"{tmp_path}/siao_hub-….dump")
        run(lost, "pg_basebackup", f"--pgdata={tmp_path}/base", "--checkpoint=fast", user=USER)
        heard = 1
        for before, after, from_a_copy in ((lost, new, False), (new, newest, True)):
            await done_by_the_hub(before, HEARD)
            before.kill9()
            await asyncio.to_thread(restored, after, replica, tmp_path, from_a_copy)
            await until(partial(is_copied, replica), "la réplique a de nouveau les clés")
            await done_by_the_hub(after, HEARD)
            await done_by_the_hub(after, "SELECT FROM siao_hub.partner")
            heard += 2
            assert await column(replica, "SELECT count(*) FROM siao_hub_cles.heard") == [heard]


def installed(server: PostgresServer, replica: PostgresServer) -> None:
    for each in (server, replica):
        has_an_owner(each)
        upgrade(DatabaseSettings(url=each.url.replace(f"{USER}:{PASSWORD}", f"{OWNER}:{SECRET}")))
    server.tell(*statements("siao_hub"), f"CREATE ROLE {HUB} LOGIN PASSWORD '{SECRET}' IN ROLE siao_hub")
    replica.tell("CREATE ROLE lecteur", f"GRANT USAGE ON SCHEMA {KEYS} TO lecteur")
    replicate_keys(server, replica, KEYS)


def has_an_owner(server: PostgresServer) -> None:
    server.tell(f"CREATE ROLE {OWNER} LOGIN PASSWORD '{SECRET}'", f"ALTER DATABASE postgres OWNER TO {OWNER}")


def restored(new: PostgresServer, replica: PostgresServer, folder: Path, from_a_copy: bool) -> None:
    """Do what the page says, in its order."""
    if from_a_copy:
        new.start_from(folder / "base")
        new.tell(*said("ALTER SYSTEM"), *said("SELECT pg_reload_conf"))
        run(new, "psql", "-c", *said(f"DROP SCHEMA {KEYS}"))
    else:
        new.start()
        has_an_owner(new)
        new.tell(*said("CREATE ROLE"), f"CREATE ROLE {HUB} LOGIN PASSWORD '{SECRET}' IN ROLE siao_hub")
    keys, messages = said("pg_restore --")
    by_page(replica, folder, *said("pg_dump"))
    by_page(new, folder, keys)
    if not from_a_copy:
        by_page(new, folder, *said("psql -c 'DROP SCHEMA IF EXISTS siao_hub"), messages)
    upgrade(DatabaseSettings(url=new.url.replace(f"{USER}:{PASSWORD}", f"{OWNER}:{SECRET}")))
    for statement in statements("siao_hub"):
        run(new, "psql", "-v", "ON_ERROR_STOP=1", "-c", statement)
    replica.tell(*said("ALTER SUBSCRIPTION"), *said("DROP SUBSCRIPTION"), *said("TRUNCATE"))
    new.tell(*said("DROP PUBLICATION"))
    replicate_keys(new, replica, KEYS)


def by_page(server: PostgresServer, folder: Path, *commands: str) -> None:
    for command in commands:
        run(server, *shlex.split(command.replace("-d …", "-d postgres")), folder=folder)


def run(
    server: PostgresServer, program: str, *arguments: str, user: str = OWNER, folder: Path | None = None
) -> None:
    """Run a client program to its end, under the account of the owner of the tables if no other is named."""
    login = {"PGHOST": "127.0.0.1", "PGPORT": str(server.port), "PGUSER": user, "PGDATABASE": "postgres"}
    environment = {**os.environ, **login, "PGPASSWORD": PASSWORD if user == USER else SECRET}
    command = [str(client_program(program)), *arguments]
    done = subprocess.run(
        command,
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=FROZEN_SECONDS,
    )
    assert done.returncode == 0, done.stderr


async def is_copied(replica: PostgresServer) -> bool:
    return await column(replica, "SELECT DISTINCT srsubstate FROM pg_subscription_rel") == [b"r"]


async def done_by_the_hub(server: PostgresServer, statement: str) -> None:
    async with asyncio.timeout(FROZEN_SECONDS):
        await column(server, statement, f"{HUB}:{SECRET}")


async def column(server: PostgresServer, statement: str, login: str = f"{USER}:{PASSWORD}") -> list[object]:
    connection = await asyncpg.connect(server.dsn.replace(f"{USER}:{PASSWORD}", login))
    try:
        return [row[0] for row in await connection.fetch(statement) if row]
    finally:
        await connection.close()
