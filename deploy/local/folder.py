"""Make a temporary folder that lasts as long as its run, and sweep the folders of crashed runs."""

import fcntl
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local.disk import unmount_below
from deploy.local.process import processes, signal_all, wait_until_gone

PREFIX = "siao-hub-local-"
LOCK = "lock"
GRACE_SECONDS = 6.0  # PostgreSQL gives its own children five


@contextmanager
def run_folder(part: str) -> Iterator[Path]:
    """Give a fresh folder of this account alone, removed on leaving.

    An open lock on a file inside shows that the run lives. The kernel drops the lock however the run ends.
    """
    sweep()
    new = Path(tempfile.mkdtemp(prefix=f".{PREFIX}"))  # hidden from sweepers until its lock is held
    with (new / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        folder = new.rename(new.with_name(f"{PREFIX}{part}-{new.name.rpartition('-')[2]}"))
        try:
            yield folder
        finally:
            _remove(folder)


def sweep() -> None:
    """Remove the folders of runs that have ended, and end any process still at work in them.

    Looks only at folders of this account. The folder of a living run is never touched.
    """
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            if folder.stat().st_uid == os.geteuid():
                _sweep(folder)
        except FileNotFoundError:  # another sweeper was faster
            continue


def _sweep(folder: Path) -> None:
    with (folder / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        _end([pid for pid in processes() if _works_in(pid, folder)])
        _remove(folder)


def _remove(folder: Path) -> None:
    unmount_below(folder)
    shutil.rmtree(folder, ignore_errors=True)


def _end(workers: list[int]) -> None:
    """Wait for these processes, and kill the frozen ones. All have had their death signal."""
    try:
        wait_until_gone(workers, GRACE_SECONDS)
    except TimeoutError:
        signal_all(workers, signal.SIGKILL)
        wait_until_gone(workers)


def _works_in(pid: int, folder: Path) -> bool:
    try:
        return Path(os.readlink(f"/proc/{pid}/cwd")).is_relative_to(folder)
    except OSError:  # gone meanwhile, or not ours to see
        return False
