"""What a hub says to PostgreSQL, statement by statement, BEGIN and COMMIT included."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest

from router.store import database

DRIVERS = ("typeinfo_tree", "set_config('jit'")
"""What the driver asks once on each connection."""


class Heard:
    """Statements in the order in which they ended, each with the transaction that it belongs to."""

    def __init__(self, transactions: Iterable[list[str]] = ()) -> None:
        self._open: dict[int, list[str]] = {}
        self.transactions = list(transactions)

    def note(self, connection: int, query: str) -> None:
        """One statement of a connection; outside of a transaction it is one by itself."""
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
        """All of them, but those of transactions in which one of these names stands."""
        return [
            said
            for transaction in self.transactions
            if not any(name in said for said in transaction for name in names)
            for said in transaction
        ]


@contextmanager
def heard() -> Iterator[Heard]:
    """What is said on connections that are opened in the block."""
    listening, numbers, prepare = Heard(), count(), database._prepare

    async def prepare_and_listen(connection: Any) -> None:
        await prepare(connection)
        number = next(numbers)
        connection.add_query_logger(lambda record: listening.note(number, record.query))

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(database, "_prepare", prepare_and_listen)
        yield listening
