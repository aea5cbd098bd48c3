"""The hub's tables for a test, as the migrations make them: those run once in a process, on a model, and what they said
is said again for each test's own schema."""

import asyncio
import secrets
from collections.abc import Sequence
from typing import Any

import asyncpg
from sqlalchemy import event
from sqlalchemy.engine import Engine

from router.lines import postgres_dsn
from router.settings import DatabaseSettings
from router.store.migrations import upgrade

_MODEL = f"modele_{secrets.token_hex(6)}"
_said: list[tuple[str, Sequence[Any]]] = []
"""Statements and their values."""


async def migrated(settings: DatabaseSettings) -> None:
    """The newest tables, in a schema that is not there yet."""
    connection = await asyncpg.connect(postgres_dsn(settings))
    try:
        if not _said:
            await asyncio.to_thread(_listen_to_the_migrations, settings)
            await connection.execute(f"DROP SCHEMA {_MODEL}, {_MODEL}_cles CASCADE")
        async with connection.transaction():
            for statement, values in _said:
                await connection.execute(statement.replace(_MODEL, settings.schema_name), *values)
    finally:
        await connection.close()


def _listen_to_the_migrations(settings: DatabaseSettings) -> None:
    def hear(_connection: Any, _cursor: Any, statement: str, values: Sequence[Any], *_: Any) -> None:
        if not statement.lstrip().startswith("SELECT"):  # they ask, and change nothing
            _said.append((statement, values))

    event.listen(Engine, "before_cursor_execute", hear)
    try:
        upgrade(settings.model_copy(update={"schema_name": _MODEL}))
    finally:
        event.remove(Engine, "before_cursor_execute", hear)
