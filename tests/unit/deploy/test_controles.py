"""The checks of the project leave nothing running."""

import os
import select
import shutil
import subprocess
from pathlib import Path

SCRIPT = Path("deploy/controles.sh")
COMPILES = "touch compiling && exec sleep 20"
FAILS = "until [ -e compiling ]; do sleep 0.01; done; exit 1"
ENDED_WITHIN_SECONDS = 10


def test_a_failed_check_ends_the_tests_that_compile_beside_it(tmp_path: Path) -> None:
    bin_ = tmp_path / ".venv" / "bin"
    bin_.mkdir(parents=True)
    (tmp_path / "deploy").mkdir()
    shutil.copy(SCRIPT, tmp_path / SCRIPT)
    for name, does in (("pytest", COMPILES), ("ruff", FAILS)):
        (bin_ / name).write_text(f"#!/bin/sh\n{does}\n")
        (bin_ / name).chmod(0o755)
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
