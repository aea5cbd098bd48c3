"""A hub that a test can start, stop and inspect, with its partners."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
from prometheus_client import generate_latest

from contracts.envelope import MAC, Attributes, to_headers
from contracts.partner import Partner
from ops.running.hub import Hub
from ops.running.process import run
from router.domain.messages import topic_of
from router.domain.partners import Registry
from router.domain.roles import AT_WORK, Role
from router.privacy.keyring import Keyring
from router.privacy.protected import seal_structures
from router.settings import Settings
from router.store import registry as registry_store
from router.store.database import Database
from router.telemetry.metrics import REGISTRY
from tests.integration.bus import Bus
from tests.integration.knowing import known
from tests.integration.memory import Memory
from tests.integration.messages import referral, vacancy
from tests.integration.migrated import migrate
from tests.integration.receiver import Receiver
from tests.integration.registry import SECRET, changed, everybody, http, key_of
from tests.integration.waiting import WITNESSES, until


@dataclass(frozen=True)
class Reply:
    """An answer of the gateway."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def media_type(self) -> str:
        return self.headers["Content-Type"].partition(";")[0]


class World(Memory):
    """A hub with its partners: what they send and receive, and what the database holds."""

    def __init__(
        self,
        settings: Settings,
        siao: Receiver,
        shelter: Receiver,
        folder: Path,
        roles: Sequence[Role] = AT_WORK,
    ) -> None:
        super().__init__(settings.database)
        self.settings = settings
        self.roles = roles
        self.siao = siao
        self.shelter = shelter
        self.base = f"http://127.0.0.1:{settings.http.port}"
        self.secret = folder / "secret"
        self.secret.write_text(SECRET)
        self.secret.chmod(0o600)
        self.http = aiohttp.ClientSession()
        self.database = Database(settings.database)
        self.bus = Bus(settings.kafka)
        self.hub: Hub | None = None
        self.worked: set[Role] = set()
        """Roles of all hubs that were started here."""
        self._running: asyncio.Task[None] | None = None
        self._answers: dict[str, str] = {}

    # --- the hub

    async def start(self, *roles: Role) -> None:
        """Start these roles in this process (those of this world if none is given), and wait until they are at
        work."""
        wanted = roles or self.roles
        self.worked |= {*wanted}
        self.hub = await Hub(self.settings, wanted).__aenter__()
        self._running = asyncio.create_task(run(self.hub))
        if Role.GATEWAY in wanted:
            await until(self.ready, "le hub est prêt")
        if Role.RELAY in wanted:
            await until(self.has_relay, "le relais est au travail")
        if Role.WORKER in wanted:
            await self.bus.wait_for_the_workers()

    async def stop(self) -> None:
        """Stop the hub as SIGTERM does: work in flight ends, leases are released."""
        if self._running is not None and self.hub is not None:
            running, self._running = self._running, None
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
            await self.hub.__aexit__()

    async def close(self) -> None:
        await self.stop()
        self.disconnect()
        await self.bus.close()
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
        """Return whether this hub's relay holds the lease of its shard."""
        assert self.hub is not None
        return await self.holds("relay:0", self.hub.process)

    # --- its registry

    def registry(self, **changes: Mapping[str, Any]) -> Registry:
        """Return the usual registry. `changes` replaces fields by partner; `centre_boite` stands for
        `centre-boite`."""
        usual = everybody(http(self.siao.port, self.secret), http(self.shelter.port, self.secret))
        return changed(usual, {name.replace("_", "-"): fields for name, fields in changes.items()})

    def registry_with(self, *partners: Partner, **changes: Mapping[str, Any]) -> Registry:
        """Return the usual registry, changed, with further partners."""
        return Registry.of([*self.registry(**changes).partners.values(), *partners])

    async def apply(self, registry: Registry) -> None:
        """Apply a registry, and wait until the running hub uses it."""
        await self.write_registry(registry)
        await until(lambda: self.hub and self.hub.registry == registry, "le hub suit le registre")

    async def write_registry(self, registry: Registry) -> None:
        """Apply a registry with its lists of protected structures sealed, without waiting for a hub."""
        await registry_store.apply(self.database, await self.as_it_rests(registry), "test")

    async def as_it_rests(self, registry: Registry) -> Registry:
        """Return the registry in its stored form, with sealed lists of protected structures."""
        lists = {p.id: p.structures_protegees for p in registry.partners.values() if p.structures_protegees}
        sealed = {i: {"structures_protegees": await self.sealed_list(i, *lists[i])} for i in lists}
        return changed(registry.partners.values(), sealed)

    async def sealed_list(self, partner: str, *structures: str) -> str:
        """Return a list of protected structures, sealed as `siao-hub partners sceller` does it."""
        async with self.database.transaction() as connection:
            return await seal_structures(connection, Keyring.of(self.settings), partner, structures)

    # --- its door

    async def post(self, body: Any, query: str = "", path: str = "/v1/messages", **headers: str) -> Reply:
        """Send a POST, in JSON unless the body is bytes. In names of headers, `_` stands for `-`."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        data = body if isinstance(body, bytes) else as_json(body)
        async with self.http.post(f"{self.base}{path}{query}", data=data, headers=sent) as response:
            reply = Reply(response.status, response.headers, await response.json(content_type=None))
        self._answered("POST", path + query, reply.status, reply.body)
        return reply

    async def send(
        self, partner: str, body: Any, key: str | None = None, query: str = "", **headers: str
    ) -> tuple[int, Any]:
        """Send a partner's message; return status and body of the answer."""
        headers["Authorization"] = f"Bearer {key_of(partner)}"
        if key is not None:
            headers["Idempotency_Key"] = key
        reply = await self.post(body, query, **headers)
        return reply.status, reply.body

    async def accepted(self, partner: str, body: Any, *args: str, **headers: str) -> Any:
        """Send a partner's message, which the hub must accept; return the body of the answer."""
        status, answer = await self.send(partner, body, *args, **headers)
        assert status == 202, (status, answer)
        return answer

    async def refused_by_the_siao(self, body: Any) -> None:
        """Send a message of the shelter, and wait until the SIAO has refused its delivery."""
        self.siao.status = 422
        await self.accepted("centre", body)

        async def is_refused() -> bool:
            return any(each.etat == "refusee" for each in await self.deliveries("siao-01"))

        await until(is_refused, "le SIAO refuse")

    async def get(self, partner: str, path: str) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {key_of(partner)}"}
        async with self.http.get(self.base + path, headers=headers) as response:
            status, body = response.status, await response.json(content_type=None)
        self._answered("GET", path, status, body)
        return status, body

    def _answered(self, method: str, path: str, status: int, body: Any) -> None:
        asked = f"{method} {path}"
        self._answers.pop(asked, None)  # a wait repeats its question
        self._answers[asked] = f"{asked} : {status} {body}"[:1000]

    async def measured(self) -> str:
        """Return the metrics of this process."""
        return generate_latest(REGISTRY).decode()

    async def collected(self, partner: str, count: int) -> list[dict[str, Any]]:
        """Fetch and acknowledge messages from a partner's mailbox until there are `count` of them; return them in
        order."""
        taken: list[dict[str, Any]] = []

        async def enough() -> bool:
            _, box = await self.get(partner, "/v1/boite")
            for envoi in box["envois"]:
                taken.append((await self.get(partner, f"/v1/boite/{envoi['cle']}"))[1])
                headers = {"Authorization": f"Bearer {key_of(partner)}"}
                await self.post(b"", path=f"/v1/boite/{envoi['cle']}/accuse", **headers)
            return len(taken) >= count

        await until(enough, f"{count} envoi(s) dans la boîte de {partner}")
        return taken

    # --- its bus

    async def publish(self, attributes: Attributes, payload: bytes, groupe: str | None = None) -> None:
        """Write a record with a valid proof to Kafka, as the hub does. `groupe`: topic for a type that has none
        here."""
        assert self.hub is not None
        proof = (MAC, self.hub.prover.mac(attributes, payload).hex().encode())
        groupe, key = groupe or topic_of(attributes.type).groupe, str(attributes.subject).encode()
        await self.bus.publish(groupe, payload, [*to_headers(attributes), proof], key)

    # --- its work

    async def knows(self) -> str:
        """Return the latest answers of the gateway, and what the tables hold."""
        return "\n".join(["— réponses", *list(self._answers.values())[-5:], await known(self.database)])

    async def settled(self) -> None:
        """Wait until every event is applied and every delivery that can be made is made."""
        await until(self.at_rest, "tout est appliqué et livré")

    # --- stories

    async def known_place(self, code: str = "A-101") -> str:
        """Send a vacancy, and return the hub's id of the place once the SIAO has it."""
        before = len(self.siao.messages)
        status, _ = await self.send("centre", vacancy(code))
        assert status == 202
        await until(lambda: len(self.siao.messages) > before, "la vacance arrive au SIAO")
        return str(self.siao.messages[-1]["place"]["identifiantExterne"])

    async def referred(self, number: int = 4711, code: str = "A-101") -> str:
        """Send a referral to a new place, and return the hub's id of it once the shelter has it."""
        place = await self.known_place(code)
        before = len(self.shelter.messages)
        status, body = await self.send("siao-01", referral(place, number))
        assert status == 202, body
        await until(lambda: len(self.shelter.messages) > before, "l'orientation arrive au centre")
        return str(self.shelter.messages[-1]["orientation"])


def as_json(body: Any) -> aiohttp.BytesIOPayload:
    """Return a JSON body for aiohttp that may be large."""
    return aiohttp.BytesIOPayload(BytesIO(json.dumps(body).encode()), content_type="application/json")


async def prepare(world: World) -> None:
    """Make tables and registry, before the first start."""
    await migrate(await world.own(), world.settings.database)
    await registry_store.apply(world.database, world.registry(), "test")


@asynccontextmanager
async def opened(world: World) -> AsyncIterator[World]:
    """Give a world that is ready to start; close it when the block ends."""
    WITNESSES.append(world)
    try:
        await prepare(world)
        yield world
    finally:
        WITNESSES.remove(world)
        await world.close()
