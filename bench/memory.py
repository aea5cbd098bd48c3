"""Memory of processes in MiB, as the kernel counts it."""

from pathlib import Path

from bench.cpu import family


def resident_mib(pid: int) -> float:
    """Return the resident memory of a process at present, in MiB."""
    return _kib(pid, "VmRSS") / 1024


def peak_mib(pid: int) -> float:
    """Return the peak resident memory of a process, in MiB."""
    return _kib(pid, "VmHWM") / 1024


def largest_peak_mib(pid: int) -> float:
    """Return the highest peak among a process and its descendants, in MiB."""
    return max(peak_mib(each.pid) for each in family(pid))


def _kib(pid: int, name: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))
