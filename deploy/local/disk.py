"""A disk in memory for the data of Kafka or PostgreSQL, to simulate a full disk: its size can shrink to its
content, and grow again."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local.errors import PartUnavailable

SIZE_BYTES = 4 * 1024**3
ATTEMPTS = 100
MARGIN_BYTES = 64 * 1024
REST_SECONDS = 0.02
MOUNTS = Path("/proc/self/mounts")


class Disk:
    """A mounted disk in memory. It takes as much memory as its files do."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def fill(self) -> None:
        """Shrink the disk to its content, so that nothing more fits. Raises PartUnavailable if programs write
        faster than it can shrink."""
        for attempt in range(ATTEMPTS):
            state = os.statvfs(self.path)
            used = (state.f_blocks - state.f_bfree) * state.f_frsize
            if _mount(self.path, "remount", f"size={used + attempt * MARGIN_BYTES}"):
                return
            time.sleep(REST_SECONDS)
        raise PartUnavailable(f"le disque {self.path} ne se laisse pas remplir")

    def free(self) -> None:
        """Give the disk its first size again."""
        _mount(self.path, "remount", f"size={SIZE_BYTES}")


@contextmanager
def mounted_disk(path: Path) -> Iterator[Disk]:
    """Mount a disk on a new folder until the block ends; its content is lost then. Raises PartUnavailable."""
    path.mkdir()
    if not _mount(path, f"size={SIZE_BYTES}", "mode=0711"):
        raise PartUnavailable("cette machine ne permet pas de monter un disque")
    try:
        yield Disk(path)
    finally:
        unmount_below(path)


def can_mount() -> bool:
    """Return whether this process may mount a disk on this machine."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            with mounted_disk(Path(folder) / "essai"):
                return True
        except PartUnavailable:
            return False


def unmount_below(folder: Path) -> None:
    """Unmount every disk at or below a folder. A process can still use a file that it has open there."""
    if not MOUNTS.exists():
        return
    for line in reversed(MOUNTS.read_text().splitlines()):
        if (target := Path(line.split()[1])).is_relative_to(folder):
            _done("umount", "--lazy", str(target))


def _mount(path: Path, *options: str) -> bool:
    return _done("mount", "-t", "tmpfs", "-o", ",".join(options), "siao-hub", str(path))


def _done(program: str, *arguments: str) -> bool:
    """Run a program, and return whether it is installed and succeeded."""
    if (found := shutil.which(program)) is None:
        return False
    return subprocess.run([found, *arguments], capture_output=True, check=False).returncode == 0
