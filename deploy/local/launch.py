"""Run a program in place of this process, so that it ends when its parent does. Standard library only; see
`process`.

    python launch.py PARENT_PID UID|- DEATH_SIGNAL PROGRAM [ARGUMENT…]

This is a program of its own between fork and exec, because a `preexec_fn` may deadlock in a process with threads.
It changes the account before it sets the death signal, because a change of account would clear that signal.
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
    """Change this process's user and group to `uid` for good."""
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def die_with_parent(parent: int, death_signal: int) -> None:
    """Make the kernel send `death_signal` to this process when its parent ends; exit at once if the parent has
    already ended."""
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0) != 0:
        sys.exit(f"prctl: {os.strerror(ctypes.get_errno())}")
    if os.getppid() != parent:
        sys.exit("parent is gone")


main()
