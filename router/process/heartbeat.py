"""A process says every few seconds that it lives, and what it found of its partners since it last did; with the same
statement it keeps its leases and asks what there may be to do.

A wake-up that was lost is so made good within `every_s` seconds. A database that is away is waited for: what was found
meanwhile goes with the first beat after it.
"""

import os
import socket
import time
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import version
from uuid import UUID

from router.domain.roles import Role
from router.domain.vitals import BEAT_SECONDS
from router.process.births import birth_of
from router.process.leases import Leases
from router.process.wakeup import WakeUp
from router.store import heartbeat
from router.store.database import AWAY, Database
from router.store.heartbeat import Beat, Found, Process


class Heart:
    """The heartbeat of one process: its roles, each with what it waits for. `wake` brings the next beat forward."""

    def __init__(self, database: Database, ident: UUID, leases: Leases) -> None:
        self._database = database
        self._leases = leases
        self._process = Process(
            ident,
            socket.gethostname(),
            os.getpid(),
            version("siao-hub"),
            datetime.now(UTC),
            birth_of(os.getpid()),
        )
        self._waits: dict[Role, str | None] = {}
        self._news: list[Callable[[], Iterable[Found]]] = []
        self._unknown_keys: Callable[[], int] = int
        self._unwritten: dict[str, Found] = {}
        self._calls: Mapping[str, Callable[[], None]] = {}
        self._answers: Mapping[str, object] = {}
        self.every_s = min(BEAT_SECONDS, leases.keep_every_s)
        self.polls: MutableMapping[str, datetime] = {}
        """When partners looked into their mailboxes, since the last beat."""
        self.wake = WakeUp()

    def begins(self, roles: Iterable[Role]) -> None:
        """From now on the process has these roles."""
        self._waits = dict.fromkeys(roles)

    @property
    def waits_for_nothing(self) -> bool:
        """Whether all roles of the process work."""
        return not any(self._waits.values())

    def says(self, role: Role) -> Callable[[str | None], None]:
        """What a role calls with what it waits for, in French; with None once it works again."""

        def told(waits_for: str | None) -> None:
            if self._waits.get(role) != waits_for:
                self._waits[role] = waits_for
                self.wake.set()

        return told

    def listens(self, news: Callable[[], Iterable[Found]]) -> None:
        """With each beat, note what this gives of partners; it gives each piece of news once."""
        self._news.append(news)

    def asks(self, calls: Mapping[str, Callable[[], None]]) -> None:
        """With each beat, ask these questions of `undone`, and call where there may be something."""
        self._calls = calls

    def counts(self, unknown_keys: Callable[[], int]) -> None:
        """With each beat, note how many requests of the last hour came without a known key."""
        self._unknown_keys = unknown_keys

    async def run(self) -> None:
        """Until cancelled; on the way out nobody is left to wait for the next beat."""
        try:
            while True:
                try:
                    await self._beat()
                except AWAY:  # who cannot ask knows nothing: everybody looks
                    self._call(dict.fromkeys(self._calls, True))
                await self.wake.wait(self.every_s)
        finally:
            with suppress(*AWAY):
                async with self._database.statement() as connection:
                    await heartbeat.stop(connection, self._process.id)

    async def _beat(self) -> None:
        for news in self._news:
            self._unwritten |= {found.partner: found for found in news()}
        polls: Mapping[str, datetime] = dict(self.polls)
        async with self._database.statement() as connection:
            asked = time.monotonic()
            said = await heartbeat.beat(connection, self._said())
            self._leases.kept(said.kept, asked)
            self._call(said.answers)
            if self._unwritten:
                await heartbeat.found(connection, list(self._unwritten.values()))
            if polls:
                await heartbeat.polled(connection, list(polls.items()))
        self._unwritten.clear()
        for partner, at in polls.items():
            if self.polls.get(partner) == at:
                del self.polls[partner]

    def _said(self) -> Beat:
        roles, held = list(self._waits.items()), self._leases.held()
        return Beat(
            self._process, roles, self._unknown_keys(), held, self._leases.seconds, tuple(self._calls)
        )

    def _call(self, answers: Mapping[str, object]) -> None:
        """Wake up for what is true, and for what is not as it was."""
        before, self._answers = self._answers, answers
        for name, answer in answers.items():
            changed = answer is not False and answer != before.get(name, answer)
            if answer is True or changed:
                self._calls[name]()
