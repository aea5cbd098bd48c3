"""Python's garbage collector in a process that lives long and handles batches."""

import gc


def spare_the_collector() -> None:
    """What was imported lives as long as the process: the collector need not walk it at every batch."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)
