"""The checks of the project find what is wrong, and leave nothing running."""

import os
import select
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path("deploy/controles.sh")
COMPILES = "touch compiling && exec sleep 20"
FAILS = "until [ -e compiling ]; do sleep 0.01; done; exit 1"
WRONG = "echo des mots faux; exit 1"
ENDED_WITHIN_SECONDS = 10


def test_a_failed_check_ends_the_tests_that_compile_beside_it(tmp_path: Path) -> None:
    programs(tmp_path, pytest=COMPILES, ruff=FAILS)
    reads, held = (
        os.pipe()
    )  # the script and all that it starts hold one end: the other ends with the last of them
    checked = subprocess.run(
        ["bash", tmp_path / SCRIPT], capture_output=True, text=True, pass_fds=(held,), check=False
    )
    os.close(held)
    ended, _, _ = select.select([reads], [], [], ENDED_WITHIN_SECONDS)
    os.close(reads)
    assert (checked.returncode, "✗ style" in checked.stdout) == (1, True)
    assert ended


@pytest.mark.parametrize(
    ("types", "tests", "code"),
    [("", "", 0), (WRONG, "", 1), ("", "exit 3", 3), ("", f'[ "$1" != tests/unit ] || {{ {WRONG}; }}', 1)],
)
def test_types_and_unit_tests_are_checked_beside_the_other_tests_and_all_have_to_be_right(
    tmp_path: Path, types: str, tests: str, code: int
) -> None:
    programs(tmp_path, **{"ruff": "", "lint-imports": "", "python": "", "mypy": types, "pytest": tests})
    checked = subprocess.run(["bash", tmp_path / SCRIPT], capture_output=True, text=True, check=False)
    assert checked.returncode == code
    assert ("des mots faux" in checked.stdout) == (code == 1)


def programs(folder: Path, **does: str) -> None:
    """Put the script into the folder, with programs of these names that run these shell commands."""
    bin_ = folder / ".venv" / "bin"
    bin_.mkdir(parents=True)
    (folder / "deploy").mkdir()
    shutil.copy(SCRIPT, folder / SCRIPT)
    for name, commands in does.items():
        (bin_ / name).write_text(f"#!/bin/sh\n{commands}\n")
        (bin_ / name).chmod(0o755)
