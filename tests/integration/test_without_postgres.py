"""PostgreSQL goes away and comes back: nobody is told what is not true, and nobody restarts anything."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from itertools import count
from typing import Any

import asyncpg
import pytest
from structlog.testing import capture_logs

from contracts.errors import BusUnavailable
from contracts.partner import ClasseLivraison
from deploy.local.postgres import PostgresServer, local_postgres
from ops.running import hub, supervisor
from ops.running.hub import Hub
from router.domain.roles import Role
from router.settings import DatabaseSettings, Settings
from router.store import database
from router.store.database import OUTBOX, Database
from router.store.migrations import upgrade
from tests.integration import accidents, clock
from tests.integration.messages import vacancy
from tests.integration.registry import http, key_of
from tests.integration.stopwatch import stopwatch_of_the_dispatcher
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
    await until(lambda: is_not_ready(world), "/readyz le dit, d'un regard d'une seconde au plus")
    assert (await world.post(vacancy("A-2"), Authorization="Bearer inconnue")).status == 401
    assert (await world.post(b"{", "?essai=true", **CENTRE)).status == 400, "ce qui n'écrit rien répond"

    await asyncio.to_thread(postgres.start)
    await until(world.ready, "le hub est de nouveau prêt")
    assert (await world.send("centre", vacancy("A-2"), "cle-2"))[0] == 202
    await until(lambda: len(world.siao.messages) == 2, "la vacance arrive au SIAO")
    assert world.alive


async def test_a_database_that_refuses_is_waited_for_like_one_that_is_away(world: World) -> None:
    await world.known_place("A-1")
    schema = world.settings.database.schema_name
    await accidents.schema_is_renamed(world, schema, to="ailleurs")
    reply = await world.post(vacancy("A-2"), Idempotency_Key="cle-2", **CENTRE)
    assert (reply.status, int(reply.headers["Retry-After"]) > 0) == (503, True)
    hub = world.hub
    assert hub is not None
    await until(lambda: not hub._leases.held(), "aucun bail ne peut être prolongé")
    await hub.key_uses.write()
    await accidents.schema_is_renamed(world, "ailleurs", to=schema)
    await until(lambda: accepted_now(world), "la porte accepte")
    await until(lambda: len(world.siao.messages) == 2, "la vacance arrive au SIAO")
    await world.settled()
    assert world.alive


async def accepted_now(world: World) -> bool:
    assert world.alive
    return (await world.send("centre", vacancy("A-2"), "cle-2"))[0] == 202


async def is_not_ready(world: World) -> bool:
    return not await world.ready()


async def test_what_was_accepted_survives_a_kill_of_postgresql_and_what_was_not_is_accepted_once_after_it(
    world: World, postgres: PostgresServer
) -> None:
    impatient = http(world.siao.port, world.secret, delai_s=1.0)  # a lane whose result was lost waits so long
    await world.apply(world.registry(siao_01={"sortie": impatient}))
    answers: list[int] = []
    places = map("A-{}".format, count())

    async def accepted(place: str) -> bool:
        """As a good sender: the same message under the same key until it is accepted."""
        status, _ = await world.send("centre", vacancy(place), f"cle-{place}")
        answers.append(status)
        return status == 202

    async def sender() -> None:
        while 503 not in answers:  # however fast the door is
            place = next(places)
            await until(partial(accepted, place), f"{place} est acceptée")

    sending = [asyncio.create_task(sender()) for _ in range(5)]
    await until(lambda: answers.count(202) >= 20, "des messages sont acceptés")
    await asyncio.to_thread(postgres.kill9)
    await until(lambda: 503 in answers, "les suivants sont priés de revenir")
    await asyncio.to_thread(postgres.start)
    await asyncio.gather(*sending)
    assert set(answers) == {202, 503}
    sent = answers.count(202)
    await until(
        lambda: len({m["place"]["identifiantExterne"] for m in world.siao.messages}) == sent, "tout arrive"
    )
    await world.settled()
    assert await world.count("event") == await world.count("subject") == sent
    assert len(set(world.siao.keys)) == sent
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
    recovering = Database(
        DatabaseSettings(url=f"postgresql+asyncpg://x:y@127.0.0.1:{starting_up}/z?ssl=disable")
    )
    with pytest.raises(BusUnavailable):
        async with recovering.transaction():
            pass
    await recovering.close()


class Wire:
    """The way to PostgreSQL: connections from before a cut stay open and carry nothing any more."""

    def __init__(self, port: int) -> None:
        self._far_port = port
        self._cuts = 0
        self._writers: list[asyncio.StreamWriter] = []
        self.port = 0

    def cut(self) -> None:
        self._cuts += 1

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Wire"]:
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for writer in self._writers:
                writer.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._far_port)
        self._writers += [writer, far_writer]
        await asyncio.gather(self._carry(reader, far_writer), self._carry(far_reader, writer))

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        born = self._cuts
        with suppress(OSError):
            while data := await reader.read(65536):
                if born == self._cuts:
                    writer.write(data)
        if born == self._cuts:
            writer.close()


async def test_a_listener_whose_connection_died_without_a_word_is_woken_up_again(
    settings: Settings, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await asyncio.to_thread(upgrade, settings.database)
    monkeypatch.setattr(database, "LISTENER_SECONDS", 0.1)
    monkeypatch.setattr(database, "WAIT_SECONDS", 2.0)
    speaking = Database(settings.database)
    wakes: list[None] = []

    async def woken_up() -> None:
        before = len(wakes)
        async with speaking.transaction() as connection:
            await speaking.notify(connection, OUTBOX)
        await until(lambda: len(wakes) > before, "le réveil arrive")

    async with Wire(postgres.port).running() as wire:
        url = postgres.url.replace(f":{postgres.port}/", f":{wire.port}/")
        listener = Database(settings.database.model_copy(update={"url": url}))
        listening = asyncio.create_task(listener.listen({OUTBOX: lambda: wakes.append(None)}))
        await until(lambda: wakes, "il écoute")
        await woken_up()
        wire.cut()
        before = len(wakes)
        await until(lambda: len(wakes) > before, "il se reconnecte, et regarde ce qu'il a manqué")
        await woken_up()
        listening.cancel()
        await asyncio.wait([listening])
    await speaking.close()


async def test_a_listener_whose_connection_dies_before_it_listens_connects_again(
    settings: Settings, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "WAIT_SECONDS", 2.0)
    connect, made, wakes = asyncpg.connect, 0, 0

    def woken() -> None:
        nonlocal wakes
        wakes += 1

    async with Wire(postgres.port).running() as wire:

        async def first_one_dies(*where: Any, **how: Any) -> Any:
            nonlocal made
            connection = await connect(*where, **how)
            made += 1
            if made == 1:
                wire.cut()
            return connection

        monkeypatch.setattr(asyncpg, "connect", first_one_dies)
        url = postgres.url.replace(f":{postgres.port}/", f":{wire.port}/")
        listener = Database(settings.database.model_copy(update={"url": url}))
        listening = asyncio.create_task(listener.listen({OUTBOX: woken}))
        await until(lambda: wakes, "il écoute")
        listening.cancel()
        await asyncio.wait([listening])
    assert made >= 2


async def away_when_tried(
    world: World,
    postgres: PostgresServer,
    livraison: ClasseLivraison,
    and_then: Callable[[], None] = lambda: None,
    place: str = "A-101",
) -> str:
    """The key of a vacancy that the SIAO takes; before it says so, PostgreSQL goes away."""
    before = len(world.siao.keys)
    await world.apply(world.registry(siao_01={"livraison": livraison}))

    def stop() -> None:
        world.siao.when_tried = lambda: None
        postgres.stop()
        and_then()

    world.siao.when_tried = stop
    await world.accepted("centre", vacancy(place))
    await until(lambda: len(world.siao.keys) > before, "la vacance arrive au SIAO")
    return world.siao.keys[before]


async def test_what_a_partner_answered_while_the_database_was_away_is_written_when_it_is_back(
    world: World, postgres: PostgresServer
) -> None:
    for done, livraison in enumerate((ClasseLivraison.DEDUPLIQUE, ClasseLivraison.AUCUNE), start=1):
        key = await away_when_tried(world, postgres, livraison, place=f"A-{done}")
        await asyncio.to_thread(postgres.start)
        await until(world.ready, "le hub est de nouveau prêt")
        await world.settled()
        assert await world.etats() == ["livree"] * done
        assert world.siao.tried(key) == 1


async def test_an_answer_that_could_not_be_written_is_uncertain_once_its_lease_is_over_and_not_before(
    world: World, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = stopwatch_of_the_dispatcher(monkeypatch)
    with capture_logs() as logged:
        key = await away_when_tried(world, postgres, ClasseLivraison.AUCUNE, watch.freeze)
        await until(lambda: "delivery.result_lost" in {line["event"] for line in logged}, "il renonce")
    await asyncio.to_thread(postgres.start)
    await until(world.ready, "le hub est de nouveau prêt")
    assert (await world.send("centre", vacancy("A-2")))[0] == 202

    async def is_overtaken() -> bool:
        return await world.etats() == ["en_vol", "livree"]

    await until(is_overtaken, "une autre voie avance")  # its own lease must not fall due with the first one's
    await clock.lanes_fall_due(world)
    await world.settled()
    assert await world.etats() == ["incertaine", "livree"]
    assert world.siao.tried(key) == 1


async def test_a_process_waits_for_a_database_that_goes_away_while_it_starts(
    prepared: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes = [BusUnavailable("PostgreSQL ne répond pas")]

    async def check(*_: object) -> None:
        if goes:
            raise goes.pop()

    monkeypatch.setattr(hub, "check_proofs", check)
    starting = Hub(prepared.settings, [Role.WORKER])
    try:
        await supervisor.begin(starting)
        assert not goes
        assert starting.registry == prepared.registry()
    finally:
        await starting.close()
