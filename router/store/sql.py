"""SQL statements with `:named` parameters, run by asyncpg itself.

SQLAlchemy only describes the tables and migrates them. A statement run through it costs 200 µs, through the
driver 50 µs, and each message needs several.
"""

import re
from operator import itemgetter
from typing import Any

from asyncpg import Record
from asyncpg.pool import PoolConnectionProxy as Connection
from asyncpg.protocol import protocol

__all__ = ["Connection", "Row", "Sql"]

protocol.IterableABC = protocol.SizedABC = (list, tuple)
protocol.MappingABC = dict
"""Class by which asyncpg recognises a mapping, replaced by the concrete `dict`. asyncpg checks each array and
each element; checks against the abstract class run in Python, and take 4 % of the time of a single
message."""

_NAME = re.compile(r"(?<!:):([a-z_]+)")


class Row(Record):  # type: ignore[misc]  # asyncpg has no types
    """Row of a query's result, whose columns are attributes. The first read of a column makes it a property,
    so that later reads are five times faster."""

    def __getattr__(self, column: str) -> Any:
        if column not in self:
            raise AttributeError(column)
        setattr(Row, column, property(itemgetter(column)))
        return self[column]


class Sql:
    """SQL statement. Its methods run the statement on a connection, with a value for each named parameter."""

    def __init__(self, text: str) -> None:
        self._names = tuple(dict.fromkeys(_NAME.findall(text)))
        places = {name: f"${number}" for number, name in enumerate(self._names, start=1)}
        self._text = _NAME.sub(lambda name: places[name[1]], text)

    async def all(self, connection: Connection, **values: object) -> list[Row]:
        """Run the statement, and return every row of the result."""
        rows: list[Row] = await connection.fetch(self._text, *self._in_order(values))
        return rows

    async def first(self, connection: Connection, **values: object) -> Row | None:
        """Run the statement, and return the first row of the result; None if there is no row."""
        row: Row | None = await connection.fetchrow(self._text, *self._in_order(values))
        return row

    async def one(self, connection: Connection, **values: object) -> Row:
        """Run the statement, which always returns one row, and return that row."""
        (row,) = await self.all(connection, **values)
        return row

    async def column(self, connection: Connection, **values: object) -> list[Any]:
        """Run the statement, and return the value of the first column of every row."""
        return [row[0] for row in await self.all(connection, **values)]

    async def run(self, connection: Connection, **values: object) -> None:
        """Run the statement, which returns no rows that matter."""
        await connection.execute(self._text, *self._in_order(values))

    def _in_order(self, values: dict[str, object]) -> list[object]:
        assert len(values) == len(self._names), f"a value for each of {self._names}"
        return [values[name] for name in self._names]
