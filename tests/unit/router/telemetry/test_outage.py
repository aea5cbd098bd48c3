"""An outage is told at its start, once a minute, and at its end."""

from router.telemetry.outage import ENDED, LASTS, STARTED, Line, Outage


def test_a_night_of_failures_is_one_line_at_its_start_one_a_minute_and_one_at_its_end():
    outage = Outage()
    told = [line for second in range(301) if (line := outage.failed(1000.0 + second))]
    told += [line for second in range(3) if (line := outage.succeeded(1301.0 + second))]
    assert [line.event for line in told] == [STARTED, *[LASTS] * 5, ENDED]
    assert told[-1] == Line(ENDED, seconds=301, failures=301)


def test_two_outages_are_counted_apart():
    outage = Outage()
    outage.failed(0.0)
    outage.failed(1.0)
    outage.succeeded(2.0)
    assert outage.failed(50.0) == Line(STARTED, 0, 1)
    assert outage.succeeded(53.0) == Line(ENDED, 3, 1)


def test_what_was_never_away_is_not_told_to_be_back():
    assert Outage().succeeded(5.0) is None
