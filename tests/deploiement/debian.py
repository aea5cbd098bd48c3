"""Debian systems made by debootstrap and kept in the checkout's cache."""

import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".cache"
MIRROR = "http://deb.debian.org/debian"


def missing(programs: Iterable[str]) -> list[str]:
    """Return those of these programs that this machine lacks, and `root` if this process is not root."""
    lacks = [program for program in ("debootstrap", *programs) if shutil.which(program) is None]
    return lacks if os.geteuid() == 0 else [*lacks, "root"]


def debian(name: str, packages: str) -> Path:
    """Return the folder of a Debian 12 with these packages, given as a comma-separated list. It is made on first
    use."""
    made = CACHE / name
    if not made.exists():
        unfinished = made.with_name(f"{name}.part")
        shutil.rmtree(unfinished, ignore_errors=True)
        wanted = [
            "debootstrap",
            "--variant=minbase",
            f"--include={packages}",
            "bookworm",
            str(unfinished),
            MIRROR,
        ]
        subprocess.run(wanted, stdout=subprocess.DEVNULL, check=True)
        unfinished.rename(made)
    return made
