"""What arrives at a partner: each key has one effect, however often it comes; all of it is journalled."""

from asyncio import Task, TaskGroup
from collections.abc import Callable, Coroutine
from typing import Any

from simulation.journal import Journal, Kind, Record

React = Callable[[Record], Coroutine[Any, Any, None]]
"""What a partner does about an effect. Called in the order of the journal, also for those of a former life:
what was sent and answered then is not sent again."""

SENSELESS = "illisible"
"""What is noted instead of a mood of a delivery that its recipient could not read."""


class Inbox:
    """One partner's way in."""

    def __init__(self, journal: Journal, react: React, tasks: TaskGroup) -> None:
        self._journal = journal
        self._react = react
        self._tasks = tasks
        effects = (record for record in journal.past if record["kind"] == Kind.EFFECT)
        self._known = {record["key"]: record["ref"] for record in effects}

    def resume(self) -> list[Task[None]]:
        """Take up again what a former life of the program was about to do."""
        past = [record for record in self._journal.past if record["kind"] == Kind.EFFECT]
        return [self._tasks.create_task(self._react(record)) for record in past]

    def known(self, key: str) -> Record | None:
        """What is already known under a key, whatever its content says the second time; None of a new one."""
        return {"ref": self._known[key]} if key in self._known else None

    async def take(self, key: str, effect: Record) -> None:
        """Take in a delivery; returns once it is on disk. `effect` holds its `ref` and what to remember."""
        if key in self._known:
            await self._journal.write({"kind": Kind.REPEATED, "key": key})
            return
        self._known[key] = effect["ref"]
        first = {**effect, "kind": Kind.EFFECT, "key": key}
        await self._journal.write({"kind": Kind.RECEIVED, "key": key, "ref": effect["ref"]}, first)
        self._tasks.create_task(self._react(first))

    async def take_read(self, key: str, body: bytes, understand: Callable[[bytes], Record]) -> None:
        """Take in what cannot be refused; `understand` raises ValueError or LookupError for what makes no sense,
        and that is noted."""
        try:
            effect = self.known(key) or understand(body)
        except (ValueError, LookupError):
            await self.decline(key, key, SENSELESS)
        else:
            await self.take(key, effect)

    async def decline(self, key: str, ref: str, mood: str) -> None:
        """Note that a delivery was not acted upon, and in what mood."""
        await self._journal.write({"kind": Kind.DECLINED, "key": key, "ref": ref, "mood": mood})
