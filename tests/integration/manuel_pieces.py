"""Trial of the handbook's pages about processes, PostgreSQL and Kafka, on parts of their own."""

import asyncio
import json
import os
import re
import signal
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import NamedTuple

import asyncpg
import pytest
from sqlalchemy.engine import make_url
from structlog.testing import capture_logs

from deploy.local.kafka import KafkaCluster, kafka_cluster
from deploy.local.ports import reserved_ports
from deploy.local.postgres import PostgresServer, postgres_server
from ops.recovery import standby as standby_watch
from ops.running.hub import Hub
from ops.running.process import run
from ops.running.process_health import port_of
from ops.status import vitals as questions
from ops.status.findings import Code
from ops.status.verdict import STUCK, UNKNOWN_KEYS
from ops.status.vitals import TOLD_FOR
from router.domain.roles import AT_WORK, Role
from router.domain.vitals import Etape
from router.settings import DatabaseSettings, HealthSettings, KafkaSettings, Settings
from router.telemetry.metrics import MEASURED
from simulation.moving_address import MovingAddress, moving_address
from tests.integration import accidents, clock
from tests.integration.apart import HubApart
from tests.integration.beginnings import shows
from tests.integration.beside import work
from tests.integration.desk import siao_hub
from tests.integration.messages import vacancy
from tests.integration.pages import inline, is_found, is_over, look, machine, worded
from tests.integration.registry import hash_of, key_of
from tests.integration.seen import vitals
from tests.integration.test_standby import Failover, has_taken_over, is_known_to_be_safe
from tests.integration.waiting import until
from tests.integration.world import World

CENTRE = "centre"


@pytest.fixture
def kafka() -> Iterator[KafkaCluster]:
    """Give a Kafka of this test's own."""
    with kafka_cluster() as cluster:
        cluster.start()
        yield cluster


@pytest.fixture
def address(postgres: PostgresServer) -> Iterator[MovingAddress]:
    with moving_address(postgres.port) as address:
        yield address


@pytest.fixture
def failover(postgres: PostgresServer, address: MovingAddress) -> Iterator[Failover]:
    with postgres_server() as standby:
        standby.follow(postgres, "secours")
        yield Failover(postgres, standby, address)


@pytest.fixture
def settings(settings: Settings, request: pytest.FixtureRequest) -> Settings:
    """Return the hub's settings, changed to the PostgreSQL, address and Kafka of this test's own if it asks for
    them."""
    changes: dict[str, object] = {}
    if "postgres" in request.fixturenames:
        own: PostgresServer = request.getfixturevalue("postgres")
        url = own.url
        if "address" in request.fixturenames:
            url = url.replace(f":{own.port}/", f":{request.getfixturevalue('address').port}/")
        changes["database"] = DatabaseSettings(url=url, schema_name=settings.database.schema_name)
    if "kafka" in request.fixturenames:
        bus: KafkaCluster = request.getfixturevalue("kafka")
        changes["kafka"] = KafkaSettings(bootstrap=bus.bootstrap, prefix=settings.kafka.prefix)
    return settings.model_copy(update=changes)


async def arrives(world: World, place: str) -> None:
    """Send a vacancy from the shelter, and wait until the SIAO has it."""
    before = len(world.siao.messages)
    await world.accepted(CENTRE, vacancy(place))
    await comes(world, before)


async def comes(world: World, before: int) -> None:
    """Wait until the SIAO has more messages than `before`."""
    await until(lambda: len(world.siao.messages) > before, "le SIAO le reçoit")


async def process_of(world: World, role: Role) -> int | None:
    """Return the process id in the latest heartbeat of this role; None if there is none."""
    beats = [beat for beat in (await vitals(world)).beats if beat.role is role]
    return max(beats, key=lambda beat: beat.started_at).pid if beats else None


async def test_the_page_of_a_role_finds_the_frozen_process_and_wakes_it_and_one_that_is_killed_comes_back(
    prepared: World, tmp_path: Path
) -> None:
    world = prepared
    async with HubApart(world.settings, tmp_path).running():
        await until(lambda: is_over(world, Code.ROLE_MUET), "tous les rôles battent")
        frozen = await until(lambda: process_of(world, Role.WORKER), "son processus est connu")
        os.kill(frozen, signal.SIGSTOP)
        await until(lambda: is_found(world, Code.ROLE_MUET), "le rôle muet est constaté")
        await look(world, "role", {}, {"status": "« worker » et « dispatcher » : muets"})
        shown = await machine("role", "ps -C", {})
        assert re.search(rf"^ *{frozen} +T", shown, re.MULTILINE), shown
        await machine("role", "kill -CONT", {"PID": str(frozen)})
        await until(lambda: is_over(world, Code.ROLE_MUET), "il bat de nouveau")
        await arrives(world, "M-1")

        os.kill(frozen, signal.SIGKILL)

        async def is_back() -> bool:
            return await process_of(world, Role.WORKER) not in (None, frozen)

        await until(is_back, "un processus tué est repris seul")
        await arrives(world, "M-2")


class Away(NamedTuple):
    """How a part is made to fail and repaired, and what `status` then calls it."""

    breaks: Callable[[], None]
    mends: Callable[[], None]
    said: str


async def test_the_page_of_the_database_tells_what_is_wrong_with_it_and_the_hub_goes_on_by_itself(
    world: World, postgres: PostgresServer
) -> None:
    where = {"-h …": "127.0.0.1", "-p …": str(postgres.port)}
    for away in (
        Away(postgres.stop, postgres.start, "PostgreSQL est absent"),
        Away(postgres.freeze, postgres.thaw, "PostgreSQL est gelé"),
    ):
        await asyncio.to_thread(away.breaks)
        entered = asyncio.create_task(world.send(CENTRE, vacancy("M-0")))
        await until(lambda: is_found(world, Code.BASE), away.said)
        await look(world, "base", {}, {"status": away.said})
        assert "no response" in await machine("base", "pg_isready", where)
        assert (await world.send(CENTRE, vacancy("M-1")))[0] == 503
        assert (await entered)[0] == 503, "aussi qui était déjà entré"
        await asyncio.to_thread(away.mends)
        assert "accepting" in await machine("base", "pg_isready", where)
        await until(lambda: is_over(world, Code.BASE), "la base répond")
        await until(world.ready, "le hub reprend seul")
        await arrives(world, f"M-{len(world.siao.messages) + 2}")


@pytest.mark.usefixtures("postgres")
async def test_the_page_of_the_database_makes_the_tables_that_are_missing(world: World) -> None:
    await world.stop()
    await accidents.all_tables_are_gone(world)
    await until(lambda: is_found(world, Code.BASE), "les tables manquent")
    await look(world, "base", {}, {"status": "n'a pas les tables de cette version"})
    (migrate,) = (each for each in inline("base") if each == "migrate")
    answer = await siao_hub(world.settings, *worded(migrate, {}))
    assert answer.status == 0, answer.text + answer.errors
    await until(lambda: is_over(world, Code.BASE), "les tables sont là")


async def test_the_page_of_kafka_tells_absent_from_frozen_and_what_was_accepted_leaves_afterwards(
    world: World, kafka: KafkaCluster
) -> None:
    (node,) = kafka.nodes
    for number, away in enumerate(
        (
            Away(kafka.stop, kafka.start, "Kafka est absent"),
            Away(node.freeze, node.thaw, "Kafka est gelé"),
        )
    ):
        before = len(world.siao.messages)
        await asyncio.to_thread(away.breaks)
        await until(lambda: is_found(world, Code.BUS), away.said)
        await look(world, "bus", {}, {"status": away.said})
        await world.accepted(CENTRE, vacancy(f"K-{number}"))
        await asyncio.to_thread(away.mends)
        await until(lambda: is_over(world, Code.BUS), "Kafka répond")
        await comes(world, before)


async def test_the_page_of_the_database_tells_a_refused_password_from_an_absent_server(
    prepared: World, postgres: PostgresServer, tmp_path: Path
) -> None:
    world, known = prepared, make_url(postgres.url)
    async with HubApart(world.settings, tmp_path).running() as hub:
        await arrives(world, "M-1")
        await asyncio.to_thread(
            postgres.tell,
            "ALTER ROLE siao PASSWORD 'changé'",
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'siao' AND pid <> pg_backend_pid()",
        )
        await until(lambda: is_found(world, Code.BASE), "l'accès est refusé")
        await look(world, "base", {}, {"status": "PostgreSQL refuse le hub : mot de passe"})
        where = {"-h …": "127.0.0.1", "-p …": str(postgres.port)}
        assert "accepting" in await machine("base", "pg_isready", where), "le serveur, lui, est là"
        assert (await world.send(CENTRE, vacancy("M-2")))[0] == 503
        assert "mot de passe" in await machine("base", "journalctl", {}, hub.journal)
        owner = await asyncpg.connect(postgres.dsn, password="changé")
        await owner.execute(f"ALTER ROLE siao PASSWORD '{known.password}'")
        await owner.close()
        await until(lambda: is_over(world, Code.BASE), "la base répond")
        await until(world.ready, "le hub reprend seul")
        await arrives(world, "M-2")


async def test_the_page_of_unknown_keys_says_from_where_they_come_and_whose_key_it_was(
    prepared: World, tmp_path: Path
) -> None:
    world = prepared
    async with HubApart(world.settings, tmp_path).running() as hub:
        await world.write_registry(world.registry(centre={"cles_api": (hash_of("neuve"),)}))

        async def is_closed() -> bool:
            return (await world.send(CENTRE, vacancy("M-1")))[0] == 401

        await until(is_closed, "l'ancienne clé n'ouvre plus")
        for _ in range(UNKNOWN_KEYS):
            await world.post(vacancy("M-1"), Authorization="Bearer devinee")
        await until(lambda: is_found(world, Code.CLES_INCONNUES), "trente essais sont constatés")
        number = f"{UNKNOWN_KEYS} requêtes en une heure avec une clé que personne n'a"
        says = {"status": number, "partners key": f"clé de « {CENTRE} » jusqu'au"}
        await look(world, "cles-inconnues", {}, says, typed=f"{key_of(CENTRE)}\n")
        assert "127.0.0.1" in await machine("cles-inconnues", "journalctl", {}, hub.journal)
        reply = await world.post(vacancy("M-1"), Authorization="Bearer neuve")
        assert reply.status == 202, "appelé, il envoie la neuve"
    async with HubApart(world.settings, tmp_path).running():
        await until(lambda: is_over(world, Code.CLES_INCONNUES), "un processus neuf n'en a vu aucune")
        await until(
            lambda: is_found(world, Code.CLE_RETIREE), "la clé retirée est reconnue, et à qui elle était"
        )
        await shows(world, Code.CLE_RETIREE)
        await world.sql("UPDATE retired_key SET refused_at = refused_at - interval '1 hour'")
        await until(lambda: is_over(world, Code.CLE_RETIREE), "depuis une heure, il ne l'envoie plus")


async def test_the_page_of_what_is_unknown_finds_the_statement_that_holds_all_others_up_and_ends_it(
    world: World, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(questions, "ANSWER_SECONDS", 5.0)
    monkeypatch.setattr(questions, "THEN_SECONDS", 5.0)
    known = make_url(postgres.url)
    login = {"PGHOST": "127.0.0.1", "PGPORT": str(postgres.port), "PGUSER": str(known.username)}
    login |= {"PGPASSWORD": str(known.password), "PGDATABASE": str(known.database)}
    await until(lambda: is_over(world, Code.INCONNU), "tout est su")
    stranger = await world.connect()
    await stranger.execute("BEGIN; LOCK TABLE orphan IN ACCESS EXCLUSIVE MODE")
    await until(lambda: is_found(world, Code.INCONNU), "une question n'a pas de réponse")
    await look(world, "inconnu", {}, {"status": "inconnu : décisions"})

    async def held_up() -> str:
        """Return the process that holds the lock, once another waits for it."""
        asking = asyncio.create_task(vitals(world))  # somebody looks, and waits
        shown = await machine("inconnu", 'psql -c "SELECT pid', {}, more=login)
        (holder,) = re.findall(r"^ *(\d+) .*LOCK TABLE orphan", shown, re.MULTILINE)
        await asking
        return str(holder) if f"{{{holder}}}" in shown else ""

    holder = await until(held_up, "quelqu'un l'attend")
    await machine("inconnu", 'psql -c "SELECT pg_terminate', {"PID": holder}, more=login)
    await until(lambda: is_over(world, Code.INCONNU), "tout est su de nouveau")


async def test_the_page_of_a_hub_in_which_nothing_advances_begins_the_relay_anew_and_nothing_is_lost_or_doubled(
    prepared: World, tmp_path: Path
) -> None:
    world, journal = prepared, tmp_path / "journal"
    await world.start(*(role for role in AT_WORK if role is not Role.RELAY))
    assert world.hub is not None
    world.hub.heart.begins(AT_WORK)  # its relay gives signs of life, and does nothing
    await until(lambda: is_over(world, Code.ROLE_MUET), "tous les rôles battent")
    with capture_logs() as logs:
        await world.accepted(CENTRE, vacancy("M-1"))
        await until(partial(has_waited, world, STUCK / 2), "l'événement attend")
        await until(lambda: is_found(world, Code.RIEN_N_AVANCE), "rien n'avance, et c'est constaté")
    journal.write_text("".join(json.dumps({**line, "level": line["log_level"]}) + "\n" for line in logs))
    await look(world, "rien-n-avance", {}, {"status": "des événements acceptés ne sont pas appliqués"})
    assert await machine("rien-n-avance", "journalctl", {}, journal) == "", "rien au journal"
    await world.stop()
    await world.start()
    await until(lambda: is_over(world, Code.RIEN_N_AVANCE), "redémarré, il avance")
    await world.settled()
    assert len(world.siao.messages) == 1


async def has_waited(world: World, span: timedelta) -> bool:
    """Return whether an accepted event has been pending for longer than this span."""
    oldest = (await vitals(world)).pile(Etape.A_APPLIQUER).oldest
    return oldest is not None and datetime.now(UTC) - oldest > span


async def test_the_page_of_a_hub_that_nobody_measures_finds_no_figures_and_then_finds_them(
    prepared: World,
) -> None:
    world = prepared
    with reserved_ports(1) as (port,):
        world.settings = world.settings.model_copy(update={"health": HealthSettings(port=port)})
        there = f"http://127.0.0.1:{port_of(world.settings.health, AT_WORK)}/metrics"
        where = {"http://127.0.0.1:9101/metrics": there}
        await world.start(*(role for role in AT_WORK if role is not Role.SCHEDULER))
        await until(lambda: is_found(world, Code.ROLE_MUET), "le rôle muet est constaté")
        await look(world, "mesure", {}, {"status": "« scheduler » : aucun processus vivant"})
        assert await machine("mesure", "curl -s", where) == ""
        await world.stop()
        await world.start()
        await until(lambda: is_over(world, Code.ROLE_MUET), "il bat")

        async def is_measured() -> bool:
            return MEASURED.name in await machine("mesure", "curl -s", where)

        await until(is_measured, "les chiffres sont là")


async def test_the_page_of_a_failover_shows_that_the_hub_reads_the_bus_again_by_itself(
    prepared: World, failover: Failover, tmp_path: Path
) -> None:
    world = prepared
    async with HubApart(world.settings, tmp_path).running() as hub:
        await failover.wait_for_all()
        await arrives(world, "M-1")
        await until(partial(is_known_to_be_safe, world), "le secours est synchrone")
        await failover.take_over()
        await until(partial(has_taken_over, world), "la base est basculée, et le bus relu")
        await look(world, "base-basculee", {}, {"status": "base basculée sur un secours"})

        async def is_told() -> bool:
            said = await machine("base-basculee", "grep -E", {"…": str(hub.journal)})
            return "base.took_over" in said and "base.recovered" in said

        await until(is_told, "le journal dit les deux")
        await until(world.ready, "le hub reprend seul")
        await arrives(world, "M-2")
        await clock.base_took_over_earlier(world, TOLD_FOR)
        await until(lambda: is_over(world, Code.BASCULEE), "une heure après, ce n'est plus dit")


async def test_the_page_of_a_restored_base_says_to_read_the_bus_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standby_watch, "KEPT_SECONDS", 0.2)
    await arrives(world, "M-1")
    await world.settled()
    since = datetime.now(UTC) - timedelta(minutes=1)
    await accidents.tables_went_back(world)
    await until(lambda: is_found(world, Code.BASCULEE), "la base est revenue en arrière")
    await look(world, "base-basculee", {}, {"status": "base restaurée, et bus pas encore relu"})
    command = next(each for each in inline("base-basculee") if each.startswith("recover"))
    done = await siao_hub(
        world.settings, *worded(command, {"--since …": since.isoformat(timespec="seconds")})
    )
    assert done.status == 0, done.text + done.errors
    await until(lambda: is_over(world, Code.BASCULEE), "le bus est relu")
    await arrives(world, "M-2")


async def test_the_page_of_a_backlog_names_the_step_and_one_more_worker_clears_it(prepared: World) -> None:
    world = prepared
    await world.start(*(role for role in AT_WORK if role is not Role.WORKER))
    await world.accepted(CENTRE, [vacancy(f"M-{number}") for number in range(20)])
    await look(world, "arriere", {}, {"status": "à appliquer 20"})
    async with Hub(world.settings, (Role.WORKER,)) as more, work(run(more)):
        await until(lambda: len(world.siao.messages) == 20, "l'arriéré se résorbe")
