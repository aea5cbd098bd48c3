"""Questions to a bus that may be away, repeated until it answers."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from aiokafka.errors import KafkaError

T = TypeVar("T")

PATIENCE_SECONDS = 60.0
REST_SECONDS = 0.5


def persistently(ask: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Ask a bus that may be about to come back. Raises KafkaError after a deadline."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return asyncio.run(ask())
        except (KafkaError, OSError):
            if time.monotonic() > deadline:
                raise
            time.sleep(REST_SECONDS)
