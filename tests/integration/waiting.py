"""Waiting for something to become true: the only way in which these tests let time pass."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

DEADLINE_SECONDS = 40.0
POLL_SECONDS = 0.02
WITNESSES: list[Callable[[], Awaitable[str]]] = []
"""Who is asked what it knows once a wait has ended in vain."""


async def until(condition: Callable[[], Any], what: str = "la condition") -> Any:
    """The first true value of a condition (which may be a coroutine function), or a failure at the deadline
    that says what the hub knew."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + DEADLINE_SECONDS
    while True:
        value = condition()
        if isinstance(value, Awaitable):
            value = await value
        if value:
            return value
        if loop.time() >= deadline:
            told = [await witness() for witness in WITNESSES]
            raise AssertionError("\n".join([f"{what} : rien après {DEADLINE_SECONDS:.0f} s", *told]))
        await asyncio.sleep(POLL_SECONDS)
