"""Tune Python for a process that lives long and handles batches, and protect its memory, which holds keys and
personal data."""

import ctypes
import gc
import resource
import sys

PR_SET_DUMPABLE = 4
"""Number of the option of prctl(2) that decides whether the process may be dumped to a file."""
SWITCH_SECONDS = 0.0005
"""Longest time, in seconds, that a thread waits for another one that computes. With Python's default of five
milliseconds, these waits made reading the slowest part of a large file."""


def tune_interpreter() -> None:
    """Exclude the imported objects from garbage collection, since they live as long as the process, and let
    threads take short turns."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)
    sys.setswitchinterval(SWITCH_SECONDS)


def leave_no_image() -> None:
    """Forbid the system to write the memory of this process or its forks to a file (core dump). Only root can
    still read the memory."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0)
