"""Processes that take over from merged SIAO, replace a key or import a file, and are killed (SIGKILL) on the way."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import ops.importing.importing
from contracts.ports import IntakeReport
from ops.importing.printed import Asked, run
from ops.rotation import fingerprints
from ops.territories.merging import merge
from router.intake.receive import Intake
from router.leased import handing_over, successions
from router.process.leases import Leases
from router.process.wakeup import WakeUp
from router.settings import Settings
from router.store import registry as registry_store
from router.store.database import Database
from tests.integration.desk import FORKS
from tests.integration.waiting import PATIENCE_SECONDS


class Mortal(Database):
    """A database whose process kills itself at its n-th transaction, before or after the commit."""

    def __init__(self, settings: Any, dies_at: int, *, before: bool) -> None:
        super().__init__(settings)
        self._left, self._before = dies_at, before

    @asynccontextmanager
    async def transaction(self, *args: Any, **more: Any) -> AsyncIterator[Any]:
        async with super().transaction(*args, **more) as connection:
            yield connection
            self._left -= 1
            if self._before:
                self._die()
        self._die()

    def _die(self) -> None:
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def merging(settings: Settings, siaos: list[str], vers: str) -> int:
    """Begin a merger in a process that is killed right before the commit; return its exit status."""
    return _run(_begin, settings, siaos, vers)


def taking_over(settings: Settings, dies_at: int) -> int:
    """Take over from merged SIAO, one subject at a time, in a process that is killed after its n-th commit; return
    its exit status."""
    return _run(_round, settings, dies_at)


def turning(settings: Settings, what: str, dies_at: int, before: bool) -> int:
    """Replace or retire the HMAC key, one partner's id in each transaction, in a process that is killed at its n-th
    commit; return its exit status."""
    return _run(_turning, settings, what, dies_at, before)


def _turning(settings: Settings, what: str, dies_at: int, before: bool) -> None:
    database = Mortal(settings.database, dies_at, before=before)
    with patch.object(fingerprints, "BATCH", 1):
        asyncio.run(getattr(fingerprints, what)(settings, database, "test"))


def _run(what: Any, *args: Any) -> int:
    process = FORKS.Process(target=what, args=args)
    process.start()
    process.join(PATIENCE_SECONDS)
    if process.exitcode is None:
        process.kill()
        raise AssertionError(f"le processus vit encore après {PATIENCE_SECONDS:.0f} s")
    return process.exitcode


def _begin(settings: Settings, siaos: list[str], vers: str) -> None:
    asyncio.run(merge(Mortal(settings.database, 1, before=True), siaos, vers, "cli:test", "fusion"))


def _round(settings: Settings, dies_at: int) -> None:
    with patch.object(successions, "BATCH", 1), patch.object(handing_over, "AT_ONCE", 1):
        asyncio.run(_one_round(settings, dies_at))


async def _one_round(settings: Settings, dies_at: int) -> None:
    database = Mortal(settings.database, dies_at, before=False)
    async with database.statement() as connection:
        registry = await registry_store.read(connection)
    lease = Leases(database, uuid4(), 0.1).named("fusions")
    while not await lease.take():  # noqa: ASYNC110  the killed process's lease lasts a moment longer
        await asyncio.sleep(0.02)
    await successions.Successions(database, lease, lambda: registry, WakeUp())._work()
    await lease.release()
    await database.close()


def importing(settings: Settings, asked: Asked, dies_after: int) -> int:
    """Import a file, five rows at a time, in a process that is killed once `dies_after` pieces are accepted; return
    its exit status."""
    return _run(_import, settings, asked, dies_after)


def _import(settings: Settings, asked: Asked, dies_after: int) -> None:
    left = dies_after

    class Mortal(Intake):
        async def receive(self, *args: Any, **more: Any) -> IntakeReport:
            nonlocal left
            report = await super().receive(*args, **more)
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return report

    with patch("ops.running.hub.Intake", Mortal), patch.object(ops.importing.importing, "PIECE_ROWS", 5):
        raise SystemExit(asyncio.run(run(settings, asked, trial=False, as_json=True)))
