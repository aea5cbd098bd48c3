"""A partner's arrivals, all journalled: those with an effect, and repetitions without one."""

import asyncio
from asyncio import Task, TaskGroup
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any

from simulation.journal import Journal, Kind, Record

React = Callable[[Record], Coroutine[Any, Any, None]]
"""A partner's reaction to an effect. It is called in the order of the journal, also for effects of an earlier
run of the program: messages sent and answered then are not sent again."""

SENSELESS = "illisible"
"""Journalled in place of a mood when a delivery is unreadable for its recipient."""
CHANGED = "changée"
"""Journalled in place of a mood when a delivery comes again under its key with other bytes, if its recipient compares
them."""


class Inbox:
    """Deliveries that one partner takes in. If it `recognises` keys, each key has one effect, however often
    it comes.

    If not, every arrival has an effect, so that blind repetitions show; the partner acts on the first alone.
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
        self._declined: Counter[str] = Counter()

    def resume(self) -> list[Task[None]]:
        """Resume the reactions that an earlier run of the program had begun."""
        return [self._tasks.create_task(self._react(record)) for record in self._past]

    def known(self, key: str) -> Record | None:
        """Return the record of an earlier delivery under this key, even if the content differs now; None for a new
        key."""
        return self._known.get(key)

    async def take(self, key: str, effect: Record) -> None:
        """Take in a delivery; return once it is on disk. `effect` holds its `ref` and the facts to remember."""
        again = key in self._known
        first = self._known.setdefault(key, {**effect, "kind": Kind.EFFECT, "key": key})
        if again and self._recognises:
            await self._journal.write({"kind": Kind.REPEATED, "key": key})
            return
        await self._journal.write({"kind": Kind.RECEIVED, "key": key, "ref": first["ref"]}, first)
        if not again:
            self._tasks.create_task(self._react(first))

    async def take_late(self, after_s: float, key: str, effect: Record) -> None:
        """Take in a delivery after `after_s` seconds, unless it was declined meanwhile: then its sender has
        come again, and was told no."""
        declined = self._declined[key]
        await asyncio.sleep(after_s)
        if self._declined[key] == declined:
            await self.take(key, effect)

    async def take_read(self, key: str, body: bytes, understand: Callable[[bytes], Record]) -> None:
        """Take in a delivery that cannot be refused.

        `understand` raises ValueError or LookupError for a senseless one, which is journalled.
        """
        try:
            effect = self.known(key) or understand(body)
        except (ValueError, LookupError):
            await self.decline(key, key, SENSELESS)
        else:
            await self.take(key, effect)

    async def decline(self, key: str, ref: str, mood: str) -> None:
        """Journal that a delivery was not acted upon, and in which mood."""
        self._declined[key] += 1
        await self._journal.write({"kind": Kind.DECLINED, "key": key, "ref": ref, "mood": mood})
