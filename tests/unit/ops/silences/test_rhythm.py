"""When a partner should have said something, by what is agreed or by what it has done for weeks."""

from datetime import date, datetime, time, timedelta

import pytest
from pydantic import ValidationError

from bench.rythmes import around_midnight, by_hand, measure, morning_file
from contracts.partner import Famille, Partner
from contracts.rythme import Fermeture, Jour, Rythme
from ops.silences.rhythm import (
    DAY,
    EVERY_WORKING_DAY,
    NOTHING,
    Calendar,
    Rhythm,
    agreed,
    learn,
    overdue,
    rhythm_of,
)
from router.domain.calendar import moment
from tests.rows import each_row

MORNING = Rhythm(frozenset(range(5)), holidays=False, by=(timedelta(hours=10),))
GRENOBLE, STRASBOURG, REUNION = Calendar("38"), Calendar("67"), Calendar("974")


def at(text: str, territoire: str = "38") -> datetime:
    return moment(territoire, datetime.fromisoformat(text))


def missed(heard: str, now: str, rhythm: Rhythm = MORNING, calendar: Calendar = GRENOBLE) -> datetime | None:
    return overdue(rhythm, at(heard, calendar.territoire), at(now, calendar.territoire), calendar)


def mornings(weeks: int, first: date = date(2026, 9, 7)) -> list[datetime]:
    """A file at 9:00 on each day from Monday to Friday."""
    days = (first + timedelta(days=n) for n in range(7 * weeks))
    return [at(f"{day} 09:00") for day in days if day.weekday() < 5]


def test_who_publishes_by_ten_on_working_days_is_missed_at_ten_and_not_before() -> None:
    assert missed("2026-11-25 09:50", "2026-11-26 09:59") is None
    assert missed("2026-11-25 09:50", "2026-11-26 10:00") == at("2026-11-26 10:00")
    assert missed("2026-11-25 09:50", "2026-11-28 18:00") == at("2026-11-26 10:00"), (
        "depuis le premier jour manqué"
    )
    assert missed("2026-11-26 07:10", "2026-11-26 18:00") is None
    assert missed("2026-11-27 09:50", "2026-11-30 09:00") is None, "un week-end n'est pas un silence"


@each_row(
    ("calendar", "day", "rests"),
    [
        (GRENOBLE, "2026-04-03", False),  # Good Friday
        (STRASBOURG, "2026-04-03", True),
        (GRENOBLE, "2027-12-20", False),  # the abolition of slavery
        (REUNION, "2027-12-20", True),
    ],
)
def test_holidays_are_those_of_the_partners_territory(calendar: Calendar, day: str, rests: bool) -> None:
    before = date.fromisoformat(day) - timedelta(days=1)
    assert (missed(f"{before} 09:00", f"{day} 23:00", calendar=calendar) is None) is rests


def test_a_partners_own_closing_days_are_no_silence_and_the_first_day_after_them_may_be() -> None:
    closed = Calendar("38", (Fermeture(du=date(2026, 8, 3), au=date(2026, 8, 14)),))
    assert missed("2026-07-31 09:00", "2026-08-16 23:00", calendar=closed) is None
    assert missed("2026-07-31 09:00", "2026-08-17 10:00", calendar=closed) == at("2026-08-17 10:00")


def test_the_hour_is_that_of_the_territory_across_both_clock_changes() -> None:
    every_day = Rhythm(frozenset(range(7)), holidays=True, by=(timedelta(hours=10),))
    for day in ("2026-03-29", "2026-10-25"):
        before = date.fromisoformat(day) - timedelta(days=1)
        assert missed(f"{before} 09:00", f"{day} 23:00", every_day) == at(f"{day} 10:00")


def test_of_several_hours_each_is_expected_by_itself() -> None:
    thrice = Rhythm(frozenset(range(7)), holidays=True, by=tuple(timedelta(hours=h) for h in (9, 13, 18)))
    assert missed("2026-11-25 08:30", "2026-11-25 13:00", thrice) == at("2026-11-25 13:00")
    assert missed("2026-11-25 09:30", "2026-11-25 17:59", thrice) is None


def test_three_weeks_of_mornings_are_a_rhythm_and_less_is_none() -> None:
    said = mornings(4)
    assert learn(said[:14], at("2026-09-25 00:00"), GRENOBLE) is None
    found = learn(said, at("2026-10-05 00:00"), GRENOBLE)
    assert found is not None
    assert (found.days, found.holidays, found.starts) == (frozenset(range(5)), False, timedelta())
    assert found.by == (timedelta(hours=9, minutes=30),)
    assert str(found) == "du lundi au vendredi, avant 09:30"


def test_a_feed_that_speaks_when_it_likes_has_no_rhythm_to_rely_on() -> None:
    now_and_then = [at(f"2026-{month:02}-{day:02} 15:00") for month in (9, 10) for day in (1, 4, 19, 30)]
    assert learn(now_and_then, at("2026-11-01 00:00"), GRENOBLE) is None
    assert learn([], at("2026-11-01 00:00"), GRENOBLE) is None


def test_one_week_of_closing_does_not_unlearn_a_rhythm() -> None:
    closed = Calendar("38", (Fermeture(du=date(2026, 9, 21), au=date(2026, 9, 25)),))
    said = [each for each in mornings(4) if not at("2026-09-21 00:00") <= each < at("2026-09-26 00:00")]
    found = learn(said, at("2026-10-05 00:00"), closed)
    assert found is not None
    assert found.days == frozenset(range(5))


def test_a_feed_of_the_night_is_not_cut_in_two_at_midnight() -> None:
    found = measure(around_midnight, days=90)
    assert found.false_a_month == 0
    assert max(found.told_minutes) < 120


def test_a_regular_feed_is_never_taken_for_silent_and_a_silence_is_told_within_two_hours() -> None:
    found = measure(morning_file, days=120)
    assert found.false_a_month == 0
    assert len(found.told_minutes) == 30, "chaque silence est dit"
    assert max(found.told_minutes) < 120


def test_a_file_sent_by_hand_is_missed_before_the_day_is_over() -> None:
    found = measure(by_hand, days=120)
    assert found.false_a_month < 1
    assert max(found.told_minutes) < 10 * 60


def partner(**fields: object) -> Partner:
    usual = {"id": "centre", "nom": "Centre", "famille": Famille.HEBERGEMENT, "territoire": "38"}
    return Partner.model_validate({**usual, "dialectes": ("hebergement_json",), **fields})


def test_what_is_agreed_goes_before_what_was_learnt_and_who_publishes_places_owes_something_anyway() -> None:
    says = Rythme(jours=(Jour.MARDI,), avant=(time(12),))
    assert (
        rhythm_of(partner(rythme=says), MORNING)
        == agreed(says)
        == Rhythm(frozenset({1}), holidays=False, by=(timedelta(hours=12),))
    )
    assert rhythm_of(partner(), MORNING) == MORNING
    assert rhythm_of(partner(), None) == EVERY_WORKING_DAY
    assert rhythm_of(partner(famille=Famille.BAILLEUR), None) == NOTHING
    assert rhythm_of(partner(rythme=Rythme(jours=(), avant=())), MORNING).by == ()
    assert missed("2026-11-25 09:00", "2026-11-27 00:00", EVERY_WORKING_DAY) == at("2026-11-26 00:00") + DAY


@each_row(
    "wrong",
    [
        {"rythme": {"jours": ["lundi"], "avant": []}},
        {"rythme": {"jours": ["lundi"], "avant": ["10:00", "09:00"]}},
        {"fermetures": [{"du": "2026-08-14", "au": "2026-08-03"}]},
    ],
)
def test_an_entry_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        partner(**wrong)
