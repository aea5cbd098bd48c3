"""Whoever writes fingerprints while their key changes: neither waits for the other for ever."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import pytest

from router.intake.decoding import INLINE_ROWS
from router.store import hmac_keys
from router.store.database import Connection
from router.store.hmac_keys import FINGERPRINTED
from router.store.sql import Sql
from tests.integration import lasting
from tests.integration.large_files import decided, decoder
from tests.integration.memory import pid_of
from tests.integration.test_families import household
from tests.integration.test_forgetting import forgotten
from tests.integration.test_numbers import NUR
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
door = lasting.door
WRITES = re.compile(rf"\b(?:INSERT INTO|UPDATE|DELETE FROM) ({'|'.join(FINGERPRINTED)})\b")


def ready(number: int) -> dict[str, Any]:
    """A household that the SIAO declares ready, with its numéro unique."""
    return {
        "idMessage": number,
        "type": "menage.pret-logement.declare",
        "ficheGroupe": household() | {"id": number, "numeroUnique": NUR},
        "logement": {"departement": "01", "dateEvaluation": "2026-03-01"},
    }


class Undone(Exception):
    """Raised to leave the old key in use."""


class KeyChange:
    """A change of the key that begins, once it is due, right after the next fingerprint that somebody writes. It is
    undone at its end."""

    def __init__(self, world: World) -> None:
        self.due = False
        self.written: dict[str, None] = {}
        """Tables of fingerprints that the other transaction wrote, each once, in order."""
        self.refused: list[Exception] = []
        self._world = world
        self._pid = 0
        self._change: asyncio.Task[None] | None = None

    async def noted(self, statement: str, connection: Connection) -> None:
        tables = WRITES.findall(statement)
        if not self.due or not tables:
            return
        pid = await pid_of(connection)
        if self._change is None:
            self._pid, self._change = pid, asyncio.create_task(self._turned())
            await until(lambda: self._world.waits_for(pid), "le changement de clé attend")
        if pid == self._pid:
            self.written |= dict.fromkeys(tables)

    async def over(self) -> None:
        assert self._change is not None, "rien n'a été écrit"
        await self._change

    async def _turned(self) -> None:
        with suppress(Undone):
            async with self._world.database.transaction() as connection:
                await hmac_keys.write_with(connection, b"new", b"")
                raise Undone


@pytest.fixture
def change(door: World, monkeypatch: pytest.MonkeyPatch) -> KeyChange:
    change = KeyChange(door)
    for name in ("all", "first", "run"):
        monkeypatch.setattr(Sql, name, followed(change, getattr(Sql, name)))
    return change


def followed(change: KeyChange, run: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def run_and_note(self: Sql, connection: Connection, **values: object) -> Any:
        try:
            done = await run(self, connection, **values)
        except Exception as exc:
            change.refused.append(exc)
            raise
        await change.noted(self._text, connection)
        return done

    return run_and_note


async def a_message(door: World, change: KeyChange) -> None:
    change.due = True
    await door.accepted("siao-01", [ready(1), ready(2)])


async def a_large_file(door: World, change: KeyChange) -> None:
    assert door.hub is not None
    intake = door.hub.intake
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(intake, "_sync_rows", 1)
        patched.setattr(intake.drafting, "_sync_rows", 1)
        large = await door.accepted("siao-01", [ready(number) for number in range(INLINE_ROWS + 1)])
    assert large["etat"] == "en_cours", large
    change.due = True
    assert await decoder(door)._next()
    assert (await decided(door, large["id"], "siao-01"))["etat"] == "accepte"


async def an_erasure(door: World, change: KeyChange) -> None:
    await door.accepted("siao-01", ready(1))
    (one,) = await door.called("menage")
    change.due = True
    assert await forgotten(door, one, force=True) > 0


@pytest.mark.parametrize(
    ("write", "fingerprinted"),
    [(a_message, FINGERPRINTED), (a_large_file, FINGERPRINTED), (an_erasure, FINGERPRINTED[1:])],
)
async def test_who_writes_fingerprints_and_who_changes_their_key_never_wait_for_each_other(
    door: World,
    change: KeyChange,
    write: Callable[[World, KeyChange], Awaitable[None]],
    fingerprinted: tuple[str, ...],
) -> None:
    await write(door, change)
    await change.over()
    assert (change.refused, tuple(change.written)) == ([], fingerprinted)
