"""Connections that share their knowledge of PostgreSQL's data types.

By default, each new connection of asyncpg asks for array types, which costs PostgreSQL 7 ms.
"""

from collections.abc import Iterable
from typing import Any, ClassVar

import asyncpg

FIRST_OF_AN_INSTALLATION = 16384
"""Lowest object id (OID) of the data types that may differ between databases. Lower ids belong to the
built-in types of PostgreSQL."""


class KnowsTypes(asyncpg.Connection):  # type: ignore[misc]  # asyncpg has no types
    """Connection that asks PostgreSQL about built-in data types only if no other connection of this process has
    already asked about the same types."""

    _learnt: ClassVar[dict[frozenset[int], Any]] = {}

    async def _introspect_types(self, typeoids: Iterable[int], timeout: float | None) -> Any:  # noqa: ASYNC109  asyncpg has it
        asked = frozenset(typeoids)
        if asked in self._learnt:
            return self._learnt[asked]
        answer = await super()._introspect_types(asked, timeout)
        if max(asked) < FIRST_OF_AN_INSTALLATION:
            self._learnt[asked] = answer
        return answer
