"""Watch over a process: watch Kafka and the event loop, and answer on the health port."""

import asyncio
import socket
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext

import uvicorn

from connectors.http_server import listening
from contracts.errors import Misconfigured
from router.domain.roles import Role
from router.intake.health_check import HealthCheck
from router.process.health import Check, Health
from router.process.heartbeat import Heart
from router.process.topics_admin import is_reachable
from router.settings import HealthSettings, KafkaSettings
from router.store.database import Database
from router.telemetry.metrics import HELD_SECONDS
from router.telemetry.outages import OutageLog

BUS_LOOK_SECONDS = 5.0
BUS_QUIET_SECONDS = 12.0
"""An outage of Kafka is over once no role has reported a failure for this many seconds."""
PORT_SECONDS = 5.0
"""How many seconds pass between two attempts to open an occupied port."""
HELD_LOOK_SECONDS = 0.05
ON_THE_BUS = {Role.RELAY, Role.WORKER}
"""The roles that can do nothing without Kafka."""


async def watch_bus(bus: OutageLog, kafka: KafkaSettings) -> None:
    """Log the beginning and the end of each outage of Kafka, until cancelled. An outage ends when Kafka
    answers, provided that no role has reported for `BUS_QUIET_SECONDS` that it cannot use Kafka."""
    while True:
        if not await is_reachable(kafka):
            bus.failed("Kafka ne répond pas")
        elif bus.quiet_s > BUS_QUIET_SECONDS:
            bus.succeeded()
        await asyncio.sleep(BUS_LOOK_SECONDS)


async def watch_loop() -> None:
    """Measure for how long computations block the event loop, until cancelled. Each measure is the delay of a
    timer, but at most the CPU time used meanwhile: the rest of the delay has other causes, such as a busy
    machine."""
    while True:
        due, computed = time.monotonic() + HELD_LOOK_SECONDS, time.thread_time()
        await asyncio.sleep(HELD_LOOK_SECONDS)
        HELD_SECONDS.observe(max(0.0, min(time.monotonic() - due, time.thread_time() - computed)))


def checks(
    roles: Iterable[Role], database: Database, kafka: KafkaSettings, heart: Heart
) -> Mapping[str, Check]:
    """Return the checks whose results the health port shows, by name: that PostgreSQL answers, that all roles
    can work, and, if a role needs Kafka, that Kafka answers."""

    async def bus() -> bool:
        return await is_reachable(kafka)

    async def at_work() -> bool:
        return heart.waits_for_nothing

    found: dict[str, Check] = {"postgresql": HealthCheck(database.answers, time.monotonic), "roles": at_work}
    return found | ({"kafka": HealthCheck(bus, time.monotonic)} if ON_THE_BUS & set(roles) else {})


async def serve_health(settings: HealthSettings, roles: Iterable[Role], health: Health) -> None:
    """Answer on the health port until cancelled. As long as the port cannot be opened, for example because
    another process occupies it, wait and try again."""
    port, occupied = port_of(settings, roles), OutageLog("port")
    while True:
        try:
            sockets = await listening(settings.host, port)
            break
        except Misconfigured as exc:
            occupied.failed(str(exc))
            await asyncio.sleep(PORT_SECONDS)
    occupied.succeeded()
    await _serve(health, sockets)


async def _serve(health: Health, sockets: Sequence[socket.socket]) -> None:
    config = uvicorn.Config(
        health, log_config=None, access_log=False, lifespan="off", ws="none", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    # This process handles signals itself.
    server.capture_signals = nullcontext  # type: ignore[method-assign,assignment]
    serving = asyncio.create_task(server.serve(list(sockets)))
    try:
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        server.should_exit = True  # closes its connections
        await serving
        raise


def port_of(settings: HealthSettings, roles: Iterable[Role]) -> int:
    """Return the health port of a process with these roles. This is the configured port, plus the position in
    `Role` of the first of these roles, so that the processes of one machine have different ports."""
    order = list(Role)
    return settings.port + min(order.index(role) for role in roles)
