"""/metrics of a process."""

import re
from collections.abc import Iterator, Mapping

import pytest
from prometheus_client.parser import text_string_to_metric_families

from deploy.local.ports import reserved_ports
from ops.alarms import watch as alarm_watch
from ops.running.process_health import port_of
from router.domain.roles import AT_WORK
from router.settings import HealthSettings, Settings
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


async def scraped(world: World) -> Mapping[tuple[str, ...], float]:
    """Every sample, by name and values of its labels, in the order of the alphabet."""
    health = world.settings.health
    async with world.http.get(f"http://{health.host}:{port_of(health, AT_WORK)}/metrics") as response:
        assert response.status == 200
        families = text_string_to_metric_families(await response.text())
    return {(s.name, *sorted(s.labels.values())): s.value for family in families for s in family.samples}


async def test_what_happens_is_counted_and_what_waits_is_measured_by_listed_metrics_that_name_no_household(
    world: World,
) -> None:
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
    for name, *labels in after:
        assert any(name.startswith(known.removesuffix("_total")) for known in listed()), name
        assert not any(AN_ID.search(label) for label in labels), "un identifiant n'est pas une étiquette"
