"""Temporary folders that last as long as a run, and the removal of those of crashed runs."""

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
GRACE_SECONDS = 6.0  # PostgreSQL waits five seconds for its own children


@contextmanager
def run_folder(part: str) -> Iterator[Path]:
    """Give a new temporary folder with access for this account only; remove it when the block ends.

    A locked file in it shows that the run is alive. The kernel releases the lock however the run ends.
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
    """Remove the folders of runs that have ended, and end processes that still work in them.

    Considers only folders of this account, and never touches the folder of a living run.
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
    """Wait until these processes have ended, and kill those that are frozen. All have got their death signal
    already."""
    try:
        wait_until_gone(workers, GRACE_SECONDS)
    except TimeoutError:
        signal_all(workers, signal.SIGKILL)
        wait_until_gone(workers)


def _works_in(pid: int, folder: Path) -> bool:
    try:
        return Path(os.readlink(f"/proc/{pid}/cwd")).is_relative_to(folder)
    except OSError:  # it has ended, or belongs to another account
        return False
