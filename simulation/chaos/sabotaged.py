"""Program that runs one process of the hub, and kills it at the n-th passage of a named point.

`python -m simulation.chaos.sabotaged run --role=…`; the order comes from the environment.
"""

import os
import posixpath
import signal
import sys
from collections.abc import Callable
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from asyncpg.transaction import Transaction
from asyncssh import SFTPClient

from connectors.http_out import HttpSink
from connectors.mailbox import MailboxSink
from connectors.sftp import SftpSink
from ops.commands import main
from router.relay.shard import Relay
from simulation.chaos import points
from simulation.chaos.points import Point, Sabotage
from simulation.observation import FILE

Passing = Callable[[Point], None]


def sabotage(what: Sabotage) -> None:
    """Wrap the hub's methods so that this process kills itself at the ordered point."""
    left = what.passage

    def passing(point: Point) -> None:
        nonlocal left
        if point is what.point:
            left -= 1
            if left == 0:
                sys.stderr.write(f"sabotage {point} {what.passage}\n")
                sys.stderr.flush()
                os.kill(os.getpid(), signal.SIGKILL)

    _wrap_commit(passing)
    _wrap(AIOKafkaProducer, "send", passing, Point.BEFORE_RECORD, None)
    _wrap(Relay, "_send", passing, None, Point.AFTER_BATCH)
    for sink in (HttpSink, SftpSink, MailboxSink):
        _wrap(sink, "send", passing, Point.BEFORE_SEND, Point.AFTER_SEND)
    _wrap(AIOKafkaConsumer, "commit", passing, Point.BEFORE_ACK, Point.AFTER_ACK)
    for name in ("rename", "posix_rename"):
        _wrap(SFTPClient, name, passing, Point.BEFORE_RENAME, Point.AFTER_RENAME)
    _wrap(SFTPClient, "rename", passing, None, Point.WITHIN_SET, _names_a_file_of_a_set)


def _wrap(
    owner: type,
    name: str,
    passing: Passing,
    before: Point | None,
    after: Point | None,
    concerns: Callable[..., bool] = lambda *_: True,
) -> None:
    """Wrap a method to report the points before and after certain calls."""
    original = getattr(owner, name)

    async def wrapped(self: Any, *args: Any, **kwargs: Any) -> Any:
        if before is not None and concerns(*args):
            passing(before)
        result = await original(self, *args, **kwargs)
        if after is not None and concerns(*args):
            passing(after)
        return result

    setattr(owner, name, wrapped)


def _names_a_file_of_a_set(_old: str, new: str) -> bool:
    return posixpath.basename(new).startswith(FILE)


def _wrap_commit(passing: Passing) -> None:
    """Wrap PostgreSQL transactions to report the points before and after each commit."""
    original = Transaction.__aexit__

    async def wrapped(self: Any, kind: Any, error: Any, trace: Any) -> Any:
        if kind is None:
            passing(Point.BEFORE_COMMIT)
        result = await original(self, kind, error, trace)
        if kind is None:
            passing(Point.AFTER_COMMIT)
        return result

    Transaction.__aexit__ = wrapped


if __name__ == "__main__":
    told = points.sabotage_of(os.environ)
    if told is not None:
        sabotage(told)
    main()
