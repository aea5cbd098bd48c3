"""Files of more rows than are decoded at once, and a process that decodes them."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.partner import SortieBoite
from ops.running.hub import Hub
from router.intake import bulk
from router.intake.bulk import Bulk
from router.process.wakeup import WakeUp
from tests.integration import accidents
from tests.integration.messages import vacancy
from tests.integration.waiting import until
from tests.integration.world import World

CHUNK = 100
ROWS = 2 * CHUNK + 50

BAD = {"commune": "99999"}

BOITE = {"sortie": SortieBoite()}
"""Fields that give the SIAO a mailbox. Thousands of webhooks would measure this process instead of the hub."""


def in_hundreds(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Make a running hub decode files of more than a hundred rows in the background, a hundred at a time."""
    assert world.hub is not None
    intake = world.hub.intake
    monkeypatch.setattr(bulk, "CHUNK_ROWS", CHUNK)
    monkeypatch.setattr(intake, "_sync_rows", CHUNK)
    monkeypatch.setattr(intake.drafting, "_sync_rows", CHUNK)
    return world


def file_of(rows: int) -> list[dict[str, Any]]:
    return [vacancy(f"A-{n}") for n in range(rows)]


async def sent(world: World, body: list[dict[str, Any]], key: str | None = "fichier-1") -> UUID:
    """Send a large file, which must be answered `en_cours`; return its message's id."""
    status, answer = await world.send("centre", body, key)
    assert (status, answer["etat"]) == (202, "en_cours"), answer
    return UUID(answer["id"])


async def decided(world: World, message: UUID, partner: str = "centre") -> Any:
    """Wait until the hub has decoded a file, and return its answer to the sender's question."""

    async def fate() -> Any:
        status, body = await world.get(partner, f"/v1/messages/{message}")
        return body if status == 200 and body["etat"] != "en_cours" else None

    return await until(fate, "le fichier est traité")


def decoder(world: World, kind: type[Bulk] = Bulk, hub: Hub | None = None) -> Any:
    """Return a decoder of large files, as one process of several would run it: that of `hub`, if given."""
    hub = hub or world.hub
    assert hub is not None
    parts = (hub.database, hub.intake.keeper, hub.intake.truth, hub.decoders, hub.keyring, hub.crosswalk)
    return kind(*parts, WakeUp(), hub.lease(str(uuid4())), lambda: hub.registry, hub.backlog)


class Ended(Bulk):
    """A decoder that ends after its first chunk of a message."""

    async def _keep(self, large: Any, chunk: Any, done: int) -> bool:
        return done == 0 and await super()._keep(large, chunk, done)


async def half_way(world: World) -> UUID:
    """Return a file of which one chunk is decoded."""
    message = await sent(world, file_of(ROWS))
    assert await decoder(world, Ended)._next()
    return message


async def lose_the_key_of(world: World, message: UUID) -> None:
    """Delete the key of a message, as if its holder had been forgotten, from tables and cache."""
    assert world.hub is not None
    await accidents.key_is_lost(world, message)
    world.hub.keyring.forget_cached()
