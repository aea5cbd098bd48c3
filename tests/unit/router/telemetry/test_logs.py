"""Whatever a process writes is a line of JSON with its time and role, and no value is in it."""

import json
import subprocess
import sys
from typing import Any

PROGRAM = """
import asyncio, logging, warnings
import structlog
from router.telemetry.logs import configure_logs
configure_logs("worker", "info")
{body}
"""


def written(body: str) -> list[dict[str, Any]]:
    """The lines of a process that runs this."""
    command = [sys.executable, "-c", PROGRAM.format(body=body)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout == ""
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_an_event_begins_with_its_time_its_level_its_role_and_its_name():
    (line,) = written('structlog.get_logger().info("hub.started", partners=3)')
    assert list(line) == ["timestamp", "level", "role", "pid", "event", "partners"]
    assert line["timestamp"].endswith("Z")
    assert (line["level"], line["role"], line["event"]) == ("info", "worker", "hub.started")


def test_a_library_is_quoted_without_what_it_would_put_into_its_text():
    (line,) = written('logging.getLogger("aiokafka").error("Unable to read %s", "Mme DUPONT")')
    assert (line["library"], line["text"], line["level"]) == ("aiokafka", "Unable to read %s", "error")


def test_a_library_that_floods_is_one_line():
    lines = written(
        'for _ in range(500): logging.getLogger("aiokafka").error("Unable connect to %s", "nœud 1")'
    )
    assert [line["times"] for line in lines] == [1]


def test_an_error_that_nobody_awaits_is_told_without_its_text():
    (line,) = written(
        """
async def fails(): raise LookupError("Mme DUPONT")
async def main():
    task = asyncio.ensure_future(fails())
    await asyncio.sleep(0)
    del task
asyncio.run(main())
"""
    )
    assert line["library"] == "asyncio"
    assert line["text"] == "Task exception was never retrieved"
    assert line["where"].startswith("LookupError")
    assert "DUPONT" not in json.dumps(line)


def test_a_warning_of_python_is_a_line_without_its_text():
    (line,) = written('warnings.warn("Mme DUPONT")')
    assert line["library"] == "py.warnings"
    assert "DUPONT" not in json.dumps(line)


def test_a_crash_is_a_line_that_says_where_and_not_what():
    (line,) = written('raise ValueError("Mme DUPONT")')
    assert (line["event"], line["level"]) == ("process.crashed", "critical")
    assert line["where"].startswith("ValueError")
    assert "DUPONT" not in json.dumps(line)
