"""The error class of the benchmarks."""


class BenchFailed(Exception):
    """A benchmark run is invalid: a message was refused, lost or doubled, or a program died. The text is French."""
