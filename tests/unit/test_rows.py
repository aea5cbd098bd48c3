"""A table in one test says as much as a test a row."""

import re

import pytest

from tests.rows import each_row


@each_row("number", range(20))
def only_the_even(number: int) -> None:
    assert number % 2 == 0


@each_row("word", ("a word",))
@pytest.mark.usefixtures("tmp_path")
def marked(word: str) -> None:
    assert word


@each_row("word", iter(()))
def none(word: str) -> None:
    assert word


@each_row("word", ("no error", "no error", "an error"))
def raises_a_value_error(word: str) -> None:
    with pytest.raises(ValueError, match="error"):
        int("1" if word == "no error" else word)


def test_each_row_that_fails_is_named_whatever_failed_before() -> None:
    with pytest.raises(
        ExceptionGroup, match=re.escape("10 of 20 rows: 1 (1), 3 (3), 5 (5), 7 (7), 9 (9), 11 (11)")
    ):
        only_the_even()


def test_a_row_in_which_pytest_itself_fails_is_named_too_and_of_two_alike_each() -> None:
    with pytest.raises(BaseExceptionGroup, match=re.escape("2 of 3 rows: 0 (no error), 1 (no error)")):
        raises_a_value_error()


def test_a_mark_under_the_table_stays() -> None:
    assert [mark.name for mark in vars(marked)["pytestmark"]] == ["usefixtures"]


def test_a_table_without_rows_proves_nothing() -> None:
    with pytest.raises(AssertionError, match="empty table"):
        none()
