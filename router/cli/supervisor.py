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

from contracts.errors import BusUnavailable, HubError, Misconfigured
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
MISCONFIGURED_STATUS = 78
"""EX_CONFIG of sysexits.h: what a process ends with that a person has to set right."""
AT_ONCE_SECONDS = 15.0
"""A process that ends sooner after its start has done nothing yet."""
GIVES_UP_AFTER = 5
"""Starts in a row that ended at once, misconfigured: as long as somebody takes to finish what they are changing."""
SUPERVISED = "SIAO_HUB_SUPERVISED"
"""Set for children: their standard input closes when the supervisor dies, however it dies, and they stop."""


def run(settings: Settings, roles: Sequence[Role]) -> int:
    """Exit status of the process group."""
    if roles:
        return _run_here(settings, roles)
    configure_logs("supervisor", settings.log_level)
    siao_hub = [sys.executable, "-m", "router.cli", "run"]
    groups = (*GROUPS, (Role.CONSOLE,)) if settings.console.is_set else GROUPS
    return supervise([[*siao_hub, *(f"--role={role}" for role in group)] for group in groups])


def _run_here(settings: Settings, roles: Sequence[Role]) -> int:
    from router.hub import Hub  # the supervisor itself does without its weight

    configure_logs(",".join(roles), settings.log_level)
    spare_the_collector()
    try:
        configure_traces(settings.traces, ",".join(roles))
        uvloop.run(_serve(Hub(settings, roles)))
    except HubError as exc:
        logger.error("hub.stopped", reason=str(exc))
        return MISCONFIGURED_STATUS if isinstance(exc, Misconfigured) else 1
    return 0


async def _serve(hub: "Hub") -> None:
    from router.process import run  # likewise

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
        await run(hub)


def _stop_with_supervisor() -> None:
    asyncio.get_running_loop().remove_reader(0)
    os.kill(os.getpid(), signal.SIGTERM)


class _Child:
    """One process of the group."""

    def __init__(self, command: Sequence[str]) -> None:
        self.command = command
        self._in_vain = 0
        """Starts in a row that ended at once, for a reason of settings."""
        self.start()

    def start(self) -> None:
        environment = {**os.environ, SUPERVISED: "1"}
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, env=environment)
        self._started = time.monotonic()

    @property
    def is_to_be_restarted(self) -> bool:
        """Whether it is dead, and was not started just now."""
        return self.process.poll() is not None and time.monotonic() - self._started > RESTART_SECONDS

    def restart(self) -> bool:
        """Start it again. False, with a line of the log, where that would be in vain."""
        self.let_go()
        status, lived = self.process.returncode, time.monotonic() - self._started
        in_vain = status == MISCONFIGURED_STATUS and lived < AT_ONCE_SECONDS
        self._in_vain = self._in_vain + 1 if in_vain else 0
        roles = [each for each in self.command if each.startswith("--role=")]
        if self._in_vain >= GIVES_UP_AFTER:
            logger.error("process.given_up", roles=roles, starts=self._in_vain)
            return False
        logger.error("process.restarted", roles=roles, status=status)
        self.start()
        return True

    def let_go(self) -> None:
        """Close its line, and so stop it where nothing else did."""
        if self.process.stdin is not None:
            self.process.stdin.close()


def supervise(commands: Sequence[Sequence[str]]) -> int:
    """Restart what dies; on SIGTERM or Ctrl-C stop all, and wait for what is in flight. The whole group stops, with
    MISCONFIGURED_STATUS, where one ends again and again at its start for a reason of settings."""
    stopping, status = False, 0

    def stop(_: int, __: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, stop)
    children = [_Child(command) for command in commands]
    while not stopping:
        for child in children:
            if child.is_to_be_restarted and not child.restart():
                stopping, status = True, MISCONFIGURED_STATUS
        time.sleep(0.1)
    _stop(children)
    return status


def _stop(children: Sequence[_Child]) -> None:
    """Ask all to stop; kill who has not by the deadline."""
    for child in children:
        child.process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    for child in children:
        try:
            child.process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.process.kill()
            child.process.wait()
        child.let_go()
