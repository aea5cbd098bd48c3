"""What dies is started again; a setting that stays wrong is given up on; nobody outlives the supervisor."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from deploy.local.process import wait_until_gone
from ops.running.supervisor import GIVES_UP_AFTER, MISCONFIGURED_STATUS, STOPS

DEADLINE_SECONDS = 30.0
SUPERVISES = """
import os, sys, time
from pathlib import Path
from ops.running import supervisor
from router.telemetry.logs import configure_logs

def works():
    # In one piece: a line is never cut.
    os.write(1, f"{os.getpid()} {Path('/proc/self/comm').read_text()}".encode())
    time.sleep(600)

configure_logs("supervisor", "info")
supervisor.RESTART_SECONDS = 0.0
supervisor.block_signals()
"""
SUPERVISED = "sys.exit(supervisor.supervise(%s))"
CRASHES_FIRST = """
def crashes_first():
    with open(sys.argv[1], "a+") as starts:
        starts.write("x")
        starts.seek(0)
        if (number := len(starts.read())) <= int(sys.argv[2]):
            raise RuntimeError("Mme Martin") if number % 2 else KeyboardInterrupt
    return supervisor.MISCONFIGURED_STATUS
"""
FORKS_TWICE = """
fork, forks = os.fork, []

def forks_twice():
    forks.append(1)
    if len(forks) > 2:
        raise BlockingIOError(11, "Resource temporarily unavailable")
    return fork()

os.fork = forks_twice
"""


class Group(NamedTuple):
    """A supervisor, and its processes by the name that the system shows."""

    supervisor: subprocess.Popen[str]
    pids: dict[str, int]


def program(group: str, *before: str) -> list[str]:
    return [sys.executable, "-c", "\n".join([SUPERVISES, *before, SUPERVISED % group])]


def supervised(group: str, *before: str, arguments: tuple[str, ...] = ()) -> tuple[int, list[dict[str, Any]]]:
    """How a supervisor of this group ended, and the lines of its log."""
    command = [*program(group, *before), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE_SECONDS, check=False)
    return done.returncode, [json.loads(line) for line in done.stderr.splitlines()]


def started(process: subprocess.Popen[str]) -> tuple[str, int]:
    assert process.stdout
    pid, name = process.stdout.readline().split()
    return name, int(pid)


@pytest.fixture
def group() -> Iterator[Group]:
    command = program('{"worker,dispatcher": works, "relay": works}')
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) as process:
        pids: dict[str, int] = {}
        try:
            pids |= dict(started(process) for _ in range(2))
            yield Group(process, pids)
        finally:
            process.kill()
            for pid in pids.values():
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


def test_a_group_of_which_one_starts_in_vain_for_a_reason_of_settings_stops_and_says_so():
    status, log = supervised(f'{{"gateway": works, "relay": lambda: {MISCONFIGURED_STATUS}}}')
    assert status == MISCONFIGURED_STATUS
    assert [line["event"] for line in log] == ["process.restarted"] * (GIVES_UP_AFTER - 1) + [
        "process.given_up"
    ]
    assert log[-1]["roles"] == "relay"


def test_what_dies_of_anything_else_is_started_again_however_often_and_says_no_value(tmp_path: Path):
    crashes = GIVES_UP_AFTER + 2
    arguments = (str(tmp_path / "starts"), str(crashes))
    _, log = supervised('{"worker": crashes_first}', CRASHES_FIRST, arguments=arguments)
    assert [line["event"] for line in log].count("process.crashed") == crashes
    ended = [line["status"] for line in log if line["event"] == "process.restarted"]
    assert [status != MISCONFIGURED_STATUS for status in ended].count(True) == crashes
    assert "Martin" not in str(log)


def test_a_process_that_is_killed_is_replaced_and_the_system_shows_each_by_its_first_role(group: Group):
    assert set(group.pids) == {"siao-worker", "siao-relay"}
    os.kill(group.pids["siao-relay"], signal.SIGKILL)
    name, pid = started(group.supervisor)
    assert name == "siao-relay"
    group.pids["siao-relay"] = pid
    group.supervisor.terminate()
    assert group.supervisor.wait(DEADLINE_SECONDS) == 0
    assert group.supervisor.stderr
    (line,) = map(json.loads, group.supervisor.stderr)
    assert (line["event"], line["roles"], line["status"]) == ("process.restarted", "relay", -9)


@pytest.mark.parametrize("sign", STOPS)
def test_one_signal_stops_the_whole_group(sign: signal.Signals, group: Group):
    group.supervisor.send_signal(sign)
    assert group.supervisor.wait(DEADLINE_SECONDS) == 0
    wait_until_gone(list(group.pids.values()), 0)


def test_nobody_outlives_a_supervisor_that_is_killed(group: Group):
    group.supervisor.kill()
    group.supervisor.wait(DEADLINE_SECONDS)
    wait_until_gone(list(group.pids.values()))


def test_a_copy_whose_supervisor_died_before_it_could_hear_of_it_does_nothing():
    orphan = "from ops.running.supervisor import _be_a_copy; _be_a_copy('relay', lambda: print('at work'), 0)"
    done = subprocess.run([sys.executable, "-c", orphan], capture_output=True, text=True, check=True)
    assert done.stdout == ""


def test_where_there_is_no_room_for_one_more_process_those_that_run_are_stopped():
    status, log = supervised('{"gateway": works, "worker": works, "console": works}', FORKS_TWICE)
    assert status == 1
    assert [line["event"] for line in log] == ["process.crashed"]
