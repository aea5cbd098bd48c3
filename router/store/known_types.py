"""Open connections to PostgreSQL that share what they know of its data types.

By default, each new connection of the driver asyncpg asks for array types, which costs PostgreSQL 7 ms.
"""

from collections.abc import Iterable
from typing import Any, ClassVar

import asyncpg

FIRST_OF_AN_INSTALLATION = 16384
"""Lowest OID (PostgreSQL's number of a data type) of types that may differ between databases. Lower ones are
built in."""


class KnowsTypes(asyncpg.Connection):  # type: ignore[misc]  # asyncpg has no types
    """Database connection that asks PostgreSQL about a built-in data type only if no connection of this process
    has asked about it before."""

    _learnt: ClassVar[dict[int, Any]] = {}
    """Answers that PostgreSQL has given, by each OID that a connection has asked about."""

    async def _introspect_types(self, typeoids: Iterable[int], timeout: float | None) -> Any:  # noqa: ASYNC109  asyncpg has it
        asked = frozenset(typeoids)
        answers = [self._learnt[each] for each in asked if each in self._learnt]
        if unknown := asked - self._learnt.keys():
            answers.append(await super()._introspect_types(unknown, timeout))
            if max(unknown) < FIRST_OF_AN_INSTALLATION:
                self._learnt.update(dict.fromkeys(unknown, answers[-1]))
        rows = {row["oid"]: row for rows, _ in answers for row in rows}
        return [*rows.values()], answers[-1][1]
