"""When somebody is told by mail that something waits, and what such a mail says."""

from datetime import UTC, datetime, timedelta

import pytest

from ops.accounts import letters
from ops.accounts.reminding import reminder
from ops.desk.tasks import Tache

NINE = datetime(2026, 12, 1, 8, tzinfo=UTC)
"""Nine in the morning in Paris."""
PARIS = "75"


def task(until: timedelta | None, page: str = "/bureau/recu/1") -> Tache:
    return Tache("Orientation proposée", "répondre", page, None if until is None else NINE + until)


@pytest.mark.parametrize(
    ("tasks", "told_at", "told", "now", "due"),
    [
        pytest.param([], None, [], NINE, False, id="nothing waits"),
        pytest.param([task(None)], None, [], NINE, True, id="something waits in the morning"),
        pytest.param([task(None)], None, [], NINE - timedelta(hours=2), False, id="not before eight"),
        pytest.param([task(None)], NINE - timedelta(minutes=30), [], NINE, False, id="told this morning"),
        pytest.param([task(None)], NINE - timedelta(hours=10), [], NINE, True, id="told yesterday evening"),
        pytest.param(
            [task(timedelta(hours=16))], None, [], NINE - timedelta(hours=6), True, id="urgent, in the night"
        ),
        pytest.param(
            [task(timedelta(hours=20))], NINE, ["/bureau/recu/1"], NINE, False, id="urgent and told already"
        ),
        pytest.param(
            [task(timedelta(hours=20)), task(timedelta(hours=2), "/bureau/recu/2")],
            NINE,
            ["/bureau/recu/1"],
            NINE,
            True,
            id="another urgent thing",
        ),
        pytest.param([task(timedelta(hours=30))], NINE, [], NINE, False, id="due later than a day"),
        pytest.param([task(-timedelta(hours=1))], NINE, [], NINE, True, id="late"),
    ],
)
def test_a_mail_leaves_once_a_day_and_at_once_for_what_is_due_within_a_day(tasks, told_at, told, now, due):
    assert reminder(tasks, told_at, told, PARIS, now).is_due is due


@pytest.mark.parametrize(
    ("number", "urgent", "has_more", "said"),
    [
        (1, 0, False, "\n1 chose vous attend au bureau"),
        (3, 2, False, "3 choses vous attendent, dont 2 à faire dans les vingt-quatre heures, au bureau"),
        (200, 0, True, "Au moins 200 choses vous attendent au bureau"),
    ],
)
def test_a_mail_says_how_much_waits_and_where_and_nothing_else(number, urgent, has_more, said):
    letter = letters.waiting("i", "a@exemple.fr", number, urgent, has_more, "https://console.exemple.fr")
    assert said in letter.text
    assert "https://console.exemple.fr/bureau\n" in letter.text
