"""Durations, as a territory's calendar counts them."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.reference.fuseaux import FUSEAUX, zone
from router.domain.calendar import (
    SUBDIVISIONS,
    Duration,
    day_in,
    days_in,
    in_utc,
    is_working_day,
    moment,
    only_zone,
)
from tests.rows import each_row

TERRITOIRES = ("38", "67", "2A", *FUSEAUX)
moments = st.datetimes(
    datetime.fromisoformat("2025-01-01"), datetime.fromisoformat("2035-01-01"), timezones=st.just(UTC)
)


def at(territoire: str, text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone(territoire))


def local(territoire: str, due: datetime) -> str:
    return due.astimezone(zone(territoire)).strftime("%Y-%m-%d %H:%M")


@each_row(
    ("duration", "territoire", "start", "due"),
    [
        ("24 heures", "38", "2026-11-25 10:00", "2026-11-26 10:00"),
        ("30 minutes", "38", "2026-11-25 23:45", "2026-11-26 00:15"),
        ("7 jours ouvrés", "38", "2026-11-25 10:00", "2026-12-04 10:00"),
        ("1 jour ouvré", "38", "2026-11-27 12:00", "2026-11-30 12:00"),  # over a week-end
        ("1 jour ouvré", "38", "2026-11-28 15:00", "2026-12-01 00:00"),  # begun on a Saturday
        ("2 jours ouvrés", "38", "2026-12-24 09:00", "2026-12-29 09:00"),  # Christmas is a Friday
        ("10 jours", "38", "2026-11-25 10:00", "2026-12-05 10:00"),
        ("1 mois", "38", "2027-01-31 10:00", "2027-02-28 10:00"),
        ("1 mois", "38", "2026-12-15 10:00", "2027-01-15 10:00"),
    ],
)
def test_a_duration_ends_where_the_calendar_says(
    duration: str, territoire: str, start: str, due: str
) -> None:
    assert local(territoire, Duration.parse(duration).after(at(territoire, start), territoire)) == due


@each_row(
    ("territoire", "start", "due"),
    [
        ("38", "2026-04-02 10:00", "2026-04-03 10:00"),  # Good Friday: a working day in Grenoble,
        (
            "67",
            "2026-04-02 10:00",
            "2026-04-07 10:00",
        ),  # a holiday in Strasbourg, as Easter Monday everywhere
        ("67", "2028-12-25 10:00", "2028-12-28 00:00"),  # the 26th too
        ("38", "2026-05-26 10:00", "2026-05-27 10:00"),
        ("973", "2026-06-09 10:00", "2026-06-11 10:00"),  # the abolition of slavery, in Guyane
        ("974", "2027-12-17 10:00", "2027-12-21 10:00"),  # and in La Réunion
    ],
)
def test_a_territory_has_its_own_holidays(territoire: str, start: str, due: str) -> None:
    assert local(territoire, Duration.parse("1 jour ouvré").after(at(territoire, start), territoire)) == due


@pytest.mark.parametrize("start", ["2026-03-27 14:00", "2026-10-23 14:00"])
@pytest.mark.parametrize("duration", ["3 jours", "3 jours ouvrés", "1 mois"])
def test_a_clock_change_moves_no_deadline_counted_in_days(duration: str, start: str) -> None:
    assert local("38", Duration.parse(duration).after(at("38", start), "38")).endswith("14:00")


def test_hours_elapse_also_while_the_clock_changes() -> None:
    start = at("38", "2026-10-24 14:00")
    assert Duration.parse("24 heures").after(start, "38") - start.astimezone(UTC) == timedelta(hours=24)


def test_a_repeated_hour_is_the_earlier_one_and_a_skipped_one_is_an_hour_later() -> None:
    assert moment("38", datetime.fromisoformat("2026-10-25 02:30")) == datetime(
        2026, 10, 25, 0, 30, tzinfo=UTC
    )
    assert local("38", moment("38", datetime.fromisoformat("2026-03-29 02:30"))) == "2026-03-29 03:30"


def test_half_of_some_working_days_counts_working_time_alone() -> None:
    friday_noon = at("38", "2026-11-27 12:00")
    assert (
        local("38", Duration.parse("2 jours ouvrés").after(friday_noon, "38", share=0.5))
        == "2026-11-30 12:00"
    )


@given(moments, st.sampled_from(TERRITOIRES), st.integers(1, 40), st.floats(0, 1))
def test_a_share_of_a_duration_ends_between_its_start_and_its_end(
    start: datetime, territoire: str, number: int, share: float
) -> None:
    for unit in ("secondes", "minutes", "heures", "jours", "jours ouvrés", "mois"):
        duration = Duration.parse(f"{number} {unit}")
        part, end = duration.after(start, territoire, share), duration.after(start, territoire)
        assert start <= part <= end


@given(moments, st.sampled_from(TERRITOIRES), st.integers(1, 40))
def test_working_days_end_on_a_working_day_with_so_many_of_them_passed(
    start: datetime, territoire: str, number: int
) -> None:
    end = Duration.parse(f"{number} jours ouvrés").after(start, territoire)
    begins, ends = day_in(territoire, start), day_in(territoire, end)
    assert is_working_day(territoire, ends)
    passed = [begins + timedelta(days=n) for n in range(1, (ends - begins).days + 1)]
    first = (
        0 if is_working_day(territoire, begins) else 1
    )  # what begins on a day off begins on the next working day
    assert sum(is_working_day(territoire, day) for day in passed) == number + first


@each_row("text", ["", "7", "0 jours", "-1 jours", "7 lunes", "² jours", "7  jours", "99999 jours"])
def test_a_duration_that_is_none_is_refused_in_french(text: str) -> None:
    with pytest.raises(ValueError, match="durée illisible"):
        Duration.parse(text)


def test_every_territory_with_holidays_or_a_zone_of_its_own_is_known_to_the_libraries() -> None:
    for territoire in {*SUBDIVISIONS, *FUSEAUX}:
        assert not is_working_day(territoire, date(2026, 5, 1))
        assert isinstance(zone(territoire), ZoneInfo)


def test_territories_whose_clocks_agree_have_one_zone() -> None:
    """Guadeloupe, Martinique, Saint-Barthélemy and Saint-Martin."""
    months = [datetime(2026, month, 1, tzinfo=UTC) for month in range(1, 13)]
    clocks = {
        zone(each): tuple(at.astimezone(zone(each)).utcoffset() for at in months) for each in TERRITOIRES
    }
    assert len(set(clocks.values())) == len(clocks)
    assert only_zone(("971", "972", "977", "978")) == zone("978")


def test_a_duration_is_written_as_it_is_read() -> None:
    for text in (
        "10 secondes",
        "15 minutes",
        "1 minute",
        "7 jours ouvrés",
        "1 jour ouvré",
        "1 mois",
        "10 jours",
        "1 heure",
    ):
        assert str(Duration.parse(text)) == text


@each_row(
    ("here", "there", "utc"),
    [
        ("75", "972", "2026-11-30T23:30"),
        ("75", "974", "2026-11-30T20:30"),
        ("972", "974", "2026-11-30T20:30"),
    ],
)
def test_around_a_midnight_two_territories_have_two_days(here: str, there: str, utc: str) -> None:
    now = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert days_in((here, there), now) == days_in((there, here), now)
    assert days_in((here, there), now) == (date(2026, 11, 30), date(2026, 12, 1))
    assert days_in((here,), now) == (day_in(here, now),) * 2


@each_row("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:00-04:00"])
def test_a_moment_that_utc_does_not_have_is_a_wrong_value_and_no_bug(text: str) -> None:
    with pytest.raises(ValueError, match="calendar"):
        in_utc(datetime.fromisoformat(text))


def test_a_local_time_that_utc_does_not_have_is_a_wrong_value_and_no_bug() -> None:
    with pytest.raises(ValueError, match="calendar"):
        moment("972", datetime.fromisoformat("9999-12-31T23:59"))
