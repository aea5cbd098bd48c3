"""A planted bug is found by a test that fails, and by nothing else."""

from pathlib import Path

import pytest

from tests.chaos.plantes.__main__ import FOLDER, ROOT, Run, Sign, read
from tests.chaos.plantes.planted import (
    Misplanted,
    Planted,
    Replacement,
    changed,
    growing,
    read_planted,
    read_sources,
)
from tests.rows import each_row

SUMMARY = "ERROR    asyncio:base_events.py:1771 Task exception was never retrieved\n=== short test summary info ===\n"
FAILED = f"{SUMMARY}FAILED tests/unit/test_a.py::test_b - AssertionError: x\n1 failed in 0.1s"
ERROR = f"{SUMMARY}ERROR tests/unit/test_a.py::test_b - RuntimeError: no broker\n1 error in 0.1s"
COLLECTION = f"{SUMMARY}ERROR tests/unit/test_a.py\n!!!! Interrupted: 1 error during collection !!!!"


def planted(*replacements: tuple[str, str], hangs: bool = False) -> Planted:
    return Planted(
        "faute", "Une faute.", ("tests/a.py",), tuple(Replacement(*each) for each in replacements), hangs
    )


@each_row(
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


def test_only_a_failed_test_proves_anything_and_a_run_without_an_end_where_it_was_foreseen():
    usual, endless = planted(), planted(hangs=True)
    assert [Run(sign).proves(usual) for sign in Sign] == [False, True, False, False]
    assert [Run(sign).proves(endless) for sign in Sign] == [False, True, True, False]


def test_a_bug_is_planted_wherever_its_text_stands_and_is_gone_afterwards(tmp_path: Path):
    (tmp_path / "router" / "deep").mkdir(parents=True)
    file = tmp_path / "router" / "deep" / "file.py"
    file.write_text("a = 1\nb = 2\n")
    with growing(planted(("a = 1\n", "a = 3\n")), tmp_path):
        assert file.read_text() == "a = 3\nb = 2\n"
    assert file.read_text() == "a = 1\nb = 2\n"


@each_row("texts", [("a = 2\n", "b = 1\n"), ("a = 1\n", "a = 1\n"), ("a = 1\na = 1\n", "")])
def test_a_text_that_does_not_stand_exactly_once_is_not_replaced(texts: tuple[str, str]):
    sources = {Path(str(number)): text for number, text in enumerate(texts)}
    with pytest.raises(Misplanted):
        changed(planted(("a = 1\n", "a = 3\n")), sources)


def test_every_bug_still_applies_to_the_source_and_names_tests_that_exist():
    sources = read_sources(ROOT)
    for bug in read_planted(FOLDER):
        assert changed(bug, sources), bug.name
        for test in bug.tests:
            file, _, name = test.partition("::")
            assert f"def {name.partition('[')[0]}" in (ROOT / file).read_text(), bug.name


def test_no_two_bugs_have_one_name():
    names = [bug.name for bug in read_planted(FOLDER)]
    assert len(names) == len(set(names)) > 0
