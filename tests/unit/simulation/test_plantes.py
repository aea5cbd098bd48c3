"""A planted bug is found by a test that fails, and by nothing else."""

from pathlib import Path

import pytest

from tests.chaos.plantes.__main__ import Planted, Run, Sign, read

SUMMARY = "ERROR    asyncio:base_events.py:1771 Task exception was never retrieved\n=== short test summary info ===\n"
FAILED = f"{SUMMARY}FAILED tests/unit/test_a.py::test_b - AssertionError: x\n1 failed in 0.1s"
ERROR = f"{SUMMARY}ERROR tests/unit/test_a.py::test_b - RuntimeError: no broker\n1 error in 0.1s"
COLLECTION = f"{SUMMARY}ERROR tests/unit/test_a.py\n!!!! Interrupted: 1 error during collection !!!!"


def planted(folder: Path, found_by: str) -> Planted:
    path = folder / "faute.patch"
    path.write_text(f"Une faute.\nPris par : {found_by}\n\n--- a/x\n")
    return Planted.read(path)


@pytest.mark.parametrize(
    ("status", "output", "sign"),
    [
        (0, "1 passed", Sign.PASSED),
        (1, FAILED, Sign.FAILED),
        (1, ERROR, Sign.BROKEN),
        (1, f"{FAILED}\nERROR tests/unit/test_a.py::test_c - OSError", Sign.BROKEN),
        (2, COLLECTION, Sign.BROKEN),
        (4, "ERROR: file or directory not found: tests/unit/test_z.py", Sign.BROKEN),
        (5, "no tests ran in 0.0s", Sign.BROKEN),
        (-9, "", Sign.BROKEN),
    ],
)
def test_what_a_run_of_tests_says(status: int, output: str, sign: Sign):
    assert read(status, output).sign is sign


def test_only_a_failed_test_proves_anything_and_a_run_without_an_end_where_it_was_foreseen(tmp_path: Path):
    usual, endless = planted(tmp_path, "tests/a.py"), planted(tmp_path, "tests/a.py (n'en finit pas)")
    assert [Run(sign).proves(usual) for sign in Sign] == [False, True, False, False]
    assert [Run(sign).proves(endless) for sign in Sign] == [False, True, True, False]
    assert usual.tests == endless.tests == ("tests/a.py",)


def test_a_patch_may_name_single_tests(tmp_path: Path):
    assert planted(tmp_path, "tests/a.py::test_b tests/c.py").tests == ("tests/a.py::test_b", "tests/c.py")
