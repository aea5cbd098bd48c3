"""What dies is started again; what a person has to set right is not, for ever; nobody outlives the supervisor."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from router.cli import supervisor
from router.cli.supervisor import GIVES_UP_AFTER, MISCONFIGURED_STATUS, STOPS, supervise

DEADLINE_SECONDS = 20.0
SUPERVISES = """
import os, sys, time
from router.cli.supervisor import supervise

def work():
    os.write(1, f"{os.getpid()} {open('/proc/self/comm').read()}".encode())  # a line is never cut
    time.sleep(600)

sys.exit(supervise({"worker,dispatcher": work, "relay": work}))
"""


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nobody waits before a start; signals are this process's own again afterwards."""
    monkeypatch.setattr(supervisor, "RESTART_SECONDS", 0.0)
    yield
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)


def works() -> int:
    """Until it is told to stop."""
    time.sleep(DEADLINE_SECONDS)
    return 0


def ends(status: int) -> int:
    return status


def crashes_first(starts: Path, crashes: int) -> int:
    with starts.open("a+") as file:
        file.write("x")
        file.seek(0)
        if len(file.read()) <= crashes:
            raise RuntimeError("Mme Martin")
    return MISCONFIGURED_STATUS


def is_gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


@pytest.fixture
def group() -> Iterator[tuple[subprocess.Popen[str], dict[str, int]]]:
    """A supervisor, and its processes by the name that the system shows."""
    with subprocess.Popen([sys.executable, "-c", SUPERVISES], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            lines = [process.stdout.readline().split() for _ in range(2)]
            children = {name: int(pid) for pid, name in lines}
            yield process, children
        finally:
            process.kill()
    for pid in children.values():
        if not is_gone(pid):
            os.kill(pid, signal.SIGKILL)


def until_all_are_gone(pids: Iterator[int]) -> None:
    left, deadline = set(pids), time.monotonic() + DEADLINE_SECONDS
    while left := {pid for pid in left if not is_gone(pid)}:
        assert time.monotonic() < deadline, left
        time.sleep(0.02)


def test_a_group_of_which_one_starts_in_vain_for_a_reason_of_settings_stops_and_says_so():
    with capture_logs() as logs:
        status = supervise({"gateway": works, "relay": partial(ends, MISCONFIGURED_STATUS)})
    assert status == MISCONFIGURED_STATUS
    assert [line["event"] for line in logs] == ["process.restarted"] * (GIVES_UP_AFTER - 1) + [
        "process.given_up"
    ]
    assert logs[-1]["roles"] == "relay"


def test_what_dies_of_anything_else_is_started_again_however_often(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sys, "excepthook", lambda *_: None)
    crashes = GIVES_UP_AFTER + 2
    with capture_logs() as logs:
        supervise({"worker": partial(crashes_first, tmp_path / "starts", crashes)})
    ended = [line["status"] for line in logs if line["event"] == "process.restarted"]
    assert [status != MISCONFIGURED_STATUS for status in ended].count(True) == crashes


def test_a_crash_goes_through_the_hook_that_says_it_without_its_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    said = tmp_path / "said"
    monkeypatch.setattr(sys, "excepthook", lambda kind, *_: said.write_text(kind.__name__))
    supervise({"worker": partial(crashes_first, tmp_path / "starts", 1)})
    assert said.read_text() == "RuntimeError"
    assert "Martin" not in capfd.readouterr().err


@pytest.mark.parametrize("sign", STOPS)
def test_one_signal_stops_the_whole_group(
    sign: signal.Signals, group: tuple[subprocess.Popen[str], dict[str, int]]
):
    process, children = group
    process.send_signal(sign)
    assert process.wait(DEADLINE_SECONDS) == 0
    assert all(is_gone(pid) for pid in children.values())


def test_nobody_outlives_a_supervisor_that_is_killed(
    group: tuple[subprocess.Popen[str], dict[str, int]],
):
    process, children = group
    process.kill()
    process.wait(DEADLINE_SECONDS)
    until_all_are_gone(iter(children.values()))


def test_the_system_shows_a_process_by_its_first_role(
    group: tuple[subprocess.Popen[str], dict[str, int]],
):
    assert set(group[1]) == {"siao-worker", "siao-relay"}
