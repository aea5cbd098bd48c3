"""How Python runs in a process that lives long and handles batches."""

import gc
import sys

SWITCH_SECONDS = 0.0005
"""Longest that a thread waits for one that computes; Python's own five milliseconds, several times for each thousand
rows that another process has read, made of their reading the slowest part of a file."""


def tune_interpreter() -> None:
    """What was imported lives as long as the process: the collector need not walk it at every batch. Threads take
    short turns."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)
    sys.setswitchinterval(SWITCH_SECONDS)
