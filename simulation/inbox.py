"""What arrives at a partner: each key has one effect, however often it comes; all of it is journalled."""

from asyncio import Task, TaskGroup
from collections.abc import Callable, Coroutine
from typing import Any

from simulation.journal import Journal, Kind, Record

React = Callable[[Record], Coroutine[Any, Any, None]]
"""What a partner does about an effect. Called in the order of the journal, also for those of a former life:
what was sent and answered then is not sent again."""


class Inbox:
    """One partner's way in."""

    def __init__(self, journal: Journal, react: React, tasks: TaskGroup) -> None:
        self._journal = journal
        self._react = react
        self._tasks = tasks
        self._known = {record["key"] for record in journal.past if record["kind"] == Kind.EFFECT}

    def resume(self) -> list[Task[None]]:
        """Take up again what a former life of the program was about to do."""
        past = [record for record in self._journal.past if record["kind"] == Kind.EFFECT]
        return [self._tasks.create_task(self._react(record)) for record in past]

    async def take(self, key: str, effect: Record) -> None:
        """Take in a delivery; returns once it is on disk. `effect` holds its `ref` and what to remember."""
        if key in self._known:
            await self._journal.write({"kind": Kind.REPEATED, "key": key})
            return
        self._known.add(key)
        first = {**effect, "kind": Kind.EFFECT, "key": key}
        await self._journal.write({"kind": Kind.RECEIVED, "key": key, "ref": effect["ref"]}, first)
        self._tasks.create_task(self._react(first))

    async def decline(self, key: str, ref: str, mood: str) -> None:
        """Note that a delivery was not acted upon, and in what mood."""
        await self._journal.write({"kind": Kind.DECLINED, "key": key, "ref": ref, "mood": mood})
