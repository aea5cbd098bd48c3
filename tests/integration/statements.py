"""The SQL statements that a hub sends to PostgreSQL, BEGIN and COMMIT included."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest

from router.store import database

DRIVERS = ("typeinfo_tree", "set_config('jit'")
"""Parts of statements that the driver itself sends once on each connection. They are not recorded."""


class Heard:
    """SQL statements in the order in which they ended, by transaction."""

    def __init__(self, transactions: Iterable[list[str]] = ()) -> None:
        self._open: dict[int, list[str]] = {}
        self.transactions = list(transactions)

    def note(self, connection: int, query: str) -> None:
        """Record a statement of a connection. Outside of a transaction it counts as one by itself."""
        said = re.sub(r"\s+", " ", query).strip()
        if any(name in said for name in DRIVERS):
            return
        if said.startswith("BEGIN"):
            self._open[connection] = []
            self.transactions.append(self._open[connection])
        if (inside := self._open.get(connection)) is None:
            self.transactions.append([said])
        else:
            inside.append(said)
        if said.startswith(("COMMIT", "ROLLBACK")):
            self._open.pop(connection, None)

    def but(self, *names: str) -> list[str]:
        """Return all statements, except those of transactions in which one of these names occurs."""
        return [
            said
            for transaction in self.transactions
            if not any(name in said for said in transaction for name in names)
            for said in transaction
        ]


@contextmanager
def heard() -> Iterator[Heard]:
    """Record the statements on all connections that are opened in the block."""
    listening, numbers, prepare = Heard(), count(), database._prepare

    async def prepare_and_listen(connection: Any) -> None:
        await prepare(connection)
        number = next(numbers)
        connection.add_query_logger(lambda record: listening.note(number, record.query))

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(database, "_prepare", prepare_and_listen)
        yield listening
