"""The PostgreSQL roles that the repository ships, granted to two accounts of a test, and what each must not do."""

import gc
import pkgutil
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib import import_module
from typing import NamedTuple

import asyncpg
from sqlalchemy.engine import make_url

import ops
import router.store
from deploy.postgres.rights import statements
from router.settings import DatabaseSettings
from router.settings.lines import postgres_dsn
from router.store.sql import Sql

EXPLAINED = ("SELECT", "WITH", "INSERT", "UPDATE", "DELETE", "(")


class Accounts(NamedTuple):
    """Settings of the same database for both accounts."""

    hub: DatabaseSettings
    keyless: DatabaseSettings


@asynccontextmanager
async def granted(settings: DatabaseSettings) -> AsyncIterator[Accounts]:
    """Give two accounts with the shipped rights on existing tables, until the block ends."""
    owner = await asyncpg.connect(postgres_dsn(settings))
    roles = [settings.schema_name, f"{settings.schema_name}_sans_cle"]
    users = [f"{role}_u" for role in roles]
    try:
        async with owner.transaction():
            for statement in statements(settings.schema_name):
                await owner.execute(statement)
        accounts = [await _account(owner, settings, *pair) for pair in zip(users, roles, strict=True)]
        yield Accounts(*accounts)
    finally:
        for name in (*users, *roles):
            await owner.execute(f'DROP OWNED BY "{name}"; DROP ROLE "{name}"')
        await owner.close()


async def _account(
    owner: asyncpg.Connection, settings: DatabaseSettings, user: str, role: str
) -> DatabaseSettings:
    password = secrets.token_hex(8)
    await owner.execute(f'CREATE ROLE "{user}" LOGIN PASSWORD \'{password}\' IN ROLE "{role}"')
    url = make_url(settings.url).set(username=user, password=password)
    return settings.model_copy(update={"url": url.render_as_string(hide_password=False)})


@asynccontextmanager
async def connected_as(settings: DatabaseSettings) -> AsyncIterator[asyncpg.Connection]:
    path = f"{settings.schema_name},{settings.keys_schema}"
    dsn = postgres_dsn(settings)
    connection = await asyncpg.connect(dsn, server_settings={"search_path": path})
    try:
        yield connection
    finally:
        connection.terminate()


async def refused(settings: DatabaseSettings) -> list[str]:
    """Return those of the hub's own SQL statements that this account may not run, with PostgreSQL's message."""
    wrong = []
    async with connected_as(settings) as connection:
        for text in _statements():
            try:
                await connection.execute(f"EXPLAIN (GENERIC_PLAN) {text}")
            except asyncpg.InsufficientPrivilegeError as exc:
                wrong.append(f"{exc} : {' '.join(text.split())}")
    return wrong


def _statements() -> Sequence[str]:
    """Return all SQL statements of the hub that read or change a table."""
    for package in (router.store, ops):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if "migrations" not in module.name and (package is router.store or module.name.endswith(".sql")):
                import_module(module.name)
    gc.unfreeze()  # what tests/conftest.py has frozen, and it has frozen these, would not be listed
    texts = [each._text.strip() for each in gc.get_objects() if isinstance(each, Sql)]
    gc.freeze()
    assert len(texts) > 300
    return [text for text in texts if text.startswith(EXPLAINED)]


FORBIDDEN = {
    "hub": [
        "UPDATE audit SET actor = 'autre'",
        "DELETE FROM audit",
        "TRUNCATE audit",
        "UPDATE audit_link SET hash = ''",
        "DELETE FROM audit_link",
        "TRUNCATE audit_link",
        "ALTER TABLE audit DISABLE TRIGGER USER",
        "DROP TABLE audit",
        "UPDATE event SET payload = ''",
        "CREATE TABLE de_plus (x int)",
    ],
    "keyless": [
        "SELECT wrapped FROM holder_key",
        "SELECT value_sealed FROM crosswalk",
        "SELECT value_hmac FROM crosswalk",
        "INSERT INTO holder_key (holder, wrapped, master) VALUES (gen_random_uuid(), '', '')",
        "INSERT INTO wrapping_key (id) VALUES ('')",
        "UPDATE partner SET entry = '{}'",
        "INSERT INTO event SELECT * FROM event",
        "UPDATE audit SET actor = 'autre'",
        "DELETE FROM audit",
    ],
}
"""SQL statements that each account must not be able to run."""


async def may(settings: DatabaseSettings, statement: str) -> bool:
    """Return whether PostgreSQL allows this account to run the statement. Its effect is rolled back."""
    async with connected_as(settings) as connection:
        transaction = connection.transaction()
        await transaction.start()
        try:
            await connection.execute(statement)
        except asyncpg.InsufficientPrivilegeError:
            return False
        finally:
            await transaction.rollback()
    return True
