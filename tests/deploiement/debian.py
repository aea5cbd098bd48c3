"""Debian systems made by debootstrap, kept in the cache of the checkout."""

import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".cache"
MIRROR = "http://deb.debian.org/debian"


def missing(programs: Iterable[str]) -> list[str]:
    """Return which of these programs this machine lacks, root's account among them."""
    lacks = [program for program in ("debootstrap", *programs) if shutil.which(program) is None]
    return lacks if os.geteuid() == 0 else [*lacks, "root"]


def debian(name: str, packages: str) -> Path:
    """Return the folder of a Debian 12 with these packages, separated by commas."""
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
