"""Supervise the hub's processes, one for each group of roles: restart those that die, and stop all together.
The processes are forked after the imports, so that they share memory."""

import asyncio
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

import structlog
import uvloop

from connectors.event_loop import Loop
from contracts.errors import BusUnavailable, HubError, Misconfigured
from router.domain.roles import GROUPS, Role
from router.process.interpreter import tune_interpreter
from router.process.os_process import end_with_parent, name_this_process
from router.settings import Settings
from router.telemetry.logs import configure_logs
from router.telemetry.traces import exporting_traces

if TYPE_CHECKING:
    from ops.running.hub import Hub

logger = structlog.get_logger()
Work = Callable[[], int]
"""The work of one process; it returns the exit code."""
RESTART_SECONDS = 1.0
STOP_SECONDS = 30.0
MISCONFIGURED_STATUS = 78
"""The exit code of a process whose settings a person must correct (EX_CONFIG in the list `sysexits.h` of
Unix)."""
AT_ONCE_SECONDS = 15.0
"""If wrong settings end a process within this many seconds, its start counts as failed."""
GIVES_UP_AFTER = 5
"""A process is no longer restarted after this number of failed starts in a row."""
LOOK_SECONDS = 0.1
STOPS = (signal.SIGTERM, signal.SIGINT)
"""The signals that stop all processes. The supervisor blocks these signals, because it waits for them; each
child process unblocks them."""
_FORK = multiprocessing.get_context("fork")


def run(settings: Settings, roles: Sequence[Role]) -> int:
    """Run the hub until it is stopped, and return this process's exit code. With `roles`, this process plays
    them. Without `roles`, start a process for each group of roles, and restart those that die."""
    if roles:
        return _run_here(settings, roles)
    configure_logs("supervisor", settings.log_level)
    block_signals()
    groups = (*GROUPS, *([(Role.CONSOLE,)] if settings.console.is_set else []))
    _import_the_hub()
    return supervise({",".join(group): partial(_run_here, settings, group) for group in groups})


def block_signals() -> None:
    """Block the signals that stop the hub, so that none is lost before `supervise` begins to wait for
    them."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # a process that ignores it would not notice dead children
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)


def _import_the_hub() -> None:
    """Import the hub before the fork, so that child processes share the memory of its modules."""
    from ops.running import process  # noqa: F401 - the child processes need it
    from router.intake import gateway  # noqa: F401 - likewise, with what only a gateway needs

    tune_interpreter()


def _run_here(settings: Settings, roles: Sequence[Role]) -> int:
    from ops.running.hub import Hub  # imported here, so that importing this module stays cheap

    configure_logs(",".join(roles), settings.log_level)
    tune_interpreter()
    try:
        with exporting_traces(settings.traces, ",".join(roles)):
            uvloop.run(_serve(Hub(settings, roles)), loop_factory=Loop)
    except HubError as exc:
        logger.error("hub.stopped", reason=str(exc))
        return MISCONFIGURED_STATUS if isinstance(exc, Misconfigured) else 1
    return 0


async def _serve(hub: "Hub") -> None:
    from ops.running.process import run  # imported here for the same reason

    try:
        await begin(hub)
        if Role.GATEWAY in hub.roles:
            await hub.open_door()
        logger.info("hub.started", partners=len(hub.registry.partners))
        await run(hub)
    finally:
        await hub.close()


async def begin(hub: "Hub") -> None:
    """Call `hub.begin()` every second until the database answers."""
    while True:
        try:
            await hub.begin()
        except BusUnavailable:  # already logged
            await asyncio.sleep(1)
        else:
            return


class _Child:
    def __init__(self, roles: str, work: Work) -> None:
        self._roles, self._work = roles, work
        self._in_vain = 0
        """The number of failed starts in a row; a start fails because of wrong settings."""
        self.start()

    def start(self) -> None:
        """Start the process. Raises OSError if the system cannot create it."""
        process = _FORK.Process(target=_be_a_copy, args=(self._roles, self._work, os.getpid()))
        process.start()
        self.process, self._started = process, time.monotonic()

    @property
    def is_to_be_restarted(self) -> bool:
        """Return whether the process is dead, and was started at least `RESTART_SECONDS` ago."""
        return not self.process.is_alive() and time.monotonic() - self._started > RESTART_SECONDS

    def restart(self) -> bool:
        """Start the dead process again, unless wrong settings have made it fail `GIVES_UP_AFTER` times in a
        row. Return whether it was started; both outcomes are logged. Raises OSError if the system cannot
        create the process."""
        status, lived = self.process.exitcode, time.monotonic() - self._started
        in_vain = status == MISCONFIGURED_STATUS and lived < AT_ONCE_SECONDS
        self._in_vain = self._in_vain + 1 if in_vain else 0
        if self._in_vain >= GIVES_UP_AFTER:
            logger.error("process.given_up", roles=self._roles, starts=self._in_vain)
            return False
        logger.error("process.restarted", roles=self._roles, status=status)
        self.start()
        return True


def supervise(group: Mapping[str, Work]) -> int:
    """Run a process for each function in `group`, and restart those that die, until SIGTERM or SIGINT. The
    caller must have blocked these signals. Return 0, or MISCONFIGURED_STATUS if wrong settings end a process
    again and again. If a process cannot be created, stop all others and raise OSError."""
    children: list[_Child] = []
    try:
        for roles, work in group.items():
            children.append(_Child(roles, work))  # one by one: if the next cannot start, these are stopped
        while signal.sigtimedwait(STOPS, LOOK_SECONDS) is None:
            for child in children:
                if child.is_to_be_restarted and not child.restart():
                    return MISCONFIGURED_STATUS
        return 0
    finally:
        _stop([child.process for child in children])


def _be_a_copy(roles: str, work: Work, supervisor: int) -> None:
    end_with_parent(signal.SIGTERM)
    signal.signal(
        signal.SIGINT, signal.SIG_DFL
    )  # until work begins, a signal ends the process without a log line
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
    if os.getppid() != supervisor:
        return  # the supervisor had ended before this process was tied to it
    name_this_process(f"siao-{roles.partition(',')[0]}")
    try:
        status = work()
    except (Exception, KeyboardInterrupt) as exc:  # noqa: BLE001 - multiprocessing would print the error's text
        sys.excepthook(type(exc), exc, exc.__traceback__)
        status = 1
    sys.exit(status)


def _stop(processes: Sequence[multiprocessing.process.BaseProcess]) -> None:
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for process in processes:
        process.join(max(0.1, deadline - time.monotonic()))
        if process.is_alive():
            process.kill()
            process.join()
