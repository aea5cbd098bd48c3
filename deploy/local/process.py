"""Run one real process that can be stopped, killed, frozen and started again, and never outlives its parent."""

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
    """A program in `folder` (its working folder), writing to `log`.

    It has a session of its own, so Ctrl-C reaches only the parent, which then stops it in good order. The kernel sends
    it `death_signal` when the parent dies in any way. Every signal goes to its descendants too: PostgreSQL is a tree of
    processes.
    """

    def __init__(
        self, folder: Path, log: Path, *, uid: int | None = None, death_signal: int = signal.SIGKILL
    ) -> None:
        self._folder, self._log, self._uid, self._death_signal = folder, log, uid, death_signal
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Return the process id; None while it does not run."""
        return self._process.pid if self._process and self._process.poll() is None else None

    @property
    def status(self) -> int | None:
        """Return its exit status, `-9` for a SIGKILL; None while it runs or before its first start."""
        return self._process.poll() if self._process else None

    def spawn(self, argv: Sequence[str]) -> None:
        """Start without waiting for readiness."""
        uid = "-" if self._uid is None else str(self._uid)
        launcher = [sys.executable, "-I", "-S", str(LAUNCHER)]
        command = [*launcher, str(os.getpid()), uid, str(int(self._death_signal)), *argv]
        self._process = _spawner.submit(_popen, command, self._folder, self._log).result()

    def run(self, argv: Sequence[str], within_s: float = START_DEADLINE_SECONDS) -> None:
        """Run to the end. Raises PartUnavailable, with the end of the log, unless it exits with 0."""
        self.spawn(argv)
        assert self._process
        if self._process.wait(within_s) != 0:
            raise self._failure(f"{Path(argv[0]).name} a échoué")

    def wait_until(self, ready: Callable[[], bool]) -> None:
        """Poll `ready`. Raises PartUnavailable, with the end of the log, if the program dies or is not ready in
        time."""
        deadline = time.monotonic() + START_DEADLINE_SECONDS
        while not ready():
            if self.pid is None:
                raise self._failure("le processus s'est arrêté au démarrage")
            if time.monotonic() > deadline:
                raise self._failure(f"pas de réponse après {START_DEADLINE_SECONDS:.0f} s")
            time.sleep(POLL_SECONDS)

    def stop(self, gently: int = signal.SIGTERM) -> None:
        """Ask to stop in good order and wait; kill -9 past the deadline. Does nothing if it does not run."""
        if self._process is None or self._process.poll() is not None:
            return
        self.thaw()
        self._process.send_signal(gently)
        try:
            self._process.wait(STOP_DEADLINE_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill9()

    def kill9(self) -> None:
        """End the whole tree without a chance to tidy up. Return once all of it is gone."""
        signal_all(self._tree(), signal.SIGSTOP)  # a stopped parent forks no child that we would miss
        tree = self._tree()
        signal_all(tree, signal.SIGKILL)
        if self._process:
            self._process.wait()
        wait_until_gone(tree)

    def freeze(self) -> None:
        """Freeze the whole tree and return once no thread of it runs: connections stay open and nobody answers."""
        stopped: set[int] = set()
        while running := set(self._tree()) - stopped:  # what was forked meanwhile too
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
    """Poll until none of these processes runs. Raises TimeoutError."""
    _wait_while(lambda pid: _parent(pid) is not None, pids, deadline_seconds)


def wait_until_frozen(pids: Sequence[int]) -> None:
    """Poll until no thread of these processes runs: threads go on for a moment after SIGSTOP was sent. Raises
    TimeoutError."""
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
    """Return all processes below `pid`, parents before their children; none where there is no /proc."""
    parents = {child: _parent(child) for child in processes()}
    found = [pid]
    for above in found:
        found += [child for child, parent in parents.items() if parent == above]
    return found[1:]


def processes() -> list[int]:
    """Return every process of the machine."""
    return [int(entry.name) for entry in Path("/proc").glob("[0-9]*")]


def _parent(pid: int) -> int | None:
    """Return the parent's pid; None if the process is gone, or is a zombie."""
    match _state_and_parent(Path(f"/proc/{pid}")):
        case None | ("Z", _):
            return None
        case _, parent:
            return int(parent)


def _thread_states(pid: int) -> list[str]:
    """Return the state of each thread as a letter of the kernel, `T` for a stopped one."""
    threads = map(_state_and_parent, Path(f"/proc/{pid}/task").glob("[0-9]*"))
    return [thread[0] for thread in threads if thread]


def _state_and_parent(entry: Path) -> tuple[str, str] | None:
    try:
        state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
    except (FileNotFoundError, ProcessLookupError):
        return None
    return state, parent


def signal_all(pids: Sequence[int], number: int) -> None:
    """Signal these processes, and ignore those that are gone."""
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
