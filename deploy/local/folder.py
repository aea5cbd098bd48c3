"""A temporary folder that lasts as long as its run, and the sweeping of what crashed runs left."""

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
    """A fresh folder of this account alone, removed on leaving.

    An open lock on a file inside says that the run lives; the kernel drops it however the run ends.
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
    """Remove the folders of runs that are gone, and end any process still at work in them.

    Only the folders of this account; a folder whose run lives is never touched.
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
    """They have had their death signal: they are on their way out, unless they are frozen."""
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
