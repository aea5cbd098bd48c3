"""Identify processes of this machine, to know for certain when a process is dead. Also name this process for
`ps`, and end it with its parent.

The identity of a process has four parts: the machine's boot, the PID namespace, the process number and the start
time. Only a process of the same boot and namespace can check whether an identity belongs to a dead process.
"""

import ctypes
import os
from pathlib import Path
from signal import Signals

PR_SET_PDEATHSIG, PR_SET_NAME = 1, 15
DEAD = ("Z", "X")
"""States that `/proc` shows for a process that has ended."""


def identity_of(pid: int) -> str | None:
    """Return a text that identifies a process of this machine. A later process with the same number gets another
    text. Return None if the system tells too little."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot} {os.readlink('/proc/self/ns/pid')} {pid} {_stat(pid)[1]}"
    except OSError:
        return None


def is_dead(identity: str) -> bool:
    """Return whether a process has certainly ended. Return False if this is unknown. `identity` is the text that
    `identity_of` returned for the process."""
    ours = identity_of(os.getpid())
    try:
        where, number, start = identity.rsplit(" ", 2)
        pid = int(number)
    except ValueError:  # not an identity made by `identity_of`
        return False
    if ours is None or ours.rsplit(" ", 2)[0] != where:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False  # it belongs to another user, or is not a valid process number
    try:
        state, began = _stat(pid)
    except OSError:
        return False
    return state in DEAD or began != start


def end_with_parent(sign: Signals) -> None:
    """Make the system send the signal `sign` to this process when its parent dies. The caller checks
    `os.getppid()` afterwards: if the parent was dead already, no signal comes. Raises OSError if the system
    cannot do this."""
    _prctl(PR_SET_PDEATHSIG, sign)


def name_this_process(name: str) -> None:
    """Give this process a name. `ps -o comm` and `top` show the first 15 characters of it. Raises OSError if the
    system refuses."""
    _prctl(PR_SET_NAME, name.encode())


def _prctl(option: int, value: int | bytes) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(option, value) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def _stat(pid: int) -> tuple[str, str]:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return fields[0], fields[19]  # state and start time, see proc(5)
