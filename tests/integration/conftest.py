"""A hub on real Kafka and PostgreSQL, in this process, with a SIAO and shelters as real HTTP servers."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from contracts.partner import ClasseLivraison, Famille, Partner, SortieBoite, SortieHttp
from deploy.local import Parts
from deploy.local.ports import reserved_ports
from router.hub import Hub, Role
from router.partners import Registry
from router.settings import DatabaseSettings, HttpSettings, KafkaSettings, Settings
from router.store import registry as registry_store
from router.store.migrations import upgrade

DEADLINE_SECONDS = 40.0
FINESS = "010000024"
AUTRE_FINESS = "010000032"
SIRET_BAILLEUR = "26010004500012"


async def until(condition: Callable[[], Any], what: str = "la condition") -> Any:
    """The first true value of a condition (which may be a coroutine function), or a failure at the deadline."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + DEADLINE_SECONDS
    while True:
        value = condition()
        if isinstance(value, Awaitable):
            value = await value
        if value:
            return value
        assert loop.time() < deadline, f"{what} : rien après {DEADLINE_SECONDS:.0f} s"
        await asyncio.sleep(0.02)


class Receiver:
    """A partner's HTTP server: keeps what it got; answers what `status` says."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.messages: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.status = 204

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Receiver"]:
        app = web.Application()
        app.router.add_post("/", self._take)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self.port).start()
        try:
            yield self
        finally:
            await runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        if self.status < 300:
            self.messages.append(await request.json())
            self.keys.append(request.headers["webhook-id"])
        return web.Response(status=self.status)

    def of_type(self, name: str) -> list[dict[str, Any]]:
        return [message for message in self.messages if message["type"] == name]


def key_of(partner: str) -> str:
    return f"cle-de-{partner}"


def entry(ident: str, famille: Famille, dialecte: str, **more: Any) -> Partner:
    digest = hashlib.sha256(key_of(ident).encode()).hexdigest()
    return Partner(
        id=ident,
        nom=ident,
        famille=famille,
        territoire="01",
        dialectes=(dialecte,),
        dialecte_sortant=dialecte,
        cles_api=(f"sha256:{digest}",),
        livraison=ClasseLivraison.DEDUPLIQUE,
        **more,
    )


class World:
    """A running hub and its partners."""

    def __init__(self, settings: Settings, siao: Receiver, shelter: Receiver, secret: Path) -> None:
        self.settings = settings
        self.siao = siao
        self.shelter = shelter
        self.base = f"http://127.0.0.1:{settings.http.port}"
        self._secret = f"file:{secret}"
        self.http = aiohttp.ClientSession()
        self.hub: Hub | None = None
        self._running: asyncio.Task[None] | None = None

    def registry(self, **shelter: Any) -> Registry:
        out = {"sortie": SortieHttp(url=f"http://127.0.0.1:{self.shelter.port}/", secret=self._secret)}
        return Registry.of(
            [
                entry(
                    "siao-01",
                    Famille.SIAO,
                    "si_siao_json",
                    sortie=SortieHttp(url=f"http://127.0.0.1:{self.siao.port}/", secret=self._secret),
                ),
                entry(
                    "centre",
                    Famille.HEBERGEMENT,
                    "hebergement_json",
                    structures=(FINESS,),
                    **{**out, **shelter},
                ),
                entry(
                    "centre-boite",
                    Famille.HEBERGEMENT,
                    "hebergement_json",
                    structures=(AUTRE_FINESS,),
                    sortie=SortieBoite(),
                ),
            ]
        )

    async def start(self) -> None:
        self.hub = await Hub(self.settings).__aenter__()
        self._running = asyncio.create_task(self.hub.run(list(Role)))
        await until(self.ready, "le hub est prêt")

    async def stop(self) -> None:
        if self._running is not None and self.hub is not None:
            self._running.cancel()
            with suppress(asyncio.CancelledError):
                await self._running
            await self.hub.__aexit__()
            self._running = None

    async def ready(self) -> bool:
        if self._running is not None and self._running.done():
            self._running.result()
        with suppress(aiohttp.ClientError):
            async with self.http.get(f"{self.base}/readyz") as response:
                return response.status == 200
        return False

    async def send(
        self, partner: str, body: Any, key: str | None = None, query: str = "", **headers: str
    ) -> tuple[int, Any]:
        headers["Authorization"] = f"Bearer {key_of(partner)}"
        if key is not None:
            headers["Idempotency-Key"] = key
        data = body if isinstance(body, bytes) else aiohttp.JsonPayload(body)
        async with self.http.post(f"{self.base}/v1/messages{query}", data=data, headers=headers) as response:
            return response.status, await response.json(content_type=None)

    async def get(self, partner: str, path: str) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {key_of(partner)}"}
        async with self.http.get(self.base + path, headers=headers) as response:
            return response.status, await response.json(content_type=None)


@pytest.fixture
def ports() -> Iterator[list[int]]:
    with reserved_ports(3) as free:
        yield free


@pytest.fixture
async def world(
    parts: Parts, schema: str, prefix: str, ports: list[int], tmp_path: Path
) -> AsyncIterator[World]:
    database = DatabaseSettings(url=parts.database_url, schema_name=schema)
    settings = Settings(
        master_key="11" * 32,  # type: ignore[arg-type]  pydantic reads it
        erasures_file=tmp_path / "effacements.jsonl",
        database=database,
        kafka=KafkaSettings(bootstrap=parts.bootstrap, prefix=f"{prefix}siao"),
        http=HttpSettings(port=ports[0]),
    )
    secret = tmp_path / "secret"
    secret.write_text("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLasw")
    await asyncio.to_thread(upgrade, database)
    async with Receiver(ports[1]).running() as siao, Receiver(ports[2]).running() as shelter:
        world = World(settings, siao, shelter, secret)
        hub = Hub(settings)
        await registry_store.apply(hub.database, world.registry(), "test")
        await hub.database.close()
        await world.start()
        try:
            yield world
        finally:
            await world.stop()
            await world.http.close()


def vacancy(place: str = "A-101", **more: Any) -> dict[str, Any]:
    """A vacant place as the shelter's software tells it."""
    return {
        "type": "place.vacante",
        "place": place,
        "structure": FINESS,
        "commune": "01451",
        "dispositif": "INSERTION",
        "capacite": 1,
        **more,
    }


def referral(place: str, number: int = 4711) -> dict[str, Any]:
    """A referral as SI-SIAO tells it."""
    return {
        "idMessage": f"m-{number}",
        "type": "orientation.proposee",
        "orientation": {"id": number, "dispositif": "INSERTION"},
        "place": {"identifiantExterne": place},
        "ficheGroupe": {
            "id": number * 10,
            "composition": 10,
            "nbAdultes": 1,
            "personnes": [{"nom": "Fictif", "prenom": "Camille", "sexe": "M"}],
            "telephone": "01 00 00 00 00",
            "situationDemande": 25,
            "victimeViolences": "NON",
        },
    }
