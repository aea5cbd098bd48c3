"""Processes of two versions of the hub, of which one replaces the other. None outlives the run."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.local.process import Child
from simulation.hub_process import module, tail

AT_WORK = "hub.started"
"""Log event by which a process of the hub says that it has read its registry and is at work."""


@dataclass(frozen=True, slots=True)
class Version:
    """A source tree of the hub, and the environment in which it runs."""

    name: str
    tree: Path
    folder: Path
    environment: Mapping[str, str]

    def command(self, *arguments: str) -> list[str]:
        """Return the command `siao-hub` of this tree, with arguments."""
        return [*module("ops.commands", {**self.environment, "PYTHONPATH": str(self.tree)}), *arguments]

    def run(self, *arguments: str) -> None:
        """Run a command of this tree to its end. Raises PartUnavailable, with the end of its log, if it fails."""
        Child(self.folder, self.folder / f"hub-{self.name}.log").run(self.command(*arguments))


@dataclass(frozen=True, slots=True, eq=False)
class Process:
    """A process with one role, of one version."""

    role: str
    version: Version
    child: Child
    log: Path

    def wait_until_at_work(self) -> None:
        """Wait until the process is at work. Raises PartUnavailable, with the end of its log, if it ends first."""
        self.child.wait_until(lambda: AT_WORK in self.log.read_text(errors="replace"))


class Duty:
    """The processes at work, of both versions. Leaving the block kills them all."""

    def __init__(self) -> None:
        self._on_duty: list[Process] = []
        self.unforeseen: list[str] = []
        """Processes that ended by themselves, or not in good order when asked to, with the end of their log."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._on_duty:
            process.child.kill9()

    def join(self, version: Version, role: str) -> Process:
        """Start a process with this role, without waiting for it."""
        log = version.folder / f"hub-{version.name}-{role}.log"
        process = Process(role, version, Child(version.folder, log), log)
        process.child.spawn(version.command("run", f"--role={role}"))
        self._on_duty.append(process)
        return process

    def leave(self, process: Process) -> None:
        """Stop the process by SIGTERM, and return when it has ended. An exit status other than 0 is noted in
        `unforeseen`."""
        self.look()
        if process in self._on_duty:
            self._on_duty.remove(process)
            process.child.stop()
            if process.child.status != 0:
                self._note(process, "arrêt demandé")

    def look(self) -> None:
        """Note the processes that have ended by themselves."""
        for process in [one for one in self._on_duty if one.child.pid is None]:
            self._on_duty.remove(process)
            self._note(process, "de lui-même")

    def _note(self, process: Process, how: str) -> None:
        said = f"{process.role}, version {process.version.name}, {how}, état {process.child.status}"
        self.unforeseen.append(f"{said}\n{tail(process.log)}")
