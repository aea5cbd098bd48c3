"""What dies is started again; what a person has to set right is not started for ever."""

import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from router.cli import supervisor
from router.cli.supervisor import GIVES_UP_AFTER, MISCONFIGURED_STATUS, supervise

WORKS = "import sys; sys.stdin.read()"
"""Until its supervisor closes the line, or ends it."""
ENDS = "import sys; sys.exit({status})"
CRASHES_FIRST = """
import sys
with open(sys.argv[1], 'a+') as starts:
    starts.write('x')
    starts.seek(0)
    sys.exit({crash} if len(starts.read()) <= {crashes} else {misconfigured})
"""


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nobody waits before a start; signals are this process's own again afterwards."""
    monkeypatch.setattr(supervisor, "RESTART_SECONDS", 0.0)
    before = {sign: signal.getsignal(sign) for sign in (signal.SIGTERM, signal.SIGINT)}
    yield
    for sign, handler in before.items():
        signal.signal(sign, handler)


def python(code: str, *arguments: str) -> list[str]:
    return [sys.executable, "-S", "-c", code, *arguments]


def test_a_group_of_which_one_starts_in_vain_for_a_reason_of_settings_stops_and_says_so():
    with capture_logs() as logs:
        status = supervise([python(WORKS), python(ENDS.format(status=MISCONFIGURED_STATUS), "--role=relay")])
    assert status == MISCONFIGURED_STATUS
    assert [line["event"] for line in logs] == ["process.restarted"] * (GIVES_UP_AFTER - 1) + [
        "process.given_up"
    ]
    assert logs[-1]["roles"] == ["--role=relay"]


def test_what_dies_of_anything_else_is_started_again_however_often(tmp_path: Path):
    crashes = GIVES_UP_AFTER + 2
    code = CRASHES_FIRST.format(crash=-9, crashes=crashes, misconfigured=MISCONFIGURED_STATUS)
    with capture_logs() as logs:
        supervise([python(code, str(tmp_path / "starts"))])
    ended = [line["status"] for line in logs if line["event"] == "process.restarted"]
    assert [status != MISCONFIGURED_STATUS for status in ended].count(True) == crashes
