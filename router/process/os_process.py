"""Identify processes of this machine, so that other processes can be certain that a process is dead. Also
name this process for `ps`, and end it when its parent ends.

An identity is made of the machine's boot, the PID namespace, the process number and the start time. Only
a process of the same boot and namespace can check an identity.
"""

import ctypes
import os
from pathlib import Path
from signal import Signals

PR_SET_PDEATHSIG, PR_SET_NAME = 1, 15
DEAD = ("Z", "X")
"""States that `/proc` gives for a process that has ended."""


def identity_of(pid: int) -> str | None:
    """Return the identity of the process with the number `pid` on this machine. Return None if the system
    does not tell it."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot} {os.readlink('/proc/self/ns/pid')} {pid} {_stat(pid)[1]}"
    except OSError:
        return None


def is_dead(identity: str) -> bool:
    """Tell whether the process with this identity has certainly ended. Return False if that is unknown."""
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
    """Let the kernel send the signal `sign` to this process when its parent dies. Raises OSError if the
    system cannot do that.

    Check `os.getppid()` afterwards: no signal is sent if the parent is already dead.
    """
    _prctl(PR_SET_PDEATHSIG, sign)


def name_this_process(name: str) -> None:
    """Name this process: `ps -o comm` and `top` then show it under `name`, cut to 15 characters. Raises OSError
    if the system refuses."""
    _prctl(PR_SET_NAME, name.encode())


def _prctl(option: int, value: int | bytes) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(option, value) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def _stat(pid: int) -> tuple[str, str]:
    """Return the state and the start time of a process, from `/proc`. Raises OSError if there is no such
    process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return fields[0], fields[19]
