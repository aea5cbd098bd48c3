"""A process is taken for dead only where that is certain."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from router.process.os_process import identity_of, is_dead
from tests.rows import each_row


@contextmanager
def another() -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A process that runs until it is killed, and its name."""
    process = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    try:
        identity = identity_of(process.pid)
        assert identity is not None
        yield process, identity
    finally:
        process.kill()
        process.communicate()


def test_who_runs_or_stands_still_is_not_dead() -> None:
    ours = identity_of(os.getpid())
    assert ours is not None
    assert not is_dead(ours)
    with another() as (process, identity):
        process.send_signal(signal.SIGSTOP)
        os.waitpid(process.pid, os.WUNTRACED)
        assert not is_dead(identity)


def test_who_was_killed_is_dead_before_and_after_anybody_takes_leave_of_it() -> None:
    with another() as (process, identity):
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert is_dead(identity)
        process.wait()
        assert is_dead(identity)


def test_who_has_the_number_of_a_dead_one_is_another() -> None:
    ours = identity_of(os.getpid())
    assert ours is not None
    where, start = ours.rsplit(" ", 1)
    assert is_dead(f"{where} {int(start) - 1}")


@pytest.mark.parametrize("place", [0, 1], ids=["of another boot", "of another namespace"])
def test_of_who_is_elsewhere_nothing_is_certain(place: int) -> None:
    with another() as (process, identity):
        parts = identity.split(" ")
        parts[place] = "ailleurs"
        process.kill()
        process.wait()
        assert not is_dead(" ".join(parts))


@each_row("name", ["", "un ouvrier", "siao hub ouvrier deux"])
def test_what_names_no_process_is_not_dead(name: str) -> None:
    assert not is_dead(name)


def test_a_number_that_no_process_can_have_is_not_dead() -> None:
    ours = identity_of(os.getpid())
    assert ours is not None
    where, _, start = ours.rsplit(" ", 2)
    assert not is_dead(f"{where} {2**40} {start}")
