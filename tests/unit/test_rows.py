"""A table in one test says as much as a test a row."""

import pytest

from tests.rows import each_row


@each_row("number", range(20))
def only_the_even(number: int) -> None:
    assert number % 2 == 0


@each_row("word", iter(()))
def none(word: str) -> None:
    assert word


def test_each_row_that_fails_is_named_whatever_failed_before() -> None:
    with pytest.raises(ExceptionGroup, match="10 of 20 rows: 1, 3, 5, 7, 9, 11, 13, 15, 17, 19"):
        only_the_even()


def test_a_table_without_rows_proves_nothing() -> None:
    with pytest.raises(AssertionError, match="empty table"):
        none()
