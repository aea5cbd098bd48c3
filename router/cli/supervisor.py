"""`siao-hub run`: one process a group of roles, restarted when it dies, stopped together."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from types import FrameType
from typing import TYPE_CHECKING

import structlog
import uvloop

from contracts.errors import BusUnavailable, HubError
from router.collector import spare_the_collector
from router.roles import GROUPS, Role
from router.settings import Settings
from router.telemetry.logs import configure_logs
from router.telemetry.traces import configure_traces

if TYPE_CHECKING:
    from router.hub import Hub

logger = structlog.get_logger()
RESTART_SECONDS = 1.0
STOP_SECONDS = 30.0
SUPERVISED = "SIAO_HUB_SUPERVISED"
"""Set for children: their standard input closes when the supervisor dies, however it dies, and they stop."""


def run(settings: Settings, roles: Sequence[Role]) -> int:
    """Exit status of the process group."""
    if roles:
        return _run_here(settings, roles)
    configure_logs("supervisor", settings.log_level)
    groups = (*GROUPS, (Role.CONSOLE,)) if settings.console.is_set else GROUPS
    return _supervise([["run", *(f"--role={role}" for role in group)] for group in groups])


def _run_here(settings: Settings, roles: Sequence[Role]) -> int:
    from router.hub import Hub  # the supervisor itself does without its weight

    configure_logs(",".join(roles), settings.log_level)
    spare_the_collector()
    try:
        configure_traces(settings.traces, ",".join(roles))
        uvloop.run(_serve(Hub(settings, roles)))
    except HubError as exc:
        logger.error("hub.stopped", reason=str(exc))
        return 1
    return 0


async def _serve(hub: "Hub") -> None:
    while True:
        try:
            await hub.refresh_registry()
            break
        except BusUnavailable:  # the log has it
            await asyncio.sleep(1)
    async with hub:
        if SUPERVISED in os.environ:
            asyncio.get_running_loop().add_reader(0, _stop_with_supervisor)
        if Role.GATEWAY in hub.roles:
            await hub.open_door()
        logger.info("hub.started", partners=len(hub.registry.partners))
        await hub.run()


def _stop_with_supervisor() -> None:
    asyncio.get_running_loop().remove_reader(0)
    os.kill(os.getpid(), signal.SIGTERM)


class _Child:
    """One process of the group."""

    def __init__(self, arguments: Sequence[str]) -> None:
        self.arguments = arguments
        self.start()

    def start(self) -> None:
        environment = {**os.environ, SUPERVISED: "1"}
        command = [sys.executable, "-m", "router.cli", *self.arguments]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, env=environment)
        self.started = time.monotonic()


def _supervise(commands: Sequence[Sequence[str]]) -> int:
    """Restart what dies; on SIGTERM or Ctrl-C stop all, and wait for what is in flight."""
    stopping = False

    def stop(_: int, __: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, stop)
    children = [_Child(command) for command in commands]
    while not stopping:
        for child in children:
            if child.process.poll() is not None and time.monotonic() - child.started > RESTART_SECONDS:
                logger.error("process.restarted", roles=child.arguments[1:], status=child.process.returncode)
                child.start()
        time.sleep(0.1)
    for child in children:
        child.process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    for child in children:
        try:
            child.process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.process.kill()
    return 0
