"""Read the memory of one process, in MiB, as the kernel counts it."""

from pathlib import Path

from bench.cpu import family


def resident_mib(pid: int) -> float:
    """Return the memory that a process takes now."""
    return _kib(pid, "VmRSS") / 1024


def peak_mib(pid: int) -> float:
    """Return the peak memory of a process."""
    return _kib(pid, "VmHWM") / 1024


def largest_peak_mib(pid: int) -> float:
    """Return the largest peak of a process and its descendants."""
    return max(peak_mib(each.pid) for each in family(pid))


def _kib(pid: int, name: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))
