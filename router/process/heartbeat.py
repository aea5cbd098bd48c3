"""Send the heartbeats of a process. By a heartbeat, the process tells PostgreSQL every few seconds that it lives.

The same statement renews the leases of the process. It also asks whether there is work, because a notification
of work may have been lost. Then the process stores news about partners: whether each partner could be reached,
and whether its source could be read.
"""

import os
import socket
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any, Generic, TypeVar
from uuid import UUID

from contracts.unknown_keys import UnknownKeys
from router.domain.beats import BEAT_SECONDS
from router.domain.roles import Role
from router.process.leases import Leases
from router.process.os_process import identity_of
from router.process.wakeup import WakeUp
from router.store import heartbeat
from router.store.database import AWAY, FULL, Connection, Database
from router.store.heartbeat import Beat, PartnerNews, Process

N = TypeVar("N", bound=PartnerNews)
Note = Callable[[Connection, Sequence[N]], Awaitable[None]]
"""Function that stores news about partners."""


@dataclass(frozen=True, slots=True)
class _Feed(Generic[N]):
    """One kind of news about partners, such as whether each partner could be reached. Each heartbeat gets the
    news from `news`, and stores it with `note`. `unwritten` has, by partner, the news not yet stored."""

    news: Callable[[], Iterable[N]]
    note: Note[N]
    unwritten: dict[str, N] = field(default_factory=dict)

    def collect(self) -> None:
        for each in self.news():
            earlier = self.unwritten.get(each.partner)
            self.unwritten[each.partner] = each if earlier is None else each.after(earlier)

    async def write(self, connection: Connection) -> None:
        if self.unwritten:
            await self.note(connection, list(self.unwritten.values()))


class Heart:
    """Sender of this process's heartbeats. If the flag `wake` is set, it sends a heartbeat at once."""

    def __init__(self, database: Database, ident: UUID, leases: Leases) -> None:
        self._database = database
        self._leases = leases
        self._process = Process(
            ident,
            socket.gethostname(),
            os.getpid(),
            version("siao-hub"),
            datetime.now(UTC),
            identity_of(os.getpid()),
        )
        self._waits: dict[Role, str | None] = {}
        self._feeds: list[_Feed[Any]] = []
        self._unknown_keys: Callable[[], UnknownKeys] = UnknownKeys
        self._calls: Mapping[str, Callable[[], None]] = {}
        self._answers: Mapping[str, object] = {}
        self.every_s = min(BEAT_SECONDS, leases.keep_every_s)
        self.polls: MutableMapping[str, datetime] = {}
        """Time at which each partner last looked into its mailbox, if no heartbeat has stored it yet."""
        self.wake = WakeUp()

    def begins(self, roles: Iterable[Role]) -> None:
        """Set the roles that each heartbeat reports."""
        self._waits = dict.fromkeys(roles)

    @property
    def waits_for_nothing(self) -> bool:
        """Return whether all roles of this process can work: no role waits for something that it needs."""
        return not any(self._waits.values())

    def says(self, role: Role) -> Callable[[str | None], None]:
        """Return the function that `role` calls with a reason, in French, when it cannot work, and with None
        once it can."""

        def note(waits_for: str | None) -> None:
            if self._waits.get(role) != waits_for:
                self._waits[role] = waits_for
                self.wake.set()

        return note

    def listens(self, news: Callable[[], Iterable[N]], note: Note[N]) -> None:
        """Call `news` at each heartbeat from now on. It returns news about partners, such as which partners could
        be reached. `note` then stores this news in the database."""
        self._feeds.append(_Feed(news, note))

    def asks(self, calls: Mapping[str, Callable[[], None]]) -> None:
        """Set the functions to call when there is work. `calls` has one function for each kind of work. Each
        heartbeat asks the database which kinds of work there are to do."""
        self._calls = calls

    def counts(self, unknown_keys: Callable[[], UnknownKeys]) -> None:
        """Set the function that says how many requests of the last hour came with no API key or an unknown one,
        since when, and from where. Each heartbeat calls this function, and stores the result."""
        self._unknown_keys = unknown_keys

    async def run(self) -> None:
        """Send heartbeats until cancelled. Then delete this process's heartbeats from the database."""
        try:
            while True:
                try:
                    await self._beat()
                except AWAY:  # no answer: act as if there were work of each kind
                    self._call(dict.fromkeys(self._calls, True))
                await self.wake.wait(self.every_s)
        finally:
            with suppress(*AWAY):
                async with self._database.statement() as connection:
                    await heartbeat.stop(connection, self._process.id)

    async def _beat(self) -> None:
        for feed in self._feeds:
            feed.collect()
        polls: Mapping[str, datetime] = dict(self.polls)
        async with self._database.statement() as connection:
            asked = time.monotonic()
            answered = await heartbeat.beat(connection, self._said())
            self._leases.kept(answered.kept, asked)
            self._call(answered.answers)
            for feed in self._feeds:
                await feed.write(connection)
            if polls:
                await heartbeat.note_polls(connection, list(polls.items()))
        for feed in self._feeds:
            feed.unwritten.clear()
        for partner, at in polls.items():
            if self.polls.get(partner) == at:
                del self.polls[partner]

    def _said(self) -> Beat:
        full = FULL if self._database.is_full else None
        roles, held = [(role, why or full) for role, why in self._waits.items()], self._leases.held()
        return Beat(
            self._process, roles, self._unknown_keys(), held, self._leases.seconds, tuple(self._calls)
        )

    def _call(self, answers: Mapping[str, object]) -> None:
        """Call the function of each kind of work that there is to do. `answers` has the database's answer for each
        kind. There is work to do if the answer is True. There is also work if the answer is neither True nor False,
        and has changed since the last heartbeat."""
        before, self._answers = self._answers, answers
        for name, answer in answers.items():
            changed = answer is not False and answer != before.get(name, answer)
            if answer is True or changed:
                self._calls[name]()
