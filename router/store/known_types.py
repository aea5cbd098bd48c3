"""Connections that share their knowledge of PostgreSQL's data types.

asyncpg makes every new connection ask about array types, which costs PostgreSQL 7 ms.
"""

from collections.abc import Iterable
from typing import Any, ClassVar

import asyncpg

FIRST_OF_AN_INSTALLATION = 16384
"""Lowest number of a data type that may differ between PostgreSQL databases."""


class KnowsTypes(asyncpg.Connection):  # type: ignore[misc]  # asyncpg has no types
    """Connection that asks PostgreSQL about a data type only if no other of this process has."""

    _learnt: ClassVar[dict[frozenset[int], Any]] = {}

    async def _introspect_types(self, typeoids: Iterable[int], timeout: float | None) -> Any:  # noqa: ASYNC109  asyncpg has it
        asked = frozenset(typeoids)
        if asked in self._learnt:
            return self._learnt[asked]
        answer = await super()._introspect_types(asked, timeout)
        if max(asked) < FIRST_OF_AN_INSTALLATION:
            self._learnt[asked] = answer
        return answer
