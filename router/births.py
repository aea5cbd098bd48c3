"""Which process of this machine somebody was, whether it is dead for certain, and what becomes of its children.

A process is named by the boot of its machine, its PID namespace, its number and the moment of its start. Who looks from
the same namespace of the same boot sees whether it is still there; nobody else can tell, and a frozen one is not dead.
"""

import ctypes
import os
from pathlib import Path
from signal import Signals

PR_SET_PDEATHSIG, PR_SET_NAME = 1, 15
DEAD = ("Z", "X")
"""States of a process that runs no more, and that nobody has taken leave of yet."""


def birth_of(pid: int) -> str | None:
    """The name of a process of this machine; None where the system does not tell."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot} {os.readlink('/proc/self/ns/pid')} {pid} {_stat(pid)[1]}"
    except OSError:
        return None


def is_dead(birth: str) -> bool:
    """Whether the process of that name runs no more; False where that is not certain."""
    ours, (where, pid, start) = birth_of(os.getpid()), birth.rsplit(" ", 2)
    if ours is None or ours.rsplit(" ", 2)[0] != where:
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False  # somebody else's, whom we may not even see
    try:
        state, began = _stat(int(pid))
    except OSError:
        return False
    return state in DEAD or began != start


def ends_with_its_parent(sign: Signals) -> None:
    """From now on this process gets that signal once its parent is gone, however it died."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, sign)


def is_called(name: str) -> None:
    """How the system shows this process, by its first fifteen letters (`ps -o comm`, `top`)."""
    ctypes.CDLL(None).prctl(PR_SET_NAME, name.encode())


def _stat(pid: int) -> tuple[str, str]:
    """State and start of a process; its name, which comes before, may hold anything."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return fields[0], fields[19]
