"""Run SQL statements with `:named` parameters. The driver asyncpg runs them directly, four times as fast as
the library SQLAlchemy, with which the hub only describes and migrates its tables."""

import re
from operator import itemgetter
from typing import Any

from asyncpg import Record
from asyncpg.pool import PoolConnectionProxy as Connection
from asyncpg.protocol import protocol

__all__ = ["Connection", "Row", "Sql"]

protocol.IterableABC = protocol.SizedABC = (list, tuple)
protocol.MappingABC = dict
"""Types by which asyncpg now recognises sequences and mappings. They are concrete types, because its own
checks are slow."""

_NAME = re.compile(r"(?<!:):([a-z_]+)")


class Row(Record):  # type: ignore[misc]  # asyncpg has no types
    """Row of a query's result, with its columns as attributes."""

    def __getattr__(self, column: str) -> Any:
        if column not in self:
            raise AttributeError(column)
        setattr(Row, column, property(itemgetter(column)))
        return self[column]


class Sql:
    """SQL statement with `:named` parameters. Each method runs the statement, and takes a value for each
    parameter."""

    def __init__(self, text: str) -> None:
        self._names = tuple(dict.fromkeys(_NAME.findall(text)))
        places = {name: f"${number}" for number, name in enumerate(self._names, start=1)}
        self._text = _NAME.sub(lambda name: places[name[1]], text)

    async def all(self, connection: Connection, **values: object) -> list[Row]:
        """Run the statement, and return all rows."""
        rows: list[Row] = await connection.fetch(self._text, *self._in_order(values))
        return rows

    async def first(self, connection: Connection, **values: object) -> Row | None:
        """Run the statement, and return the first row. Return None if there is no row."""
        row: Row | None = await connection.fetchrow(self._text, *self._in_order(values))
        return row

    async def one(self, connection: Connection, **values: object) -> Row:
        """Run the statement, and return the only row. Raises ValueError unless there is exactly one row."""
        (row,) = await self.all(connection, **values)
        return row

    async def column(self, connection: Connection, **values: object) -> list[Any]:
        """Run the statement, and return the first column of all rows."""
        return [row[0] for row in await self.all(connection, **values)]

    async def run(self, connection: Connection, **values: object) -> None:
        """Run the statement for its effect only."""
        await connection.execute(self._text, *self._in_order(values))

    def _in_order(self, values: dict[str, object]) -> list[object]:
        assert len(values) == len(self._names), f"a value for each of {self._names}"
        return [values[name] for name in self._names]
