"""A hub at rest: each process beats, and hears with the same statement whether there is anything to do."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from ops.alarms.configured import rules
from ops.alarms.watch import LOOK_SECONDS, QUIET_SECONDS, Watch
from ops.running.scheduler import TICK_SECONDS, Scheduler
from ops.silences.watch import TICK_SECONDS as SILENCES_SECONDS
from ops.silences.watch import Silences
from ops.status.gauges import Gauges
from router.domain.beats import BEAT_SECONDS
from router.domain.roles import AT_WORK, GROUPS, Role
from router.domain.vitals import COUNTED_EVERY
from router.process import heartbeat
from router.process.leases import KEPT_AFTER
from router.process.wakeup import WakeUp
from router.settings import Settings
from router.store.database import LISTENER_SECONDS, Database
from tests.integration import lasting
from tests.integration.large_files import decided, file_of, sent
from tests.integration.statements import Heard, heard
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
door, prepared = lasting.door, lasting.prepared

BEAT = "INTO heartbeat"
AT_THE_START = ("FROM rhythm", "INTO lease", "deadline d USING subject s", "FROM deadline d JOIN subject s")
"""What is looked at by the clock, and so may be looked at late where the machine is busy."""
BEATS = 3
LEASE_SECONDS = 1.5
MOST_A_MINUTE = 70


async def test_between_two_beats_a_hub_at_rest_says_nothing_and_asks_nothing(prepared: World) -> None:
    prepared.settings = prepared.settings.model_copy(update={"lease_s": LEASE_SECONDS})
    with heard() as said:
        await prepared.start(*(role for role in AT_WORK if role is not Role.SCHEDULER))
        await prepared.known_place()
        await prepared.settled()
        await until(partial(nothing_is_asked_for, BEATS, said), "plus rien n'est dit ni demandé")


async def nothing_is_asked_for(beats: int, said: Heard) -> bool:
    """Whether nothing but so many beats is said while they come: on a busy machine, who was at work is through late."""
    before = len(said.transactions)
    await beaten(said, beats)
    so_long = Heard(said.transactions[before:])
    return not so_long.but(BEAT, *AT_THE_START) and len(so_long.but(*AT_THE_START)) <= beats + 1


async def test_what_is_done_by_the_clock_comes_with_the_beats_to_few_statements_a_minute(door: World) -> None:
    assert door.hub is not None
    hub, now = door.hub, datetime.now(UTC)
    hub.heart.begins(AT_WORK)  # a role that is missed would be an alarm, and no rest
    hub.heart.wake.set()
    await until(lambda: door.last_beat(Role.SCHEDULER), "chaque rôle bat")
    lease, moments = hub.lease("scheduler"), iter((now - timedelta(seconds=QUIET_SECONDS), now))
    assert await lease.take()
    with heard() as said:
        database = Database(door.settings.database)
        try:
            parts = Gauges(lambda: now), rules(), (), None, lambda: next(moments), WakeUp()
            watch = Watch(database, door.settings, lease, door.registry, *parts)
            scheduler = Scheduler(database, door.settings, lease)
            silences = Silences(database, hub.prover, lease, door.registry)
            rounds = {
                QUIET_SECONDS: watch.look,
                TICK_SECONDS: scheduler._work,
                COUNTED_EVERY.total_seconds(): scheduler._count_what_is_lost,
                SILENCES_SECONDS: silences.look,
            }
            for work in rounds.values():
                await work()  # the first time there is more to say
            counted = {seconds: await statements(said, work) for seconds, work in rounds.items()}
        finally:
            await database.close()
    beat_s = min(BEAT_SECONDS, KEPT_AFTER * Settings().lease_s)
    by_every_process = 60 / beat_s + 60 / LISTENER_SECONDS
    probes = 60 / LOOK_SECONDS - 60 / QUIET_SECONDS
    by_one = probes + sum(60 / seconds * len(said) for seconds, said in counted.items())
    assert len(GROUPS) * by_every_process + by_one < MOST_A_MINUTE, counted


async def test_what_no_notification_told_is_done_after_the_next_beat(
    prepared: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hears_nothing(_: Database, __: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(Database, "listen", hears_nothing)
    monkeypatch.setattr(heartbeat, "BEAT_SECONDS", 0.2)
    await prepared.start()
    await prepared.referred()
    assert (await decided(prepared, await sent(prepared, file_of(1100))))["acceptes"] == 1100
    await prepared.apply(prepared.registry(centre={"nom": "Centre du Moulin"}))


async def beaten(said: Heard, number: int) -> None:
    """So many beats more, at the hub's own pace."""

    def so_far() -> int:
        return sum(BEAT in statement for transaction in said.transactions for statement in transaction)

    before = so_far()
    await until(lambda: so_far() >= before + number, f"{number} battements")


async def statements(said: Heard, work: Callable[[], Awaitable[None]]) -> list[str]:
    """Return the statements of some work, without the beats that the hub sends meanwhile."""
    before = len(said.transactions)
    await work()
    return Heard(said.transactions[before:]).but(BEAT)
