"""Connections that share what they know of PostgreSQL's data types.

By default, each new connection of asyncpg asks for array types, which costs PostgreSQL 7 ms.
"""

from collections.abc import Iterable
from typing import Any, ClassVar

import asyncpg

FIRST_OF_AN_INSTALLATION = 16384
"""Lowest OID of data types that may differ between databases. Lower ones are built in."""


class KnowsTypes(asyncpg.Connection):  # type: ignore[misc]  # asyncpg has no types
    """Connection that asks for built-in types only if none of this process has asked before."""

    _learnt: ClassVar[dict[frozenset[int], Any]] = {}

    async def _introspect_types(self, typeoids: Iterable[int], timeout: float | None) -> Any:  # noqa: ASYNC109  asyncpg has it
        asked = frozenset(typeoids)
        if asked in self._learnt:
            return self._learnt[asked]
        answer = await super()._introspect_types(asked, timeout)
        if max(asked) < FIRST_OF_AN_INSTALLATION:
            self._learnt[asked] = answer
        return answer
