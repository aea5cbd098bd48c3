"""Connections that share what they learn about PostgreSQL's own types.

asyncpg makes every new connection ask about the array types that its statements name. One such question costs
PostgreSQL 7 ms, twice what the connection itself costs.
"""

from collections.abc import Iterable
from typing import Any, ClassVar

import asyncpg

FIRST_OF_AN_INSTALLATION = 16384
"""Lowest type number that may differ between PostgreSQL databases; types below it are the same in every
one."""


class KnowsTypes(asyncpg.Connection):  # type: ignore[misc]  # asyncpg has no types
    """Connection that asks about a type only if no other connection of this process has asked."""

    _learnt: ClassVar[dict[frozenset[int], Any]] = {}

    async def _introspect_types(self, typeoids: Iterable[int], timeout: float | None) -> Any:  # noqa: ASYNC109  asyncpg has it
        asked = frozenset(typeoids)
        if asked in self._learnt:
            return self._learnt[asked]
        answer = await super()._introspect_types(asked, timeout)
        if max(asked) < FIRST_OF_AN_INSTALLATION:
            self._learnt[asked] = answer
        return answer
