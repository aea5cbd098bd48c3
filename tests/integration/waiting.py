"""Waiting for a condition: the only way in which these tests let time pass."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

DEADLINE_SECONDS = 40.0
STILL_SECONDS = 10.0
"""After the deadline, a wait goes on as long as the hub has moved within this time; on a busy machine it may only
be slow."""
PATIENCE_SECONDS = 300.0
"""Longest wait, even if the hub keeps moving."""
POLL_SECONDS = 0.02
LONGEST_POLL_SECONDS = 0.1
"""Longest pause between two looks. A pause is a tenth of the wait so far, because most conditions ask the database."""


class Witness(Protocol):
    """A hub that reports its progress to the wait."""

    async def progress(self) -> object:
        """Return a measure of the hub's progress, which changes while it works."""
        ...

    async def knows(self) -> str:
        """Return everything that may explain why a wait ended in vain."""
        ...


WITNESSES: list[Witness] = []


async def until(condition: Callable[[], Any], what: str = "la condition") -> Any:
    """Return the first true value of a condition, which may be a coroutine function. Fails after the deadline, once
    the hub no longer moves or `PATIENCE_SECONDS` have passed, with what the hub knew."""
    loop = asyncio.get_running_loop()
    start = loop.time()
    deadline, before = start + DEADLINE_SECONDS, None
    while True:
        value = condition()
        if isinstance(value, Awaitable):
            value = await value
        if value:
            return value
        if loop.time() >= deadline:
            now = [await witness.progress() for witness in WITNESSES]
            if now == before or loop.time() >= start + PATIENCE_SECONDS:
                told = [await witness.knows() for witness in WITNESSES]
                raise AssertionError("\n".join([f"{what} : rien après {loop.time() - start:.0f} s", *told]))
            deadline, before = loop.time() + STILL_SECONDS, now
        waited = (loop.time() - start) / 10
        await asyncio.sleep(min(max(POLL_SECONDS, waited), LONGEST_POLL_SECONDS))
