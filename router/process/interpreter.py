"""Tune Python for processes that run long and handle batches. Keep the memory of these processes (keys,
personal data) out of core dumps."""

import ctypes
import gc
import resource
import sys

PR_SET_DUMPABLE = 4
"""Option of prctl(2) that allows or forbids core dumps of the process."""
SWITCH_SECONDS = 0.0005
"""Longest time, in seconds, for which a thread that wants to run waits until another thread is interrupted.
Python's default, 5 ms, slowed the reading of large files."""


def tune_interpreter() -> None:
    """Make a long-running process faster: do not collect the objects that exist now as garbage, and collect
    new objects less often. Also let threads switch more often, so that no thread waits long for another."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)
    sys.setswitchinterval(SWITCH_SECONDS)


def leave_no_image() -> None:
    """Forbid core dumps of this process and its children, because its memory contains keys and personal
    data."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0)
