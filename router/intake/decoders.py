"""Decode, in separate processes, messages that may be costly, so that a costly message delays only its own
sender.

A message that takes too much time or memory is refused with `TOO_COSTLY`. A process that dies is replaced.
There are four kinds of process: for short work, for large messages, for dry runs, and for the answers of
partners' servers. Each kind handles only one message of a partner at a time, in the order of arrival.
"""

import asyncio
import multiprocessing
import os
import resource
import signal
from collections.abc import AsyncIterator, Callable, Collection, Sequence
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

from adapters.tabulaire.designees import Ecrite
from contracts.errors import BusUnavailable, OutcomeUnknown
from contracts.ports import Native, Rejet
from router.intake.decoding import (
    TOO_COSTLY,
    Chunk,
    DecodedMessage,
    Incoming,
    designated,
    read,
    read_from,
    read_on,
    to_mend,
    to_mend_again,
    within,
)
from router.process.os_process import end_with_parent

logger = structlog.get_logger()
SHORT_READERS = 2
"""Number of processes for messages whose sender waits. There are three more: one for large messages, one for dry
runs, and one for what partners' servers answer."""
MEMORY_BYTES = 768 * 2**20
"""Memory that a decoding process may use beyond what it has at its start. The largest XML document that the hub
accepts needs less."""
NICENESS = 5
"""Number by which decoding processes lower their priority (`nice`): the hub's event loop goes before them."""
ANSWER_SECONDS = 2.0
"""CPU time, in seconds, allowed to read what a partner's server answered. The longest list takes a tenth of this
time."""
WALL_SECONDS_PER_CPU_SECOND = 20
"""Wall-clock seconds for each allowed CPU second, after which a call counts as stuck."""

UNREAD = "Lire la réponse du partenaire demande trop de calcul : le hub y a renoncé"

P = ParamSpec("P")
T = TypeVar("T")


class Decoders:
    """Decoding processes of one process of the hub. They start when first needed, and `close` stops them."""

    def __init__(self) -> None:
        self._short = _Readers(SHORT_READERS)
        self._long = _Readers(1)
        self._trials = _Readers(1)
        self._answers = _Readers(1)

    async def warm_up(self) -> None:
        """Start in advance the fork server, from which decoding processes are started, so that the first message
        does not wait for it."""
        await asyncio.to_thread(forkserver.ensure_running)

    async def read(self, message: Incoming, most_rows: int) -> DecodedMessage:
        """Decode a message while its sender waits. If the message has more rows than `most_rows`, the result
        lists no accepted rows: `read_on` decodes the rows later. A message that takes too much time or memory
        gets the rejection `TOO_COSTLY`. Raises BusUnavailable if no decoding process can be started."""
        return await self._read(self._short, message, most_rows, message.seconds(most_rows), dry_run=False)

    async def try_out(self, message: Incoming) -> DecodedMessage:
        """Decode a whole message for a dry run. A message that takes too much time or memory gets the rejection
        `TOO_COSTLY`. Raises BusUnavailable if no decoding process can be started."""
        return await self._read(
            self._trials, message, None, message.seconds(message.rows_at_most), dry_run=True
        )

    async def read_on(self, ident: UUID, done: int, most_rows: int, message: Incoming) -> Chunk:
        """Decode and return the next rows of the large message `ident`, at most `most_rows` of them. Its
        first `done` rows are already decoded. The message stays open for the next call. If decoding takes
        too much time or memory, return a chunk without rows, whose `broken` is `TOO_COSTLY`. Raises
        BusUnavailable if no decoding process can be started."""
        seconds = message.seconds(done + most_rows)
        try:
            async with self._long.turn(message.partner.id) as reader:
                chunk = await reader.run(seconds, read_on, ident, done, most_rows)
                if chunk is None:
                    chunk = await reader.run(seconds, read_from, ident, done, most_rows, message)
                return chunk
        except TooCostly:
            return Chunk([], TOO_COSTLY)

    async def to_mend(
        self, message: Incoming, rejets: Sequence[Rejet], *, as_workbook: bool = False
    ) -> Native | None:
        """Return a file of a table's rejected rows, with the reasons. The sender corrects the rows, and sends the
        file again. With `as_workbook`, the file is a workbook if the sender's column profile reads workbooks.
        Return None if no row is rejected, if the table is unreadable or has a social security number (NIR), or
        if the file takes too much time or memory to make. Raises BusUnavailable if no decoding process can be
        started."""
        with suppress(TooCostly):
            seconds = message.seconds(message.rows_at_most)
            async with self._long.turn(message.partner.id) as reader:
                return await reader.run(seconds, to_mend, message, rejets, as_workbook=as_workbook)
        return None

    async def to_mend_again(self, message: Incoming, rejets: Sequence[Rejet]) -> Native | None:
        """Add notes on the wrong cells to a file of a table's rejected rows (`message`), which `to_mend` made
        before. The partner then corrects the file. Return:

        - for a workbook: the file unchanged, because it has such notes already
        - for a CSV: a workbook with notes or, if the partner's column profile reads no XLSX, a CSV without
          notes
        - for a file that is unreadable or has no row, or if the work takes too much time or memory: None

        `rejets` has the table's rejections, which become the notes. Raises BusUnavailable if no decoding
        process can be started.
        """
        with suppress(TooCostly):
            seconds = message.seconds(message.rows_at_most)
            return await self.apart(message.partner.id, seconds, to_mend_again, message, rejets)
        return None

    async def designated(self, message: Incoming, lignes: Collection[int] | None = None) -> Sequence[Ecrite]:
        """Return rows of a table as its sender wrote them. `lignes` has the numbers of the rows to return; if it
        is None, return all rows. Return no row if the file is unreadable or too costly. Raises BusUnavailable if
        no decoding process can be started."""
        with suppress(TooCostly):
            seconds = message.seconds(message.rows_at_most)
            return await self.apart(message.partner.id, seconds, designated, message, lignes)
        return ()

    async def apart(
        self, partner: str, seconds: float, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Call a function in the process for dry runs and for what people look at, and return its result.
        Calls for one `partner` run one after another. Raises TooCostly if the call takes more than
        `seconds` of CPU time, or too much memory. Raises BusUnavailable if no process can be started."""
        async with self._trials.turn(partner) as reader:
            return await reader.run(seconds, function, *args, **kwargs)

    async def answer(
        self, partner: str, seconds: float, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Call a function in the process that reads what partners' servers answer, and return its result. Calls
        for one `partner` run one after another. Raises OutcomeUnknown if there is no result within `seconds`, if
        the call takes too much CPU time or memory, or if no process can be started."""
        try:
            async with asyncio.timeout(seconds), self._answers.turn(partner) as reader:
                return await reader.run(ANSWER_SECONDS, function, *args, **kwargs)
        except (TooCostly, TimeoutError, BusUnavailable) as exc:
            raise OutcomeUnknown(UNREAD) from exc

    async def close(self) -> None:
        """Kill all decoding processes."""
        pools = (self._short, self._long, self._trials, self._answers)
        await asyncio.gather(*(readers.close() for readers in pools))

    async def _read(
        self, readers: "_Readers", message: Incoming, most_rows: int | None, seconds: float, *, dry_run: bool
    ) -> DecodedMessage:
        try:
            async with readers.turn(message.partner.id) as reader:
                return await reader.run(seconds, read, message, most_rows, dry_run)
        except TooCostly:
            return DecodedMessage(dry_run, rejets=[TOO_COSTLY])


class TooCostly(Exception):
    """Raised when the decoding of a message takes more time or memory than a message of its size may take."""


class _Readers:
    """Pool of decoding processes. Calls wait for a free process, in the order in which they came. Only one call
    for each partner runs at a time."""

    def __init__(self, count: int) -> None:
        self._free: asyncio.Queue[_Reader] = asyncio.Queue()
        self._all = [_Reader() for _ in range(count)]
        for reader in self._all:
            self._free.put_nowait(reader)
        self._partners: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def turn(self, partner: str) -> AsyncIterator["_Reader"]:
        """Wait until no other call for `partner` runs, then reserve a free process for the `with` block."""
        async with self._partners.setdefault(partner, asyncio.Lock()):
            reader = await self._free.get()
            try:
                yield reader
            finally:
                self._free.put_nowait(reader)

    async def close(self) -> None:
        await asyncio.gather(*(reader.close() for reader in self._all))


class _Reader:
    """One decoding process. A process that dies is replaced by a new one."""

    def __init__(self) -> None:
        self._pool: ProcessPool | None = None

    async def run(self, cpu_seconds: float, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function in the decoding process, and return its result. Raises TooCostly if the call takes more
        CPU time than `cpu_seconds`, or too much memory. If the process dies for another reason, call the function
        once more, in a new process. Raises TooCostly if the new process dies too. Raises BusUnavailable if no
        process can be started."""
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
            # In a thread: the first call starts the process, which would block the event loop for too long.
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
    end_with_parent(signal.SIGKILL)
    os.nice(NICENESS)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + MEMORY_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


_CONTEXT = multiprocessing.get_context("forkserver")
"""Starter of decoding processes. Its fork server has imported the dialects, so that a new process is ready in
milliseconds."""
_CONTEXT.set_forkserver_preload([__name__, "router.intake.readers_origin"])
