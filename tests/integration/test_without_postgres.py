"""PostgreSQL goes away and comes back: nobody is told what is not true, and nobody restarts anything."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from functools import partial

import pytest

from contracts.errors import BusUnavailable
from deploy.local.postgres import PostgresServer, local_postgres
from router.settings import DatabaseSettings, Settings
from router.store.database import Database
from tests.integration.messages import vacancy
from tests.integration.registry import http, key_of
from tests.integration.waiting import until
from tests.integration.world import World

CENTRE = {"Authorization": f"Bearer {key_of('centre')}"}
STARTING_UP = b"SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0\0"


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """A server of these tests' own."""
    with local_postgres() as started:
        yield started


@pytest.fixture
def postgres(server: PostgresServer) -> PostgresServer:
    """It answers, whatever the test before has done to it."""
    if server.pid is None:
        server.start()
    return server


@pytest.fixture
def settings(settings: Settings, postgres: PostgresServer) -> Settings:
    return settings.model_copy(
        update={"database": DatabaseSettings(url=postgres.url, schema_name=settings.database.schema_name)}
    )


async def test_while_the_database_is_away_senders_are_asked_to_come_back_and_later_all_goes_on(
    world: World, postgres: PostgresServer
) -> None:
    await world.known_place("A-1")
    await asyncio.to_thread(postgres.stop)
    reply = await world.post(vacancy("A-2"), Idempotency_Key="cle-2", **CENTRE)
    assert (reply.status, reply.media_type) == (503, "application/problem+json")
    assert reply.body["type"] == "urn:siao:probleme:momentanement-indisponible"
    assert int(reply.headers["Retry-After"]) > 0
    for path in ("/v1/boite", "/v1/messages/8e6a1f2c-5f0a-4c1e-9d5c-1f2a3b4c5d6e"):
        status, problem = await world.get("centre", path)
        assert (status, problem["type"]) == (503, "urn:siao:probleme:momentanement-indisponible")
    assert not await world.ready()
    assert (await world.post(vacancy("A-2"), Authorization="Bearer inconnue")).status == 401
    assert (await world.post(b"{", "?essai=true", **CENTRE)).status == 400, "ce qui n'écrit rien répond"

    await asyncio.to_thread(postgres.start)
    await until(world.ready, "le hub est de nouveau prêt")
    assert (await world.send("centre", vacancy("A-2"), "cle-2"))[0] == 202
    await until(lambda: len(world.siao.messages) == 2, "la vacance arrive au SIAO")
    assert world.alive


async def test_what_was_accepted_survives_a_power_cut_and_what_was_not_is_accepted_once_after_it(
    world: World, postgres: PostgresServer
) -> None:
    impatient = http(world.siao.port, world.secret, delai_s=1.0)  # a lane whose result was lost waits so long
    await world.apply(world.registry(siao_01={"sortie": impatient}))
    places = [f"A-{n}" for n in range(150)]
    answers: list[int] = []

    async def accepted(place: str) -> bool:
        """As a good sender: the same message under the same key until it is accepted."""
        status, _ = await world.send("centre", vacancy(place), f"cle-{place}")
        answers.append(status)
        return status == 202

    async def sender(own: list[str]) -> None:
        for place in own:
            await until(partial(accepted, place), f"{place} est acceptée")

    sending = [asyncio.create_task(sender(places[start::5])) for start in range(5)]
    await until(lambda: answers.count(202) >= 20, "des messages sont acceptés")
    await asyncio.to_thread(postgres.kill9)
    await until(lambda: 503 in answers, "les suivants sont priés de revenir")
    await asyncio.to_thread(postgres.start)
    await asyncio.gather(*sending)
    assert set(answers) == {202, 503}
    await until(
        lambda: len({m["place"]["identifiantExterne"] for m in world.siao.messages}) == 150, "tout arrive"
    )
    await world.settled()
    assert await world.count("event") == await world.count("subject") == 150
    assert len(set(world.siao.keys)) == 150
    assert world.alive


@pytest.fixture
async def starting_up() -> AsyncIterator[int]:
    """The port of a server that answers as PostgreSQL does while it recovers."""

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1024)
        writer.write(b"E" + (len(STARTING_UP) + 4).to_bytes(4, "big") + STARTING_UP)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def test_a_server_that_is_still_recovering_is_away_and_no_breakdown(starting_up: int) -> None:
    database = Database(
        DatabaseSettings(url=f"postgresql+asyncpg://x:y@127.0.0.1:{starting_up}/z?ssl=disable")
    )
    with pytest.raises(BusUnavailable):
        async with database.transaction():
            pass
    await database.close()
