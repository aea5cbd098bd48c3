"""Clients of aiokafka that are started and stopped whole, whoever gives up waiting for them."""

import asyncio
from collections.abc import Coroutine
from typing import Any

GIVEN_UP_SECONDS = 5.0


async def unbroken(step: Coroutine[Any, Any, None]) -> None:
    """Start a client of aiokafka, or stop it. When this is cancelled, the step still gets some seconds to end: broken
    off half-way, either forgets connections that are open, and nobody can then close them."""
    taking_it = asyncio.create_task(step)
    try:
        await asyncio.shield(taking_it)
    finally:
        await asyncio.wait({taking_it}, timeout=GIVEN_UP_SECONDS)
        taking_it.cancel()
