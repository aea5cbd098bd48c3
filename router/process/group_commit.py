"""Commit items in groups: items that arrive while a commit runs share the next commit.

If a commit fails because of an item or a bug, its group is halved again and again, until only the faulty item
fails.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from contracts.errors import BusUnavailable, Misconfigured, NotYetKnown
from router.process.halving import tell_halved

T = TypeVar("T")
R = TypeVar("R")


class GroupCommit(Generic[T, R]):
    """Queue whose items are committed in groups of at most `max_group`, one group at a time. `commit` returns
    a result for each item, in order, or raises. `of` names the queue in log and metrics."""

    def __init__(
        self,
        commit: Callable[[Sequence[T]], Awaitable[Sequence[R]]],
        of: str,
        max_group: int = 256,
        max_waiting: int = 4096,
    ) -> None:
        self._commit = commit
        self._of = of
        self._max_group = max_group
        self._max_waiting = max_waiting
        self._waiting: deque[tuple[T, asyncio.Future[R]]] = deque()
        self._task: asyncio.Task[None] | None = None

    async def submit(self, item: T) -> R:
        """Add an item, wait until its group is committed, and return the item's result. Raises the error of the
        commit if it fails, and BusUnavailable if `max_waiting` items wait already."""
        if len(self._waiting) >= self._max_waiting:
            raise BusUnavailable("trop de messages attendent la base de données")
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._drain())
        return await future

    async def _drain(self) -> None:
        group: list[tuple[T, asyncio.Future[R]]] = []
        try:
            while self._waiting:
                await asyncio.sleep(0)  # let other tasks that are ready add their items
                size = min(self._max_group, len(self._waiting))
                group = [self._waiting.popleft() for _ in range(size)]
                await self._run(group)
        except BaseException as exc:
            # the process ends, or `commit` is wrong: every caller must get an answer
            _fail([*group, *self._waiting], exc)
            self._waiting.clear()
            if not isinstance(exc, Exception):
                raise

    async def _run(self, group: Sequence[tuple[T, asyncio.Future[R]]]) -> None:
        try:
            results = await self._commit([item for item, _ in group])
        except Exception as exc:  # noqa: BLE001  an error of one item must not stop another item
            of_all = isinstance(exc, BusUnavailable | Misconfigured) and not isinstance(exc, NotYetKnown)
            if of_all or len(group) == 1:
                _fail(group, exc)
            else:
                tell_halved(self._of, len(group), exc)
                half = len(group) // 2
                await self._run(group[:half])
                await self._run(group[half:])
            return
        for (_, future), result in zip(group, results, strict=True):
            if not future.done():
                future.set_result(result)


def _fail(group: Sequence[tuple[object, asyncio.Future[R]]], exc: BaseException) -> None:
    for _, future in group:
        if not future.done():
            future.set_exception(exc)
