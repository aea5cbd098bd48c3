"""A process of `siao-hub` that is a fork of one that has imported it: the imports take most of its start."""

import os
import sys
from collections.abc import Callable, Sequence
from multiprocessing.process import BaseProcess
from pathlib import Path
from subprocess import TimeoutExpired
from typing import Any, cast

from deploy.local.process import Child
from ops.commands import main
from tests.integration.desk import FORKS


class Forked(Child):
    """A program as `Child` runs it, whose command is one of `simulation.hub_process.module("ops.commands", …)`."""

    becomes: Callable[[], None] = staticmethod(main)
    """What the fork does with the command's arguments."""

    def spawn(self, argv: Sequence[str]) -> None:
        """Start this command without waiting until it is ready."""
        python = argv.index(sys.executable)
        given = dict(each.split("=", 1) for each in argv[1:python])
        arguments = ["siao-hub", *argv[python + len(("python", "-m", "ops.commands")) :]]
        process = FORKS.Process(
            target=_become, args=(self.becomes, arguments, {**os.environ, **given}, self._folder, self._log)
        )
        process.start()
        self._process = cast(Any, _Started(process))


class _Started:
    """The part of `subprocess.Popen` that `Child` needs, for a fork."""

    def __init__(self, process: BaseProcess) -> None:
        self._process, self.pid = process, process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        if timeout is not None and self._process.exitcode is None:
            raise TimeoutExpired("siao-hub", timeout)
        return int(self._process.exitcode or 0)

    def send_signal(self, number: int) -> None:
        assert self.pid is not None
        os.kill(self.pid, number)


def _become(
    becomes: Callable[[], None], arguments: list[str], environment: dict[str, str], folder: Path, log: Path
) -> None:
    os.chdir(folder)
    for number in (sys.stdout.fileno(), sys.stderr.fileno()):
        os.dup2(os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT), number)
    sys.argv = arguments
    os.environ.clear()
    os.environ.update(environment)
    becomes()
