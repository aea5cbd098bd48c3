"""What stands still is told within its bound, whenever it stops: the sum of the beats on the way."""

from datetime import UTC, datetime, timedelta
from math import inf

from console.live import ANSWER_SECONDS as PAGE_ANSWER_SECONDS
from console.live import OLD_AFTER_SECONDS, REFRESH_SECONDS
from ops.alarms.configured import rules
from ops.alarms.rules import judge, seconds_until_due
from ops.alarms.watch import LOOK_SECONDS
from ops.status.findings import Code, Finding, Level
from ops.status.vitals import ANSWER_SECONDS, THEN_SECONDS, questions
from router.domain.beats import BEAT_SECONDS, SILENT_BEAT
from router.store.database import PROBE_SECONDS

BASE_SECONDS, ROLE_SECONDS, PAGE_SECONDS = 30, 60, 15
"""Bounds of the promise «Une nuit de fautes se lit comme elle est»."""
CLOCK_SECONDS = 1.0
"""Longest time between two looks of a browser at its own clock, in the background too."""
RULES = rules(None)
LOOK_IN_VAIN_SECONDS = PROBE_SECONDS + ANSWER_SECONDS + THEN_SECONDS * (max(map(len, questions(None))) - 1)
"""Longest look into a database that freezes while it is asked."""
NOW = datetime(2026, 11, 29, 3, tzinfo=UTC)


def test_a_database_that_freezes_is_told_within_its_bound() -> None:
    held = RULES[Code.BASE].apres.total_seconds() + PROBE_SECONDS
    at_rest = LOOK_SECONDS + PROBE_SECONDS + PROBE_SECONDS + held
    while_it_is_asked = LOOK_IN_VAIN_SECONDS + LOOK_SECONDS + PROBE_SECONDS + held
    assert max(at_rest, while_it_is_asked) <= BASE_SECONDS


def test_a_role_that_freezes_is_told_within_its_bound() -> None:
    noticed = max(SILENT_BEAT.total_seconds() + BEAT_SECONDS, RULES[Code.ROLE_MUET].apres.total_seconds())
    assert noticed + LOOK_IN_VAIN_SECONDS <= ROLE_SECONDS


def test_a_page_that_nobody_feeds_turns_grey_within_its_bound_and_never_between_two_refreshments() -> None:
    assert OLD_AFTER_SECONDS + CLOCK_SECONDS <= PAGE_SECONDS
    assert REFRESH_SECONDS + REFRESH_SECONDS / 2 + PAGE_ANSWER_SECONDS < OLD_AFTER_SECONDS


def test_the_next_look_comes_when_a_condition_becomes_an_alarm() -> None:
    found = Finding(Code.ROLE_MUET, Level.EN_PANNE, "worker", "aucun", since=NOW - timedelta(seconds=35))
    (alarm,) = judge([found], [], RULES, NOW)
    assert seconds_until_due([alarm], RULES, NOW) == RULES[Code.ROLE_MUET].apres.total_seconds() - 35
    (started,) = judge([found], [alarm], RULES, NOW + timedelta(seconds=5))
    for nobody in ([], [started]):
        assert seconds_until_due(nobody, RULES, NOW) == inf
