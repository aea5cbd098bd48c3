"""Which process of this machine somebody was, and whether it is dead for certain; how this one is named and ends.

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
    ours = birth_of(os.getpid())
    try:
        where, number, start = birth.rsplit(" ", 2)
        pid = int(number)
    except ValueError:  # no name of ours
        return False
    if ours is None or ours.rsplit(" ", 2)[0] != where:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False  # somebody else's, whom we may not even see; or no number of a process
    try:
        state, began = _stat(pid)
    except OSError:
        return False
    return state in DEAD or began != start


def end_with_parent(sign: Signals) -> None:
    """From now on this process gets that signal when its parent dies. One that is dead already is not noticed: look at
    `os.getppid()` afterwards. Raises OSError where the system does not do that."""
    _prctl(PR_SET_PDEATHSIG, sign)


def name_this_process(name: str) -> None:
    """What `ps -o comm` and `top` show: its first fifteen letters. Raises OSError."""
    _prctl(PR_SET_NAME, name.encode())


def _prctl(option: int, value: int | bytes) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(option, value) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def _stat(pid: int) -> tuple[str, str]:
    """State and start of a process; its name, which comes before, may hold anything."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return fields[0], fields[19]
