"""Whatever a process writes is a line of JSON with its time and role, and no value is in it."""

import json
import subprocess
import sys
from functools import cache
from typing import Any

PROGRAM = """
import asyncio, logging, warnings
import structlog
from router.telemetry.logs import configure_logs
configure_logs("worker", "info")

structlog.get_logger().info("hub.started", partners=3)
logging.getLogger("aiokafka").error("Unable to read %s", "Mme DUPONT")
for _ in range(500):
    logging.getLogger("aiokafka").error("Unable connect to %s", "nœud 1")

async def fails(): raise LookupError("Mme DUPONT")
async def main():
    task = asyncio.ensure_future(fails())
    await asyncio.sleep(0)
    del task
asyncio.run(main())

warnings.warn("Mme DUPONT")
raise ValueError("Mme DUPONT")
"""


@cache
def written() -> list[dict[str, Any]]:
    """The lines of a process to which all of this happens."""
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert done.stdout == ""
    assert "DUPONT" not in done.stderr
    return [json.loads(line) for line in done.stderr.splitlines()]


def said(**fields: Any) -> list[dict[str, Any]]:
    """The lines with these fields."""
    return [line for line in written() if fields.items() <= line.items()]


def test_an_event_begins_with_its_time_its_level_its_role_and_its_name():
    (line,) = said(event="hub.started")
    assert list(line) == ["timestamp", "level", "role", "pid", "event", "partners"]
    assert line["timestamp"].endswith("Z")
    assert (line["level"], line["role"]) == ("info", "worker")


def test_a_library_is_quoted_without_what_it_would_put_into_its_text():
    (line,) = said(library="aiokafka", text="Unable to read %s")
    assert line["level"] == "error"


def test_a_library_that_floods_is_one_line():
    assert [line["times"] for line in said(library="aiokafka", text="Unable connect to %s")] == [1]


def test_an_error_that_nobody_awaits_is_told_without_its_text():
    (line,) = said(library="asyncio")
    assert line["text"] == "Task exception was never retrieved"
    assert line["where"].startswith("LookupError")


def test_a_warning_of_python_is_a_line_without_its_text():
    assert len(said(library="py.warnings")) == 1


def test_a_crash_is_a_line_that_says_where_and_not_what():
    (line,) = said(event="process.crashed")
    assert line["level"] == "critical"
    assert line["where"].startswith("ValueError")
    assert len(written()) == 6
