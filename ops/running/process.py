"""Run one process of the hub: run the duties of its roles, and wake them when PostgreSQL sends a
notification."""

import asyncio
import signal
from collections.abc import Callable, Mapping, Sequence, Set
from contextlib import suppress
from functools import partial

import structlog

from contracts.errors import BusUnavailable, Misconfigured
from ops.running import duties
from ops.running.duties import DRAIN_SECONDS, Duty
from ops.running.hub import LISTS, SUCCESSIONS, Hub
from ops.running.process_health import ON_THE_BUS, checks, serve_health, watch_bus, watch_loop
from router.delivery.outlet import rests_of
from router.domain.roles import WITH_KEYS, Role
from router.process.health import Health
from router.process.os_process import is_dead
from router.process.wakeup import LONGEST_SECONDS
from router.store import heartbeat
from router.store.database import (
    AUDIT,
    BACKLOG,
    BULK,
    DEADLINES,
    JOBS,
    KEYS,
    LANES,
    OUTBOX,
    REGISTRY,
    TRIES,
    WATCH,
)
from router.store.undone import QUESTIONS

logger = structlog.get_logger()
REGISTRY_SECONDS = 10.0
"""How many seconds after a failed reading of the registry the next attempt comes."""

DUTIES: Mapping[Role, Sequence[Callable[[Hub], Duty]]] = {
    Role.GATEWAY: (duties.door, duties.key_uses),
    Role.SOURCES: (duties.bulk, duties.sources, duties.replays, duties.purges),
    Role.RELAY: (duties.relays,),
    Role.WORKER: (
        duties.worker,
        duties.standby,
        duties.deadlines,
        duties.lists,
        duties.successions,
        duties.silences,
    ),
    Role.DISPATCHER: (duties.dispatcher,),
    Role.SCHEDULER: (duties.scheduler, duties.sealer, duties.stamper, duties.alarm_watch),
    Role.DOUBLONS: (duties.duplicates,),
    Role.CONSOLE: (duties.console, duties.accounts),
}
LISTENERS: Mapping[str, Set[Role]] = {
    OUTBOX: {Role.RELAY},
    LANES: {Role.DISPATCHER},
    TRIES: {Role.DISPATCHER},
    BULK: {Role.SOURCES},
    JOBS: {Role.SOURCES},
    AUDIT: {Role.SCHEDULER},
    KEYS: WITH_KEYS,
    REGISTRY: set(Role),
    DEADLINES: {Role.WORKER},
    BACKLOG: {Role.GATEWAY, Role.SOURCES},
    WATCH: {Role.SCHEDULER},
}
"""The roles that listen to each channel of PostgreSQL's notifications (NOTIFY)."""


def heard_by(roles: Set[Role]) -> list[str]:
    """Return the channels of PostgreSQL's notifications to which a process with these roles listens."""
    return [name for name, listeners in LISTENERS.items() if listeners & roles]


async def run(hub: Hub) -> None:
    """Run this process's duties until SIGTERM or SIGINT. If a duty fails, stop the others and raise its
    error."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, stop.set)
    hub.heart.begins(hub.roles)
    await _inherit(hub)
    calls = _calls(hub)
    hub.heart.asks({name: calls[name] for name in QUESTIONS if name in calls})
    work = await _work(hub, calls)
    tasks = [asyncio.create_task(part) for part in work]
    stopping = asyncio.create_task(stop.wait())
    try:
        done, _ = await asyncio.wait({stopping, *tasks}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (stopping, *tasks):
            task.cancel()
        await asyncio.wait(tasks, timeout=DRAIN_SECONDS)
    for task in done - {stopping}:
        task.result()


async def _inherit(hub: Hub) -> None:
    """End the leases and release the lanes of dead processes: those that had the same roles and died on this
    machine."""
    rests = rests_of(hub.registry.everybody.values())
    with suppress(BusUnavailable):
        async with hub.database.statement() as connection:
            identities = await heartbeat.identities(connection, hub.roles)
            dead = [process for process, identity in identities.items() if is_dead(identity)]
            if not dead:
                return
            leases, lanes = await heartbeat.inherit(connection, dead, rests)
        logger.info("hub.inherited", processes=len(dead), leases=leases, lanes=lanes)
        for rest_s in {*rests.values()}:
            hub.wake[LANES].within(rest_s)


async def _work(hub: Hub, calls: Mapping[str, Callable[[], None]]) -> list[Duty]:
    roles = [role for role in Role if role in hub.roles]
    work = [begin(hub) for role in roles for begin in DUTIES[role]]
    work += [hub.database.listen(calls), _follow_registry(hub), hub.heart.run()]
    work.append(hub.journal.follow(hub.database.written_by))
    if ON_THE_BUS & hub.roles:
        work.append(watch_bus(hub.bus, hub.settings.kafka))
    if hub.roles & {Role.GATEWAY, Role.SOURCES}:
        await hub.backlog.look()
        work.append(hub.intake.watch())
    if hub.settings.health.port:
        ready = checks(roles, hub.database, hub.settings.kafka, hub.heart)
        work += [serve_health(hub.settings.health, roles, Health(ready, hub.gauges)), watch_loop()]
    return work


def _calls(hub: Hub) -> Mapping[str, Callable[[], None]]:
    calls: dict[str, Callable[[], None]] = {name: wake.set for name, wake in hub.wake.items()}
    calls |= {
        OUTBOX: partial(_wake_relays, hub),
        TRIES: partial(_try_again, hub),
        KEYS: partial(_forget_cached, hub),
    }
    return {name: calls[name] for name in heard_by(hub.roles)}


def _wake_relays(hub: Hub) -> None:
    for wake in hub.wake_relays:
        wake.set()


def _try_again(hub: Hub) -> None:
    if hub.dispatcher is not None:
        hub.dispatcher.try_again()


def _forget_cached(hub: Hub) -> None:
    hub.crosswalk.forget_cached()
    hub.wake[LISTS].set()


async def _follow_registry(hub: Hub) -> None:
    while True:
        await hub.wake[REGISTRY].wait(LONGEST_SECONDS)
        try:
            await hub.refresh_registry()
        except BusUnavailable:  # already logged
            hub.wake[REGISTRY].within(REGISTRY_SECONDS)
            continue
        except Misconfigured as exc:  # the registry is followed, but an HMAC key is missing
            logger.error("registry.misconfigured", reason=str(exc))
            hub.wake[REGISTRY].within(REGISTRY_SECONDS)
        for followed in (LISTS, SUCCESSIONS, LANES):
            hub.wake[followed].set()
