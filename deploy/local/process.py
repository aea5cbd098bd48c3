"""A child process that can be stopped, killed, frozen and started again, and never outlives its parent."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from deploy.local.errors import PartUnavailable

START_DEADLINE_SECONDS = 90.0
STOP_DEADLINE_SECONDS = 20.0
POLL_SECONDS = 0.01
LOG_TAIL_LINES = 15
LAUNCHER = Path(__file__).with_name("launch.py")

# The kernel sends the death signal when the *thread* that forked ends, so one thread that lives as long as
# this interpreter forks every child. So all calls below are safe from any thread.
_spawner = ThreadPoolExecutor(max_workers=1, thread_name_prefix="deploy-local-spawner")


class Child:
    """A program that runs in `folder` and writes its output to `log`.

    It has a session of its own, so Ctrl-C reaches the parent only, which then stops it cleanly. Signals
    that the parent sends by this class also reach the program's descendants, because some programs, such as
    PostgreSQL, are trees of processes. If the parent dies, the kernel sends `death_signal` to the program alone.
    """

    def __init__(
        self, folder: Path, log: Path, *, uid: int | None = None, death_signal: int = signal.SIGKILL
    ) -> None:
        self._folder, self._log, self._uid, self._death_signal = folder, log, uid, death_signal
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process id; None while the program does not run."""
        return self._process.pid if self._process and self._process.poll() is None else None

    @property
    def status(self) -> int | None:
        """The exit status, `-9` after a SIGKILL; None while the program runs or before its first start."""
        return self._process.poll() if self._process else None

    def spawn(self, argv: Sequence[str]) -> None:
        """Start this command without waiting until it is ready."""
        uid = "-" if self._uid is None else str(self._uid)
        launcher = [sys.executable, "-I", "-S", str(LAUNCHER)]
        command = [*launcher, str(os.getpid()), uid, str(int(self._death_signal)), *argv]
        self._process = _spawner.submit(_popen, command, self._folder, self._log).result()

    def run(self, argv: Sequence[str], within_s: float = START_DEADLINE_SECONDS) -> None:
        """Run this command to its end. Raises PartUnavailable, with the end of the log, unless its exit status is
        0; TimeoutExpired after `within_s`."""
        self.spawn(argv)
        assert self._process
        if self._process.wait(within_s) != 0:
            raise self._failure(f"{Path(argv[0]).name} a échoué")

    def wait_until(self, ready: Callable[[], bool]) -> None:
        """Poll `ready` until it is true. Raises PartUnavailable, with the end of the log, if the program ends first
        or is not ready in time."""
        deadline = time.monotonic() + START_DEADLINE_SECONDS
        while not ready():
            if self.pid is None:
                raise self._failure("le processus s'est arrêté au démarrage")
            if time.monotonic() > deadline:
                raise self._failure(f"pas de réponse après {START_DEADLINE_SECONDS:.0f} s")
            time.sleep(POLL_SECONDS)

    def stop(self, gently: int = signal.SIGTERM) -> None:
        """Send the program the signal `gently` and wait for its end; kill -9 after a deadline. Does nothing if it
        does not run."""
        if self._process is None or self._process.poll() is not None:
            return
        self.thaw()
        self._process.send_signal(gently)
        try:
            self._process.wait(STOP_DEADLINE_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill9()

    def kill9(self) -> None:
        """Kill the program and all its descendants at once. Return when all of them are gone."""
        signal_all(self._tree(), signal.SIGSTOP)  # a stopped parent cannot fork a child that this would miss
        tree = self._tree()
        signal_all(tree, signal.SIGKILL)
        if self._process:
            self._process.wait()
        wait_until_gone(tree)

    def freeze(self) -> None:
        """Freeze the program and all its descendants (SIGSTOP). Return when none of their threads runs."""
        stopped: set[int] = set()
        while running := set(self._tree()) - stopped:  # again, for processes that were forked meanwhile
            signal_all(list(running), signal.SIGSTOP)
            wait_until_frozen(list(running))
            stopped |= running

    def thaw(self) -> None:
        """Undo `freeze`."""
        signal_all(self._tree(), signal.SIGCONT)

    def _tree(self) -> list[int]:
        return [] if (pid := self.pid) is None else [pid, *descendants(pid)]

    def _failure(self, what: str) -> PartUnavailable:
        tail = self._log.read_text(errors="replace").splitlines()[-LOG_TAIL_LINES:]
        return PartUnavailable("\n".join([what, *(f"    {line}" for line in tail)]))


def wait_until_gone(pids: Sequence[int], deadline_seconds: float = STOP_DEADLINE_SECONDS) -> None:
    """Wait until none of these processes runs. Raises TimeoutError after the deadline."""
    _wait_while(lambda pid: _parent(pid) is not None, pids, deadline_seconds)


def wait_until_frozen(pids: Sequence[int]) -> None:
    """Wait until no thread of these processes runs, because threads go on for a moment after SIGSTOP. Raises
    TimeoutError after a deadline."""
    _wait_while(
        lambda pid: any(state not in "TZX" for state in _thread_states(pid)), pids, STOP_DEADLINE_SECONDS
    )


def _wait_while(goes_on: Callable[[int], bool], pids: Sequence[int], deadline_seconds: float) -> None:
    deadline = time.monotonic() + deadline_seconds
    while any(map(goes_on, pids)):
        if time.monotonic() > deadline:
            raise TimeoutError(f"still running: {pids}")
        time.sleep(POLL_SECONDS)


def descendants(pid: int) -> list[int]:
    """Return the ids of all processes below `pid`, parents before their children; none on a system without /proc."""
    parents = {child: _parent(child) for child in processes()}
    found = [pid]
    for above in found:
        found += [child for child, parent in parents.items() if parent == above]
    return found[1:]


def processes() -> list[int]:
    """Return the ids of all processes of this machine; none on a system without /proc."""
    return [int(entry.name) for entry in Path("/proc").glob("[0-9]*")]


def _parent(pid: int) -> int | None:
    """Return the id of the process's parent; None if the process is gone or a zombie."""
    match _state_and_parent(Path(f"/proc/{pid}")):
        case None | ("Z", _):
            return None
        case _, parent:
            return int(parent)


def _thread_states(pid: int) -> list[str]:
    """Return the state of each thread of a process, as the kernel's letter; `T` is stopped."""
    threads = map(_state_and_parent, Path(f"/proc/{pid}/task").glob("[0-9]*"))
    return [thread[0] for thread in threads if thread]


def _state_and_parent(entry: Path) -> tuple[str, str] | None:
    try:
        state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
    except (FileNotFoundError, ProcessLookupError):
        return None
    return state, parent


def signal_all(pids: Sequence[int], number: int) -> None:
    """Send a signal to these processes; ignore those that are gone."""
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


def _popen(command: Sequence[str], folder: Path, log: Path) -> subprocess.Popen[bytes]:
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
