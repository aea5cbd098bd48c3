"""From a partner's request through the bus to the last delivery: one trace, across processes."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.local.ports import reserved_ports
from router.settings import TraceSettings
from router.telemetry import traces
from tests.integration.apart import HubApart
from tests.integration.collector import Collector
from tests.integration.messages import NOM, referral, vacancy
from tests.integration.waiting import until
from tests.integration.world import World

TRACE = "0af7651916cd43dd8448eb211c80319c"
OF_THE_SENDER = "b7ad6b7169203331"


@pytest.fixture
async def collector() -> AsyncIterator[Collector]:
    with reserved_ports(1) as (port,):
        async with Collector(port).running() as collector:
            yield collector


async def test_a_message_is_one_trace_that_its_sender_has_begun_and_no_value_is_in_it(
    prepared: World, collector: Collector, tmp_path: Path
) -> None:
    world, endpoint = prepared, f"http://127.0.0.1:{collector.port}"
    traced = {"SIAO_HUB_TRACES__ENDPOINT": endpoint, "OTEL_BSP_SCHEDULE_DELAY": "100"}
    async with HubApart(world.settings, tmp_path, **traced).running():
        await world.accepted("centre", vacancy())
        await until(lambda: world.siao.messages, "la vacance arrive au SIAO")
        place = str(world.siao.messages[-1]["place"]["identifiantExterne"])
        sent = referral(place, 4711)
        await world.accepted("siao-01", sent, traceparent=f"00-{TRACE}-{OF_THE_SENDER}-01")
        await until(lambda: world.shelter.messages, "l'orientation arrive au centre")
        names = {"intake", "publish", "apply", "deliver"}
        await until(lambda: {span.name for span in collector.of(TRACE)} >= names, "toute la trace est reçue")

    spans = collector.of(TRACE)
    (door,) = [span for span in spans if span.name == "intake"]
    assert door.parent == OF_THE_SENDER
    assert {span.parent for span in spans if span is not door} == {door.ident}
    assert "centre" in {span.said["partner"] for span in spans if span.name == "deliver"}
    assert len({span.role for span in spans}) == 2, "deux processus"
    assert all(len(span.trace) == 32 for span in collector.spans)
    assert len({span.trace for span in collector.spans}) >= 2, "la vacance a la sienne"
    assert NOM not in str(collector.spans)
    assert "4711" not in str(collector.spans)


async def test_the_last_spans_leave_when_their_process_ends(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "3600000")
    settings = TraceSettings(endpoint=f"http://127.0.0.1:{collector.port}")

    def lives() -> None:
        with traces.exporting_traces(settings, "worker"), traces.span("apply", "CONSUMER", None):
            pass

    await asyncio.to_thread(lives)
    assert [span.name for span in collector.spans] == ["apply"]
