"""Gates at which a simulated process waits until it may go on, and the clock that all processes share."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from enum import Enum
from itertools import count
from random import Random
from typing import Any

TIME = "temps"
RUNNING: ContextVar["Process | None"] = ContextVar("process", default=None)


class Kind(Enum):
    """What a task does when its gate opens: a statement, something outside of the database, or an idle wait. Only a
    statement can lose its connection; an idle wait ends by a call or by time."""

    STATEMENT, OUTSIDE, REST = range(3)


class Ground:
    """What all processes share: the clock, which moves only on request, and who is running a statement."""

    def __init__(self) -> None:
        self.at_work: dict[int, Process] = {}
        """By the process id of the connection that runs a statement."""
        self.connecting = 0
        self._calls: Counter[str] = Counter()
        self.moved = asyncio.Event()
        self._start = datetime(2026, 11, 27, 12, tzinfo=UTC)
        self.passed = 0.0
        """Seconds since the story began."""

    def call(self, name: str) -> None:
        """Wake up every idle process that listens for this name."""
        self._calls[name] += 1

    def calls(self, *names: str) -> int:
        """Return how often these names were called or time has passed."""
        return sum(self._calls[name] for name in (TIME, *names))

    def pass_by(self, seconds: float) -> None:
        """Move the clock forward."""
        self.passed += seconds
        self.call(TIME)

    def monotonic(self) -> float:
        """Return simulated seconds, in place of `time.monotonic`."""
        return 1e6 + self.passed

    def now(self) -> datetime:
        """Return the simulated time, in place of PostgreSQL's `now()`. It differs at each call, so no two
        transactions begin at once."""
        self.passed += 1e-5
        return self._start + timedelta(seconds=self.passed)


class Today:
    """Replaces `datetime` where the hub asks for the time."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def now(self, _: tzinfo) -> datetime:
        """Return the simulated time."""
        return self._ground.now()


@dataclass(frozen=True, slots=True)
class Gate:
    """A task of a process that waits at a gate, and the number of calls that the process had noticed before."""

    process: "Process"
    strand: int
    what: str
    kind: Kind
    calls: int
    opened: asyncio.Future[None]

    @property
    def at_the_edge(self) -> bool:
        """Whether an effect is about to become visible to others or has just become so."""
        return self.kind is Kind.OUTSIDE or self.what.startswith("COMMIT")

    def __str__(self) -> str:
        return f"{self.process.name}.{self.strand} : {self.what}"


@dataclass(eq=False)
class Process:
    """A simulated process of the hub. Each run of `life` is a new process, without memory of earlier ones."""

    name: str
    listens: tuple[str, ...]
    life: Callable[["Process"], Awaitable[None]]
    ground: Ground
    chance: Random
    alive: bool = False
    lives: int = 0
    pace: float = 1.0
    frozen_rests: int = 0
    frozen_steps: int = 0
    """A frozen process stays so until all others have been idle `frozen_rests` times, and then for this number of
    their steps."""
    heard: int = 0
    """Number of calls noticed up to the last idle wait. A later call ends the next idle wait at once."""
    gates: list[Gate] = field(default_factory=list)
    connections: set[int] = field(default_factory=set)
    strands: dict[asyncio.Task[Any], int] = field(default_factory=dict)

    @property
    def frozen(self) -> bool:
        """Whether the process is frozen."""
        return bool(self.frozen_rests or self.frozen_steps)

    @property
    def calls(self) -> int:
        """Number of calls to the process so far."""
        return self.ground.calls(self.name, *self.listens)

    def start(self) -> None:
        """Start a new life of the process."""
        self.alive, self.lives, self.strands = True, self.lives + 1, {}
        token = RUNNING.set(self)
        asyncio.ensure_future(self.life(self))  # noqa: RUF006  `strands` keeps it
        RUNNING.reset(token)

    async def stop(self, what: str, kind: Kind) -> None:
        """Wait at a gate. A dead process never goes on, and its last statements raise ConnectionResetError."""
        if not self.alive and kind is Kind.STATEMENT:
            raise ConnectionResetError
        opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self.alive:
            task = asyncio.current_task()
            assert task is not None
            self.gates.append(Gate(self, self.strands[task], what, kind, self.heard, opened))
        await opened
        if kind is Kind.REST:
            self.heard = self.calls

    async def die(self) -> None:
        """End all tasks of the process without letting them do anything more. The caller must have broken its
        connections before."""
        while pending := [task for task in self.strands if not task.done()]:
            for task in pending:
                task.cancel()
            await asyncio.sleep(0)


@contextmanager
def strands_known() -> Iterator[None]:
    """Number the tasks that a process starts, and those that these start, until the block ends."""
    numbers = count()

    def start(loop: asyncio.AbstractEventLoop, coroutine: Any, **more: Any) -> asyncio.Task[Any]:
        task = asyncio.Task(coroutine, loop=loop, **more)
        if process := RUNNING.get():
            process.strands[task] = next(numbers)
        return task

    loop = asyncio.get_running_loop()
    loop.set_task_factory(start)
    try:
        yield
    finally:
        loop.set_task_factory(None)
