"""Name processes of this machine so that another one can be certain that one is dead. Also give the present
process a name for `ps`, and end it with its parent.

The name of a process is made of the boot of the machine, the PID namespace, the process number and the start
time. A process in the same namespace and boot can tell whether the named process still runs. No other can. A
frozen process is not dead.
"""

import ctypes
import os
from pathlib import Path
from signal import Signals

PR_SET_PDEATHSIG, PR_SET_NAME = 1, 15
DEAD = ("Z", "X")
"""States of a process that has ended, but that its parent has not reaped yet."""


def identity_of(pid: int) -> str | None:
    """Return the name of a process of this machine; None if the system does not tell."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot} {os.readlink('/proc/self/ns/pid')} {pid} {_stat(pid)[1]}"
    except OSError:
        return None


def is_dead(identity: str) -> bool:
    """Tell whether the process of that name has certainly ended. False if that is not certain."""
    ours = identity_of(os.getpid())
    try:
        where, number, start = identity.rsplit(" ", 2)
        pid = int(number)
    except ValueError:  # not a name that we make
        return False
    if ours is None or ours.rsplit(" ", 2)[0] != where:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False  # a process of another user, or no process number
    try:
        state, began = _stat(pid)
    except OSError:
        return False
    return state in DEAD or began != start


def end_with_parent(sign: Signals) -> None:
    """Make the system send this process that signal when its parent dies. If the parent is already dead, no
    signal comes: check `os.getppid()` afterwards. Raises OSError if the system cannot do that."""
    _prctl(PR_SET_PDEATHSIG, sign)


def name_this_process(name: str) -> None:
    """Set the name, of at most fifteen characters, that `ps -o comm` and `top` show. Raises OSError."""
    _prctl(PR_SET_NAME, name.encode())


def _prctl(option: int, value: int | bytes) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(option, value) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def _stat(pid: int) -> tuple[str, str]:
    """Return the state and the start time of a process. They stand in `/proc/<pid>/stat` after the name of the
    process, which may hold any characters."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return fields[0], fields[19]
