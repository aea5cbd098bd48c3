"""A scheduler that is frozen is relieved by another, and a hub that does not watch says nothing elsewhere."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from deploy.local.ports import reserved_ports
from ops.alarms import watch as alarm_watch
from ops.commands import main
from router.domain.roles import AT_WORK, Role
from router.settings import AlarmSettings
from router.telemetry.metrics import MEASURED
from simulation.hub_process import module
from tests.integration import beside
from tests.integration.desk import ROOT, environment_of
from tests.integration.forked import Forked
from tests.integration.messages import to_structure
from tests.integration.waiting import until
from tests.integration.world import World

LOOKS_EVERY_SECONDS = 1.0


def look_often() -> None:
    """Run the command with a look, and so with a pulse, each second."""
    alarm_watch.LOOK_SECONDS = alarm_watch.QUIET_SECONDS = LOOKS_EVERY_SECONDS
    main()


class Scheduler(Forked):
    """A process of `siao-hub` that looks often."""

    becomes = staticmethod(look_often)


class Expecting:
    """A service elsewhere that raises the alarm once no pulse comes."""

    def __init__(self) -> None:
        self.pulses = 0

    async def beat(self, _: web.Request) -> web.Response:
        self.pulses += 1
        return web.Response()


@pytest.fixture
async def expecting(prepared: World) -> AsyncIterator[Expecting]:
    """Whoever expects the pulse of a hub that is not started."""
    expecting = Expecting()
    app = web.Application()
    app.router.add_post("/pouls", expecting.beat)
    with reserved_ports(1) as (port,):
        alarms = AlarmSettings(heartbeat_url=f"http://127.0.0.1:{port}/pouls")
        prepared.settings = prepared.settings.model_copy(update={"alarms": alarms})
        async with beside.server(app, port):
            yield expecting


@pytest.fixture
async def watched(prepared: World, expecting: Expecting) -> Expecting:
    """A hub but for its scheduler."""
    await prepared.start(*(role for role in AT_WORK if role is not Role.SCHEDULER))
    return expecting


@pytest.fixture
async def schedulers(watched: Expecting, prepared: World, tmp_path: Path) -> AsyncIterator[list[Scheduler]]:
    """Two of them, each in a process of its own."""
    command = [*module("ops.commands", environment_of(prepared.settings)), "run", "--role", "scheduler"]
    children = [Scheduler(ROOT, tmp_path / f"scheduler-{n}.log") for n in range(2)]
    for child in children:
        child.spawn(command)
    yield children
    for child in children:
        child.thaw()
        child.kill9()


async def at_work(world: World) -> int | None:
    """The pid of the scheduler that holds the lease, once both have said that they live."""
    rows = await world.sql("""
        SELECT h.pid, l.holder = h.process AND l.until > now() AS holds FROM heartbeat h
        LEFT JOIN lease l ON l.name = 'scheduler' WHERE h.role = 'scheduler'
    """)
    holding = [row["pid"] for row in rows if row["holds"]]
    return holding[0] if len(rows) == 2 and holding else None


async def test_a_second_scheduler_takes_over_from_a_frozen_one_and_without_anybody_who_watches_no_pulse_comes(
    prepared: World, watched: Expecting, schedulers: list[Scheduler]
) -> None:
    first = await until(lambda: at_work(prepared), "un ordonnanceur travaille")
    await until(lambda: watched.pulses, "le pouls bat")
    (frozen,) = [child for child in schedulers if child.pid == first]
    frozen.freeze()

    async def relieved() -> bool:
        return await at_work(prepared) not in (None, first)

    await until(relieved, "l'autre prend la suite")
    before = watched.pulses
    await until(lambda: watched.pulses > before, "le pouls bat de nouveau")
    for child in schedulers:
        child.freeze()

    async def the_others_beat_on(seconds: float) -> None:
        seen = await prepared.last_beat(Role.GATEWAY)

        async def beaten() -> bool:
            return (await prepared.last_beat(Role.GATEWAY) - seen).total_seconds() > seconds

        await until(beaten, "les autres rôles battent")

    await the_others_beat_on(0)  # a pulse that had left comes meanwhile
    before = watched.pulses
    await the_others_beat_on(3 * LOOKS_EVERY_SECONDS)
    assert watched.pulses == before


async def looked_anew(world: World) -> None:
    """Wait until the scheduler of this process has looked once more, and has said whatever it had to say."""
    for _ in range(2):
        before = measured_at(world)

        def later(before: float = before) -> bool:
            return measured_at(world) != before

        await until(later, "l'ordonnanceur regarde de nouveau")


def measured_at(world: World) -> float:
    """When the scheduler of this process looked last, as its metrics say."""
    assert world.hub is not None
    shown = {family.name: family for family in world.hub.gauges.collect()}
    return shown[MEASURED.name].samples[0].value if shown else 0.0


async def test_a_hub_in_which_something_stands_still_does_not_say_that_it_is_well(
    prepared: World, expecting: Expecting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alarm_watch, "LOOK_SECONDS", 0.1)
    await prepared.start(*(role for role in AT_WORK if role is not Role.DISPATCHER))
    await looked_anew(prepared)
    assert expecting.pulses == 0


async def test_a_hub_that_could_tell_nobody_of_an_alarm_does_not_say_that_it_is_well(
    prepared: World, expecting: Expecting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alarm_watch, "LOOK_SECONDS", 0.1)
    monkeypatch.setattr(alarm_watch, "QUIET_SECONDS", 0.1)
    with reserved_ports(1) as (port,):
        alarms = prepared.settings.alarms.model_copy(update={"webhook_url": f"http://127.0.0.1:{port}/"})
        prepared.settings = prepared.settings.model_copy(update={"alarms": alarms})
        await prepared.start()
        await until(lambda: expecting.pulses, "le pouls bat")
        await prepared.accepted("siao-01", to_structure("010000040", 1))  # nobody manages it: quarantine

        async def on_record() -> bool:
            return bool(await prepared.told_of("quarantaine"))

        await until(on_record, "l'alarme est connue")
        await looked_anew(prepared)
        before = expecting.pulses
        await looked_anew(prepared)
        assert expecting.pulses == before
