"""Beat every few seconds: one statement says that the process lives, keeps its leases, and asks what there is to do.

It also carries what the process found about its partners since the last beat. A lost wake-up is made good within
`every_s` seconds. While the database is away, the news waits for the first beat after it.
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
from router.store.heartbeat import Beat, ContactNews, Process, Read


class Heart:
    """The heartbeat of one process, with its roles and the reason why each waits. Setting `wake` brings the next beat
    forward."""

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
        self._news: list[Callable[[], Iterable[ContactNews]]] = []
        self._unknown_keys: Callable[[], int] = int
        self._unwritten: dict[str, ContactNews] = {}
        self._reading_news: list[Callable[[], Iterable[Read]]] = []
        self._unread: dict[str, Read] = {}
        self._calls: Mapping[str, Callable[[], None]] = {}
        self._answers: Mapping[str, object] = {}
        self.every_s = min(BEAT_SECONDS, leases.keep_every_s)
        self.polls: MutableMapping[str, datetime] = {}
        """Times at which partners looked into their mailboxes, since the last beat."""
        self.wake = WakeUp()

    def begins(self, roles: Iterable[Role]) -> None:
        """Give the process these roles."""
        self._waits = dict.fromkeys(roles)

    @property
    def waits_for_nothing(self) -> bool:
        """Return whether all roles of the process work."""
        return not any(self._waits.values())

    def says(self, role: Role) -> Callable[[str | None], None]:
        """Return a function that a role calls with the reason why it waits, in French, and with None once it works
        again."""

        def told(waits_for: str | None) -> None:
            if self._waits.get(role) != waits_for:
                self._waits[role] = waits_for
                self.wake.set()

        return told

    def listens(self, news: Callable[[], Iterable[ContactNews]]) -> None:
        """Write, with each beat, what `news` returns about partners. It returns each piece of news once."""
        self._news.append(news)

    def reads(self, news: Callable[[], Iterable[Read]]) -> None:
        """Write, with each beat, what `news` returns about sources. It returns each piece of news once."""
        self._reading_news.append(news)

    def asks(self, calls: Mapping[str, Callable[[], None]]) -> None:
        """Ask, with each beat, these questions of `undone`, and make the call of each that is answered yes."""
        self._calls = calls

    def counts(self, unknown_keys: Callable[[], int]) -> None:
        """Write, with each beat, how many requests of the last hour had no known key."""
        self._unknown_keys = unknown_keys

    async def run(self) -> None:
        """Beat until cancelled, then record the end of the process, so that no other waits for its next beat."""
        try:
            while True:
                try:
                    await self._beat()
                except AWAY:  # without an answer, everybody looks
                    self._call(dict.fromkeys(self._calls, True))
                await self.wake.wait(self.every_s)
        finally:
            with suppress(*AWAY):
                async with self._database.statement() as connection:
                    await heartbeat.stop(connection, self._process.id)

    async def _beat(self) -> None:
        for news in self._news:
            self._unwritten |= {found.partner: found for found in news()}
        for reads in self._reading_news:
            self._unread |= {read.partner: read for read in reads()}
        polls: Mapping[str, datetime] = dict(self.polls)
        async with self._database.statement() as connection:
            asked = time.monotonic()
            said = await heartbeat.beat(connection, self._said())
            self._leases.kept(said.kept, asked)
            self._call(said.answers)
            if self._unwritten:
                await heartbeat.note_contacts(connection, list(self._unwritten.values()))
            if self._unread:
                await heartbeat.read_from(connection, list(self._unread.values()))
            if polls:
                await heartbeat.note_polls(connection, list(polls.items()))
        self._unwritten.clear()
        self._unread.clear()
        for partner, at in polls.items():
            if self.polls.get(partner) == at:
                del self.polls[partner]

    def _said(self) -> Beat:
        roles, held = list(self._waits.items()), self._leases.held()
        return Beat(
            self._process, roles, self._unknown_keys(), held, self._leases.seconds, tuple(self._calls)
        )

    def _call(self, answers: Mapping[str, object]) -> None:
        """Make the calls whose answer is true, or has changed."""
        before, self._answers = self._answers, answers
        for name, answer in answers.items():
            changed = answer is not False and answer != before.get(name, answer)
            if answer is True or changed:
                self._calls[name]()
