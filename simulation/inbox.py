"""The deliveries that a simulated partner receives, in its journal with an effect or as repetitions."""

import asyncio
from asyncio import Task, TaskGroup
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any

from simulation.journal import Journal, Kind, Record

React = Callable[[Record], Coroutine[Any, Any, None]]
"""Reaction to a new delivery, given as its journal line. Called in journal order, after a restart also for
earlier deliveries."""

SENSELESS = "illisible"
"""The journal's word for a delivery that its recipient cannot read."""
CHANGED = "changée"
"""The journal's word for a delivery that comes again under its key with other bytes."""


class Inbox:
    """The deliveries that one partner receives. If it `recognises` keys, a repetition has no effect;
    otherwise it is an effect in the journal, without a reaction."""

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
        self._declined: Counter[str] = Counter()

    def resume(self) -> list[Task[None]]:
        """Start again the reactions to all deliveries of an earlier run. Messages sent then are not sent
        twice."""
        return [self._tasks.create_task(self._react(record)) for record in self._past]

    def known(self, key: str) -> Record | None:
        """Return the journal line of an earlier delivery under this key; None for a new key."""
        return self._known.get(key)

    async def take(self, key: str, effect: Record) -> None:
        """Receive a delivery; return once it is in the journal on disk. `effect`: the row's name (`ref`) and
        facts to remember."""
        again = key in self._known
        first = self._known.setdefault(key, {**effect, "kind": Kind.EFFECT, "key": key})
        if again and self._recognises:
            await self._journal.write({"kind": Kind.REPEATED, "key": key})
            return
        await self._journal.write({"kind": Kind.RECEIVED, "key": key, "ref": first["ref"]}, first)
        if not again:
            self._tasks.create_task(self._react(first))

    async def take_late(self, after_s: float, key: str, effect: Record) -> None:
        """Receive a delivery after a delay, unless its key is declined in the meantime."""
        declined = self._declined[key]
        await asyncio.sleep(after_s)
        if self._declined[key] == declined:
            await self.take(key, effect)

    async def take_read(self, key: str, body: bytes, understand: Callable[[bytes], Record]) -> None:
        """Read and receive a delivery that cannot be refused.

        If reading raises ValueError or LookupError, the journal says unreadable.
        """
        try:
            effect = self.known(key) or understand(body)
        except (ValueError, LookupError):
            await self.decline(key, key, SENSELESS)
        else:
            await self.take(key, effect)

    async def decline(self, key: str, ref: str, mood: str) -> None:
        """Write to the journal that the partner did not act on a delivery, and why."""
        self._declined[key] += 1
        await self._journal.write({"kind": Kind.DECLINED, "key": key, "ref": ref, "mood": mood})
