"""Tune Python for long-lived processes that handle batches, and protect their memory (keys, personal data)."""

import ctypes
import gc
import resource
import sys

PR_SET_DUMPABLE = 4
"""Option of prctl(2) that decides whether the process may be dumped to a file."""
SWITCH_SECONDS = 0.0005
"""Longest time in seconds that a thread waits for another that computes. Python's default of five
milliseconds slowed the reading of large files."""


def tune_interpreter() -> None:
    """Exclude imported objects from garbage collection, and let threads take short turns."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)
    sys.setswitchinterval(SWITCH_SECONDS)


def leave_no_image() -> None:
    """Forbid the system to write the memory of this process or its forks to a file (core dump)."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0)
