"""/healthz, /readyz and /metrics of a process, whatever its roles are."""

import re
from collections.abc import Iterator, Mapping

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from deploy.local.kafka import KafkaCluster, kafka_cluster
from deploy.local.ports import reserved_ports
from ops.alarms import watch as alarm_watch
from ops.running.process_health import port_of
from router.domain.roles import AT_WORK, Role
from router.settings import HealthSettings, KafkaSettings, Settings
from router.telemetry.metrics import listed
from tests.integration.waiting import until
from tests.integration.world import World

AN_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-")


@pytest.fixture
def settings(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    monkeypatch.setattr(alarm_watch, "LOOK_SECONDS", 0.1)
    monkeypatch.setattr(alarm_watch, "QUIET_SECONDS", 0.1)
    with reserved_ports(1) as (port,):
        yield settings.model_copy(update={"health": HealthSettings(port=port)})


async def scraped(world: World, *roles: Role) -> Mapping[tuple[str, ...], float]:
    """Every sample, by name and values of its labels, in the order of the alphabet."""
    async with world.http.get(f"{base(world, *roles)}/metrics") as response:
        assert response.status == 200
        families = text_string_to_metric_families(await response.text())
    return {(s.name, *sorted(s.labels.values())): s.value for family in families for s in family.samples}


def base(world: World, *roles: Role) -> str:
    health = world.settings.health
    return f"http://{health.host}:{port_of(health, roles or AT_WORK)}"


async def test_what_happens_is_counted_and_what_waits_is_measured(world: World) -> None:
    before = await scraped(world)
    ours = await world.referred()
    await world.settled()
    assert (await world.send("centre", {"type": "orientation.acceptee", "orientation": ours}))[0] == 202
    await world.send("centre", b"n'importe quoi")
    await world.settled()

    async def measured() -> bool:
        now = await scraped(world)
        waits = now.get(("siao_hub_backlog", "a_livrer")), now.get(("siao_hub_to_decide", "quarantaine"))
        return waits == (0, 1)

    await until(measured, "ce qui attend une décision est mesuré")
    after = await scraped(world)

    def grew(*sample: str) -> float:
        return after.get(sample, 0.0) - before.get(sample, 0.0)

    assert grew("siao_hub_messages_total", "accepte", "centre") == 2
    assert grew("siao_hub_messages_total", "centre", "refuse") == 1
    assert grew("siao_hub_deliveries_total", "centre", "livree") == 1
    assert grew("siao_hub_delivery_delay_seconds_count", "siao-01") >= 2
    assert grew("siao_hub_loop_closure_seconds_count", "centre") == 1
    assert grew("siao_hub_applied_total") >= 3
    assert grew("siao_hub_published_total") >= grew("siao_hub_applied_total")
    assert after["siao_hub_part_up", "postgresql"] == after["siao_hub_part_up", "kafka"] == 1
    assert {("siao_hub_processes", role) for role in AT_WORK} <= after.keys()


async def test_every_metric_that_is_shown_is_listed_and_names_no_household(world: World) -> None:
    await world.referred()
    await world.settled()

    async def measured() -> bool:
        return ("siao_hub_measured_timestamp_seconds",) in await scraped(world)

    await until(measured, "le hub est mesuré")
    shown = await scraped(world)
    for name, *labels in shown:
        assert any(name.startswith(known.removesuffix("_total")) for known in listed()), name
        assert not any(AN_ID.search(label) for label in labels), "un identifiant n'est pas une étiquette"


class TestAWorkerAlone:
    """A machine without a door can be probed, too."""

    @pytest.fixture
    def kafka(self) -> Iterator[KafkaCluster]:
        with kafka_cluster() as cluster:
            cluster.start()
            yield cluster

    @pytest.fixture
    def settings(self, settings: Settings, kafka: KafkaCluster) -> Settings:
        own = KafkaSettings(bootstrap=kafka.bootstrap, prefix=settings.kafka.prefix)
        reserved = settings.health.port  # the port of a worker, and not that of a door which is not there
        first = reserved - (port_of(settings.health, [Role.WORKER]) - reserved)
        return settings.model_copy(update={"kafka": own, "health": HealthSettings(port=first)})

    async def test_it_is_alive_all_the_time_and_ready_while_kafka_is_there(
        self, prepared: World, kafka: KafkaCluster
    ) -> None:
        await prepared.start(Role.WORKER)
        where = base(prepared, Role.WORKER)

        async def answers(path: str, status: int) -> bool:
            try:
                async with prepared.http.get(where + path) as response:
                    return response.status == status
            except aiohttp.ClientError:
                return False

        await until(lambda: answers("/readyz", 200), "il est prêt")
        (broker,) = kafka.nodes
        broker.freeze()
        await until(lambda: answers("/readyz", 503), "sans Kafka il n'est pas prêt")
        assert await answers("/healthz", 200)
        assert await answers("/ailleurs", 404)
        broker.thaw()
        await until(lambda: answers("/readyz", 200), "il l'est de nouveau")
