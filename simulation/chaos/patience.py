"""Repetition until success, of requests to Kafka and of hub commands."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

from aiokafka.errors import KafkaError

from deploy.local import PartUnavailable
from deploy.local.process import Child

T = TypeVar("T")

PATIENCE_SECONDS = 60.0
COMMAND_PATIENCE_SECONDS = 180.0
REST_SECONDS = 0.5


def persistently(ask: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Repeat a request to Kafka until it succeeds. Raises KafkaError or OSError after a deadline."""
    return _until_done(lambda: asyncio.run(ask()), (KafkaError, OSError), PATIENCE_SECONDS)


def run_until_done(child: Child, command: Sequence[str]) -> None:
    """Repeat a command until it succeeds. Raises PartUnavailable after a deadline."""
    _until_done(lambda: child.run(command), (PartUnavailable,), COMMAND_PATIENCE_SECONDS)


def _until_done(attempt: Callable[[], T], passing: tuple[type[Exception], ...], patience_s: float) -> T:
    deadline = time.monotonic() + patience_s
    while True:
        try:
            return attempt()
        except passing:
            if time.monotonic() > deadline:
                raise
            time.sleep(REST_SECONDS)
