"""Tests that run in several processes (`-n`) are judged as in one."""

import os
import subprocess
import sys
from pathlib import Path

FIRST = """
def test_it_holds():
    print("said by the first")

def test_it_does_not_hold():
    print("said by the second")
    assert 1 + 1 == 3
"""
SECOND = """
def test_another_module():
    pass
"""
DEADLY = """
import os

def test_that_ends_its_process():
    os._exit(0)
"""


def run(folder: Path, **modules: str) -> subprocess.CompletedProcess[str]:
    for name, text in modules.items():
        (folder / f"test_{name}.py").write_text(text)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-c",
        os.devnull,
        "-p",
        "tests.processes",
        "-n",
        "2",
        str(folder),
    ]
    alone = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(command, env=alone, capture_output=True, text=True, check=False)


def test_every_test_is_counted_once_and_a_failed_one_is_shown_with_its_own_output(tmp_path: Path) -> None:
    done = run(tmp_path, first=FIRST, second=SECOND)
    assert done.returncode == 1
    assert "1 failed, 2 passed" in done.stdout
    assert "assert (1 + 1) == 3" in done.stdout
    assert "said by the second" in done.stdout
    assert "said by the first" not in done.stdout


def test_a_process_that_ends_before_its_tests_are_done_fails_the_run_and_its_test_is_named(
    tmp_path: Path,
) -> None:
    done = run(tmp_path, deadly=DEADLY, second=SECOND)
    assert done.returncode == 1
    assert "ended during test_deadly.py::test_that_ends_its_process" in done.stdout
