"""Become the program that is given, tied to the life of its parent. Standard library only; see `process`.

    python launch.py PARENT_PID UID|- DEATH_SIGNAL PROGRAM [ARGUMENT…]

This is a step of its own between fork and exec, for a `preexec_fn` may deadlock in a process with threads. The account
changes first: changing it would clear the death signal.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    parent, uid, death_signal, *command = sys.argv[1:]
    if uid != "-":
        become(int(uid))
    if sys.platform == "linux":
        die_with_parent(int(parent), int(death_signal))
    os.execvp(command[0], command)  # noqa: S606 - this is its purpose


def become(uid: int) -> None:
    """Drop root for good."""
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def die_with_parent(parent: int, death_signal: int) -> None:
    """Ask the kernel for `death_signal` once the parent is gone; exit at once if it already is."""
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0) != 0:
        sys.exit(f"prctl: {os.strerror(ctypes.get_errno())}")
    if os.getppid() != parent:
        sys.exit("parent is gone")


main()
