"""Program that runs one process of the hub with a wrong wall clock.

`python -m simulation.chaos.shifted run --role=…`; the error comes from the environment. The clock changes
before any module of the hub is imported.
"""

import ctypes
import gc
import os
import runpy
import time
from datetime import datetime, tzinfo
from typing import Any

CLOCK_VARIABLE = "SIAO_CHAOS_CLOCK_SECONDS"
NANOSECONDS = 1_000_000_000


def environment(seconds: float) -> dict[str, str]:
    """Return the environment variables for this clock error; none for 0."""
    return {CLOCK_VARIABLE: str(seconds)} if seconds else {}


def shift(seconds: float) -> None:
    """Change this process's wall clock by some seconds."""
    right, right_ns = time.time, time.time_ns
    time.time = lambda: right() + seconds
    time.time_ns = lambda: right_ns() + int(seconds * NANOSECONDS)

    def now(kind: type[datetime], tz: tzinfo | None = None) -> datetime:
        return kind.fromtimestamp(time.time(), tz)

    _replace(datetime, now=classmethod(now))


def _replace(kind: type, **methods: Any) -> None:
    """Replace methods of a type written in C, which Python does not let us set."""
    (written,) = (found for found in gc.get_referents(kind.__dict__) if isinstance(found, dict))
    written.update(methods)
    ctypes.pythonapi.PyType_Modified(ctypes.py_object(kind))


if __name__ == "__main__":
    shift(float(os.environ[CLOCK_VARIABLE]))
    runpy.run_module("simulation.chaos.sabotaged", run_name="__main__", alter_sys=True)
