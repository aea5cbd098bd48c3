"""Read large or doubtful bodies in separate processes, so that only their sender pays for the cost.

A body that costs too much is refused with `TOO_COSTLY`, and its process is replaced. Only one message of a
partner is read at a time, and partners take turns.
"""

import asyncio
import multiprocessing
import os
import resource
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import asynccontextmanager, suppress
from functools import partial
from multiprocessing import forkserver
from pathlib import Path
from typing import ParamSpec, TypeVar
from uuid import UUID
from weakref import WeakValueDictionary

import structlog
from pebble import ProcessExpired, ProcessPool

from contracts.errors import BusUnavailable, OutcomeUnknown
from contracts.ports import Native, Rejet
from router.intake.decoding import (
    TOO_COSTLY,
    Chunk,
    DecodedMessage,
    Incoming,
    read,
    read_from,
    read_on,
    to_mend,
    within,
)
from router.process.os_process import end_with_parent

logger = structlog.get_logger()
SHORT_READERS = 2
"""Number of reader processes for messages whose sender waits. Two more processes exist: one for dry runs and
large messages, one for answers of partners' servers."""
MEMORY_BYTES = 768 * 2**20
"""Bytes of memory that a reader may take: enough for the largest XML document."""
NICENESS = 5
"""Number by which a reader's priority is lowered (`nice`), below the hub's event loop."""
ANSWER_SECONDS = 2.0
"""CPU seconds to read a partner's answer: ten times the need of the longest list."""
WALL_SECONDS_PER_CPU_SECOND = 20
"""Wall-clock seconds allowed for each CPU second. A process that takes longer is stuck."""

UNREAD = "Lire la réponse du partenaire demande trop de calcul : le hub y a renoncé"

P = ParamSpec("P")
T = TypeVar("T")


class Decoders:
    """Reader processes of one process of the hub, started when first needed. Close this object at the end."""

    def __init__(self) -> None:
        self._short = _Readers(SHORT_READERS)
        self._long = _Readers(1)
        self._answers = _Readers(1)

    async def warm_up(self) -> None:
        """Start the server process from which reader processes are forked, before the first message."""
        await asyncio.to_thread(forkserver.ensure_running)

    async def read(self, message: Incoming, most_rows: int) -> DecodedMessage:
        """Read a message, at most `most_rows` rows, while its sender waits. Raises BusUnavailable if no
        reader process can be started."""
        return await self._read(self._short, message, most_rows, message.seconds(most_rows), dry_run=False)

    async def try_out(self, message: Incoming) -> DecodedMessage:
        """Decode a whole message for a dry run. Raises BusUnavailable if no reader process can be started."""
        return await self._read(
            self._long, message, None, message.seconds(message.rows_at_most), dry_run=True
        )

    async def read_on(self, ident: UUID, done: int, most_rows: int, message: Incoming) -> Chunk:
        """Return at most `most_rows` next rows of a large message, and keep it open. Raises BusUnavailable if
        no reader process can be started."""
        seconds = message.seconds(done + most_rows)
        try:
            async with self._long.turn(message.partner.id) as reader:
                chunk = await reader.run(seconds, read_on, ident, done, most_rows)
                if chunk is None:
                    chunk = await reader.run(seconds, read_from, ident, done, most_rows, message)
                return chunk
        except TooCostly:
            return Chunk([], TOO_COSTLY)

    async def to_mend(self, message: Incoming, rejets: Sequence[Rejet]) -> Native | None:
        """Return a file with only the rejected rows; None if no row is rejected. Raises BusUnavailable if no
        reader process can be started."""
        with suppress(TooCostly):
            async with self._long.turn(message.partner.id) as reader:
                return await reader.run(message.seconds(message.rows_at_most), to_mend, message, rejets)
        return None

    async def apart(
        self, partner: str, seconds: float, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Call a function on a partner's bytes in the separate process for dry runs, with at most `seconds` of CPU
        time. Raises TooCostly if it exceeds time or memory, BusUnavailable if no process can be started."""
        async with self._long.turn(partner) as reader:
            return await reader.run(seconds, function, *args, **kwargs)

    async def answer(
        self, partner: str, seconds: float, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Call a function on the answer of a partner's server, in the process reserved for answers: answers
        and messages never wait for each other. Raises OutcomeUnknown if no process is free within `seconds`, or if
        the call takes too much time or memory."""
        try:
            async with asyncio.timeout(seconds), self._answers.turn(partner) as reader:
                return await reader.run(ANSWER_SECONDS, function, *args, **kwargs)
        except (TooCostly, TimeoutError, BusUnavailable) as exc:
            raise OutcomeUnknown(UNREAD) from exc

    async def close(self) -> None:
        """Stop all processes at once."""
        await asyncio.gather(self._short.close(), self._long.close(), self._answers.close())

    async def _read(
        self, readers: "_Readers", message: Incoming, most_rows: int | None, seconds: float, *, dry_run: bool
    ) -> DecodedMessage:
        try:
            async with readers.turn(message.partner.id) as reader:
                return await reader.run(seconds, read, message, most_rows, dry_run)
        except TooCostly:
            return DecodedMessage(dry_run, rejets=[TOO_COSTLY])


class TooCostly(Exception):
    """Raised for a message that takes more time or memory to read than its size allows."""


class _Readers:
    """Some reader processes, and the queue for them: first come, first served, one message of a partner at a
    time."""

    def __init__(self, count: int) -> None:
        self._free: asyncio.Queue[_Reader] = asyncio.Queue()
        self._all = [_Reader() for _ in range(count)]
        for reader in self._all:
            self._free.put_nowait(reader)
        self._partners: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def turn(self, partner: str) -> AsyncIterator["_Reader"]:
        """Wait for a process, and lend it to the partner inside this block."""
        async with self._partners.setdefault(partner, asyncio.Lock()):
            reader = await self._free.get()
            try:
                yield reader
            finally:
                self._free.put_nowait(reader)

    async def close(self) -> None:
        await asyncio.gather(*(reader.close() for reader in self._all))


class _Reader:
    """One reader process, replaced whenever it dies."""

    def __init__(self) -> None:
        self._pool: ProcessPool | None = None

    async def run(self, cpu_seconds: float, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return the result of the function. Try once more if the process dies early.

        Raises TooCostly if it takes too much time or memory, BusUnavailable if no process can be started.
        """
        call = partial(function, *args, **kwargs)
        try:
            return await self._once(cpu_seconds, call)
        except ProcessExpired as exc:
            logger.error("decoder.died", status=exc.exitcode)
            if exc.exitcode == -signal.SIGPROF:
                raise TooCostly from None
        try:
            return await self._once(cpu_seconds, call)
        except ProcessExpired as exc:
            logger.error("decoder.died", status=exc.exitcode)
            raise TooCostly from None

    async def _once(self, cpu_seconds: float, call: Callable[[], T]) -> T:
        patience = WALL_SECONDS_PER_CPU_SECOND * cpu_seconds
        try:
            # The first call starts the process, which takes longer than the loop can wait.
            future = await asyncio.to_thread(self._schedule, patience, partial(within, cpu_seconds, call))
            return await asyncio.wrap_future(future)
        except (MemoryError, TimeoutError):
            raise TooCostly from None
        except BrokenProcessPool as exc:
            await self.close()
            raise BusUnavailable("la lecture des messages redémarre") from exc

    def _schedule(self, patience: float, call: Callable[[], T]) -> Future[T]:
        if self._pool is None:
            self._pool = ProcessPool(1, initializer=_confine, context=_CONTEXT)
        return self._pool.schedule(call, timeout=patience)

    async def close(self) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            await asyncio.to_thread(_stop, pool)


def _stop(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]
    pool.join()


def _confine() -> None:
    """Limit the memory of this new process, lower its priority, and make it end with the hub."""
    end_with_parent(signal.SIGKILL)
    os.nice(NICENESS)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + MEMORY_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


_CONTEXT = multiprocessing.get_context("forkserver")
"""Context of `multiprocessing` whose server process has imported the dialects, so that a reader is ready in
milliseconds."""
_CONTEXT.set_forkserver_preload([__name__, "router.intake.readers_origin"])
