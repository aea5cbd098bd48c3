"""What arrives at a partner, all of it journalled: what has an effect, and what is a repetition without one."""

from asyncio import Task, TaskGroup
from collections.abc import Callable, Coroutine
from typing import Any

from simulation.journal import Journal, Kind, Record

React = Callable[[Record], Coroutine[Any, Any, None]]
"""What a partner does about an effect. Called in the order of the journal, also for those of a former life:
what was sent and answered then is not sent again."""

SENSELESS = "illisible"
"""What is noted instead of a mood of a delivery that its recipient could not read."""
CHANGED = "changée"
"""The same of one that came again under its key with other bytes, where its recipient compares them."""


class Inbox:
    """One partner's way in.

    One that `recognises` keys gives each of them one effect, however often it comes. At any other every arrival
    has an effect, so that what the hub repeats blindly shows; acted on is the first alone.
    """

    def __init__(self, journal: Journal, react: React, tasks: TaskGroup, *, recognises: bool = True) -> None:
        self._journal = journal
        self._react = react
        self._tasks = tasks
        self._recognises = recognises
        self._known: dict[str, Record] = {}
        for record in journal.past:
            if record["kind"] == Kind.EFFECT:
                self._known.setdefault(record["key"], record)
        self._past = list(self._known.values())

    def resume(self) -> list[Task[None]]:
        """Take up again what a former life of the program was about to do."""
        return [self._tasks.create_task(self._react(record)) for record in self._past]

    def known(self, key: str) -> Record | None:
        """What is already known under a key, whatever its content says the second time; None of a new one."""
        return self._known.get(key)

    async def take(self, key: str, effect: Record) -> None:
        """Take in a delivery; returns once it is on disk. `effect` holds its `ref` and what to remember."""
        again = key in self._known
        first = self._known.setdefault(key, {**effect, "kind": Kind.EFFECT, "key": key})
        if again and self._recognises:
            await self._journal.write({"kind": Kind.REPEATED, "key": key})
            return
        await self._journal.write({"kind": Kind.RECEIVED, "key": key, "ref": first["ref"]}, first)
        if not again:
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
