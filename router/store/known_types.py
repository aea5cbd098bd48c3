"""Connections that share what they learn about PostgreSQL's data types.

asyncpg makes every new connection ask about the array types in its statements. One such question costs
PostgreSQL 7 ms, twice as much as the connection itself.
"""

from collections.abc import Iterable
from typing import Any, ClassVar

import asyncpg

FIRST_OF_AN_INSTALLATION = 16384
"""Lowest type number that may differ between PostgreSQL databases."""


class KnowsTypes(asyncpg.Connection):  # type: ignore[misc]  # asyncpg has no types
    """Connection that asks PostgreSQL about a data type only if no other connection of this process has asked
    about that type."""

    _learnt: ClassVar[dict[frozenset[int], Any]] = {}

    async def _introspect_types(self, typeoids: Iterable[int], timeout: float | None) -> Any:  # noqa: ASYNC109  asyncpg has it
        asked = frozenset(typeoids)
        if asked in self._learnt:
            return self._learnt[asked]
        answer = await super()._introspect_types(asked, timeout)
        if max(asked) < FIRST_OF_AN_INSTALLATION:
            self._learnt[asked] = answer
        return answer
