"""«Is anything lost?» in one line, green only while a count says so."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ops.balance.balanced import LONGEST, WINDOW, _begin
from ops.status.lost import loss_of, of_last_count
from ops.status.quantities import at
from router.domain.vitals import COUNTED_EVERY, LastCount
from tests.rows import each_row

NOW = datetime(2026, 1, 14, 9, 0, tzinfo=UTC)
FINE = LastCount(NOW - WINDOW, NOW, 0)
LOST = replace(FINE, lost=3)


@each_row(
    ("last", "age", "tone", "words"),
    [
        (FINE, 2 * COUNTED_EVERY, "green", "Aucun message perdu de vue depuis 13/01"),
        (FINE, 2 * COUNTED_EVERY + timedelta(seconds=1), "inconnu", "Messages perdus de vue : inconnu"),
        (None, timedelta(), "inconnu", "« siao-hub compte » le dit"),
        (LOST, timedelta(), "red", "3 messages ou livraisons à retrouver : « siao-hub compte »"),
        (LOST, timedelta(days=3), "red", "3 messages ou livraisons à retrouver : « siao-hub compte »"),
    ],
)
def test_only_a_recent_count_that_found_nothing_is_green(
    last: LastCount | None, age: timedelta, tone: str, words: str
) -> None:
    said = loss_of(last, NOW + age)
    assert said.tone == tone
    assert words in said.sentence


@pytest.mark.parametrize("last", [FINE, LOST])
def test_each_count_says_when_it_was_made_and_when_the_next_one_is_due(last: LastCount) -> None:
    counted, due = at(NOW, NOW), at(NOW + COUNTED_EVERY, NOW)
    assert f"(compté à {counted}, prochain à {due})" in loss_of(last, NOW + timedelta(minutes=19)).sentence
    assert (
        f"(compté à {counted}, attendu depuis {due})" in loss_of(last, NOW + timedelta(minutes=21)).sentence
    )


def test_a_loss_is_a_broken_safeguard_and_nothing_else_is() -> None:
    assert [each.holds for last in (None, FINE, LOST) for each in of_last_count(last)] == [False]


@each_row(
    ("last", "begin"),
    [
        (None, NOW - WINDOW),
        (FINE, NOW - WINDOW),
        (LOST, LOST.since),
        (replace(FINE, at=NOW - timedelta(days=2)), NOW - timedelta(days=2)),
        (replace(LOST, since=NOW - timedelta(days=9)), NOW - LONGEST),
    ],
)
def test_a_count_begins_where_the_last_one_ended_and_reaches_back_to_a_loss_that_it_found(
    last: LastCount | None, begin: datetime
) -> None:
    assert _begin(last, NOW) == begin
