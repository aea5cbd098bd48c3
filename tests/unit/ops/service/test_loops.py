"""Each month stands beside the objective that was in force then."""

from datetime import UTC, date, datetime

from ops.service.printed import objective_day

NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)


def test_a_month_that_is_over_is_judged_by_the_objective_of_its_last_day_and_this_one_by_todays() -> None:
    assert objective_day("2026-02", NOW) == date(2026, 2, 28)
    assert objective_day("2026-11", NOW) == date(2026, 11, 26)
    assert objective_day(None, NOW) == date(2026, 11, 26)
