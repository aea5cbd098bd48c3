"""Waiting for something to become true: the only way in which these tests let time pass."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

DEADLINE_SECONDS = 40.0
STILL_SECONDS = 10.0
"""How long nothing may move after the deadline: on a busy machine, what moves is only slow."""
PATIENCE_SECONDS = 300.0
"""The longest wait, whatever moves."""
POLL_SECONDS = 0.02


class Witness(Protocol):
    """A hub that tests wait for."""

    async def progress(self) -> object:
        """How far it has come; this changes as long as it is at work."""
        ...

    async def knows(self) -> str:
        """Everything that may tell why a wait has ended in vain."""
        ...


WITNESSES: list[Witness] = []


async def until(condition: Callable[[], Any], what: str = "la condition") -> Any:
    """Return the first true value of a condition, which may be a coroutine function. Fail at the deadline, once nothing
    moves any more, and say what the hub knew."""
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
        await asyncio.sleep(POLL_SECONDS)
