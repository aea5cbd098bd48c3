"""The processes of two versions of the hub, and how one relieves the other; none outlives the run."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.local.process import Child
from simulation.hub_process import module, tail

AT_WORK = "hub.started"
"""What a process of the hub says in its log once it has read its registry and begins."""


@dataclass(frozen=True, slots=True)
class Version:
    """A tree of the hub, and the settings that it runs under."""

    name: str
    tree: Path
    folder: Path
    environment: Mapping[str, str]

    def command(self, *arguments: str) -> list[str]:
        """`siao-hub`, of this tree."""
        return [*module("ops.commands", {**self.environment, "PYTHONPATH": str(self.tree)}), *arguments]

    def run(self, *arguments: str) -> None:
        """To its end. Raises PartUnavailable, with the end of its log, where it fails."""
        Child(self.folder, self.folder / f"hub-{self.name}.log").run(self.command(*arguments))


@dataclass(frozen=True, slots=True, eq=False)
class Process:
    """One role of one version."""

    role: str
    version: Version
    child: Child
    log: Path

    def wait_until_at_work(self) -> None:
        """Raises PartUnavailable, with the end of its log, when it ends instead."""
        self.child.wait_until(lambda: AT_WORK in self.log.read_text(errors="replace"))


class Duty:
    """Who is on duty. Leaving the block ends them all."""

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
        """Start one without waiting."""
        log = version.folder / f"hub-{version.name}-{role}.log"
        process = Process(role, version, Child(version.folder, log), log)
        process.child.spawn(version.command("run", f"--role={role}"))
        self._on_duty.append(process)
        return process

    def leave(self, process: Process) -> None:
        """SIGTERM; returns once it is gone."""
        self.look()
        if process in self._on_duty:
            self._on_duty.remove(process)
            process.child.stop()
            if process.child.status != 0:
                self._note(process, "arrêt demandé")

    def look(self) -> None:
        """Note who has ended by itself."""
        for process in [one for one in self._on_duty if one.child.pid is None]:
            self._on_duty.remove(process)
            self._note(process, "de lui-même")

    def _note(self, process: Process, how: str) -> None:
        said = f"{process.role}, version {process.version.name}, {how}, état {process.child.status}"
        self.unforeseen.append(f"{said}\n{tail(process.log)}")
