"""Gates at which a process stands until it is let through, and the one clock of all."""

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
    """What a strand does once its gate opens. Only a statement can lose its connection; who rests is woken up by
    what it listens for, or by time."""

    STATEMENT, OUTSIDE, REST = range(3)


class Ground:
    """What all processes share: time, which passes only when it is told to, and who is at work in PostgreSQL."""

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
        """Wake up whoever listens for it and rests."""
        self._calls[name] += 1

    def calls(self, *names: str) -> int:
        """How often these were called, or time has passed."""
        return sum(self._calls[name] for name in (TIME, *names))

    def pass_by(self, seconds: float) -> None:
        """Time passes."""
        self.passed += seconds
        self.call(TIME)

    def monotonic(self) -> float:
        """Seconds, in place of `time.monotonic`."""
        return 1e6 + self.passed

    def now(self) -> datetime:
        """In place of PostgreSQL's `now()`; no two transactions begin at once."""
        self.passed += 1e-5
        return self._start + timedelta(seconds=self.passed)


class Today:
    """In place of `datetime` where the hub asks it for the time."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def now(self, _: tzinfo) -> datetime:
        """The ground's."""
        return self._ground.now()


@dataclass(frozen=True, slots=True)
class Gate:
    """A strand of a process that stands, and how many calls the process had heard before."""

    process: "Process"
    strand: int
    what: str
    kind: Kind
    calls: int
    opened: asyncio.Future[None]

    @property
    def at_the_edge(self) -> bool:
        """Whether what was done so far is about to show, or has just shown."""
        return self.kind is Kind.OUTSIDE or self.what.startswith("COMMIT")

    def __str__(self) -> str:
        return f"{self.process.name}.{self.strand} : {self.what}"


@dataclass(eq=False)
class Process:
    """A process of the hub. Each run of `life` is a new one, that remembers nothing of those before."""

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
    """It stands still until the others have come to rest so many times, and then for so many steps of theirs."""
    heard: int = 0
    """Calls up to its last rest: one that came since ends the next at once."""
    gates: list[Gate] = field(default_factory=list)
    connections: set[int] = field(default_factory=set)
    strands: dict[asyncio.Task[Any], int] = field(default_factory=dict)

    @property
    def frozen(self) -> bool:
        """Whether it stands still."""
        return bool(self.frozen_rests or self.frozen_steps)

    @property
    def calls(self) -> int:
        """How often it was called so far."""
        return self.ground.calls(self.name, *self.listens)

    def start(self) -> None:
        """Begin a life."""
        self.alive, self.lives, self.strands = True, self.lives + 1, {}
        token = RUNNING.set(self)
        asyncio.ensure_future(self.life(self))  # noqa: RUF006  `strands` keeps it
        RUNNING.reset(token)

    async def stop(self, what: str, kind: Kind) -> None:
        """Stand at a gate. Of a dead process nothing goes on, and its last statements find no connection."""
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
        """Nothing of what it would still do is done, not even what it begins at its end. Its connections are the
        caller's to break, before."""
        while pending := [task for task in self.strands if not task.done()]:
            for task in pending:
                task.cancel()
            await asyncio.sleep(0)


@contextmanager
def strands_known() -> Iterator[None]:
    """Every task that a process starts, and each that those start, is a numbered strand of it."""
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
