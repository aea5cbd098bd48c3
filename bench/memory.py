"""Memory of one process, in MiB, as the kernel counts it."""

from pathlib import Path

from bench.cpu import family


def resident_mib(pid: int) -> float:
    """What is in memory now."""
    return _kib(pid, "VmRSS") / 1024


def peak_mib(pid: int) -> float:
    """The most that ever was."""
    return _kib(pid, "VmHWM") / 1024


def largest_peak_mib(pid: int) -> float:
    """The most that one of a process and all its descendants ever took."""
    return max(peak_mib(each.pid) for each in family(pid))


def _kib(pid: int, name: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))
