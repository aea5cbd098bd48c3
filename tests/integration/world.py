"""A hub that can be started, stopped and looked into, and its partners."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg

from router.domain.partners import Registry
from router.hub import Hub
from router.roles import Role
from router.settings import Settings
from router.store import registry as registry_store
from router.store.database import Database
from router.store.migrations import upgrade
from tests.integration.bus import Bus
from tests.integration.messages import referral, vacancy
from tests.integration.receiver import Receiver
from tests.integration.registry import SECRET, changed, everybody, http, key_of
from tests.integration.waiting import until

STATE = {
    "event": "SELECT id, type, subject, payload FROM event ORDER BY id",
    "subject": "SELECT id, etat, version, donnees, menage FROM subject ORDER BY id",
    "delivery": "SELECT id, partner, subject, event_id, etat FROM delivery ORDER BY id",
    "outcome": "SELECT event_id, kind, reason FROM outcome ORDER BY event_id, kind",
    "quarantine": "SELECT id, etat, cause, event_id, subject FROM quarantine ORDER BY id",
    "outbox": "SELECT event_id FROM outbox ORDER BY event_id",
}
"""Everything that an event could change."""

BLOCKED = """
SELECT 1 FROM pg_locks AS waits JOIN pg_locks AS holds USING (pid) JOIN pg_class ON pg_class.oid = holds.relation
WHERE NOT waits.granted AND relnamespace = current_schema()::regnamespace
"""


@dataclass(frozen=True)
class Reply:
    """An answer of the door."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def media_type(self) -> str:
        return self.headers["Content-Type"].partition(";")[0]


class World:
    """A hub and its partners: what goes in by the door, what comes out, what the database says."""

    def __init__(self, settings: Settings, siao: Receiver, shelter: Receiver, folder: Path) -> None:
        self.settings = settings
        self.siao = siao
        self.shelter = shelter
        self.base = f"http://127.0.0.1:{settings.http.port}"
        self.secret = folder / "secret"
        self.secret.write_text(SECRET)
        self.http = aiohttp.ClientSession()
        self.database = Database(settings.database)
        self.bus = Bus(settings.kafka)
        self.hub: Hub | None = None
        self._running: asyncio.Task[None] | None = None
        self._own: asyncpg.Connection | None = None

    # --- the hub

    async def start(self, *roles: Role) -> None:
        """Start these roles (all, if none is named) in this process, and wait until they are at work."""
        wanted = roles or tuple(Role)
        self.hub = await Hub(self.settings).__aenter__()
        self._running = asyncio.create_task(self.hub.run(wanted))
        if Role.GATEWAY in wanted:
            await until(self.ready, "le hub est prêt")
        if Role.RELAY in wanted:
            await until(self.has_relay, "le relais est au travail")
        if Role.WORKER in wanted:
            await self.bus.wait_for_the_workers()

    async def stop(self) -> None:
        """As SIGTERM does: what is in flight ends, leases are given back."""
        if self._running is not None and self.hub is not None:
            running, self._running = self._running, None
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
            await self.hub.__aexit__()

    async def close(self) -> None:
        await self.stop()
        if self._own is not None:
            self._own.terminate()
        await self.database.close()
        await self.http.close()

    @property
    def alive(self) -> bool:
        """Whether every role still runs."""
        return self._running is not None and not self._running.done()

    async def ready(self) -> bool:
        if self._running is not None and self._running.done():
            self._running.result()
        with suppress(aiohttp.ClientError):
            async with self.http.get(f"{self.base}/readyz") as response:
                return response.status == 200
        return False

    async def has_relay(self) -> bool:
        """Whether this hub's relay holds its shard."""
        assert self.hub is not None
        holder = self.hub.holder
        return bool(await self.sql("SELECT 1 FROM lease WHERE name = 'relay:0' AND holder = $1", holder))

    # --- its registry

    def registry(self, **changes: Mapping[str, Any]) -> Registry:
        """The usual partners; `changes` replace fields, by partner (`centre_boite` for `centre-boite`)."""
        usual = everybody(http(self.siao.port, self.secret), http(self.shelter.port, self.secret))
        return changed(usual, {name.replace("_", "-"): fields for name, fields in changes.items()})

    async def apply(self, registry: Registry) -> None:
        """Apply a registry, and wait until the running hub has taken it up."""
        await registry_store.apply(self.database, registry, "test")
        await until(lambda: self.hub and self.hub.registry == registry, "le hub suit le registre")

    # --- its door

    async def post(self, body: Any, query: str = "", path: str = "/v1/messages", **headers: str) -> Reply:
        """POST a body, as JSON unless it is bytes; header names with `_` for `-`."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        data = body if isinstance(body, bytes) else aiohttp.JsonPayload(body)
        async with self.http.post(f"{self.base}{path}{query}", data=data, headers=sent) as response:
            return Reply(response.status, response.headers, await response.json(content_type=None))

    async def send(
        self, partner: str, body: Any, key: str | None = None, query: str = "", **headers: str
    ) -> tuple[int, Any]:
        """A message of a partner: status and body of the answer."""
        headers["Authorization"] = f"Bearer {key_of(partner)}"
        if key is not None:
            headers["Idempotency_Key"] = key
        reply = await self.post(body, query, **headers)
        return reply.status, reply.body

    async def get(self, partner: str, path: str) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {key_of(partner)}"}
        async with self.http.get(self.base + path, headers=headers) as response:
            return response.status, await response.json(content_type=None)

    # --- its memory

    async def sql(self, query: str, *values: object) -> list[Any]:
        """Rows of a query on the hub's tables, from a connection of the test's own."""
        if self._own is None or self._own.is_closed():
            self._own = await self.connect()
        return list(await self._own.fetch(query, *values))

    async def connect(self) -> asyncpg.Connection:
        """A connection on the hub's tables; who asks for it closes it."""
        database = self.settings.database
        path = f"{database.schema_name},{database.keys_schema}"
        dsn = database.url.replace("+asyncpg", "", 1)
        return await asyncpg.connect(dsn, server_settings={"search_path": path})

    async def count(self, table: str) -> int:
        return int((await self.sql(f"SELECT count(*) FROM {table}"))[0][0])  # noqa: S608  our own name

    async def state(self) -> dict[str, list[tuple[Any, ...]]]:
        """Everything that an event could change, to be compared."""
        return {name: [tuple(row) for row in await self.sql(query)] for name, query in STATE.items()}

    async def blocked(self) -> bool:
        """Whether a transaction on this hub's tables waits for another one."""
        return bool(await self.sql(BLOCKED))

    async def settled(self) -> None:
        """Wait until every event is applied and every delivery that can be made is made."""
        await until(self._is_settled, "tout est appliqué et livré")

    async def _is_settled(self) -> bool:
        waiting = (
            "SELECT 1 FROM outbox UNION ALL SELECT 1 FROM delivery WHERE etat IN ('en_attente', 'en_vol')"
        )
        return not await self.sql(waiting)

    # --- stories

    async def known_place(self, code: str = "A-101") -> str:
        """The hub's id of a place that the SIAO has just heard of."""
        before = len(self.siao.messages)
        status, _ = await self.send("centre", vacancy(code))
        assert status == 202
        await until(lambda: len(self.siao.messages) > before, "la vacance arrive au SIAO")
        return str(self.siao.messages[-1]["place"]["identifiantExterne"])

    async def referred(self, number: int = 4711, code: str = "A-101") -> str:
        """The hub's id of a referral that the shelter has just received."""
        place = await self.known_place(code)
        before = len(self.shelter.messages)
        status, body = await self.send("siao-01", referral(place, number))
        assert status == 202, body
        await until(lambda: len(self.shelter.messages) > before, "l'orientation arrive au centre")
        return str(self.shelter.messages[-1]["orientation"])


async def prepare(world: World) -> None:
    """Tables and registry, before the first start."""
    await asyncio.to_thread(upgrade, world.settings.database)
    await registry_store.apply(world.database, world.registry(), "test")


@asynccontextmanager
async def opened(world: World) -> AsyncIterator[World]:
    """A world that is ready to start, and ends with the block."""
    try:
        await prepare(world)
        yield world
    finally:
        await world.close()
