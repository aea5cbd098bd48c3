"""A condition is told when it starts and when it is over, once each, however often it is looked at."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from ops.alarms.configured import rules
from ops.alarms.rules import Alarm, Moment, Rule, Urgence, alerts, judge, notices, seconds_until_due
from ops.status.findings import Code, Finding, Level
from ops.status.verdict import untold, verdict
from router.domain.correspondents import Contact, Correspondent, Count, SourceState
from router.domain.vitals import LATE, Asked
from tests.unit.ops.status.test_verdict import NOW as VERDICT_NOW
from tests.unit.ops.status.test_verdict import WELL

NOW = datetime(2026, 11, 25, 3, tzinfo=UTC)
RULES = {
    Code.INJOIGNABLE: Rule("absent", timedelta(minutes=5), timedelta(minutes=2), "page", Urgence.MESSAGE),
    Code.QUARANTAINE: Rule("quarantaine", timedelta(0), timedelta(0), "page", Urgence.MESSAGE),
}

EVERY = rules()


def away(partner: str = "centre", code: Code = Code.INJOIGNABLE) -> Finding:
    return Finding(code, Level.A_VOIR, partner, f"{partner} est injoignable")


class Night:
    """Looks every fifteen seconds, and what a channel tells of it."""

    def __init__(self) -> None:
        self.now = NOW
        self.alarms: list[Alarm] = []
        self.told: list[tuple[str, Moment]] = []

    def passes(self, minutes: float, *findings: Finding) -> None:
        end = self.now + timedelta(minutes=minutes)
        while self.now < end:
            self.alarms = judge(findings, self.alarms, RULES, self.now)
            for notice in list(notices(self.alarms, RULES, "courriel")):
                self.told.append((notice.alarm.about, notice.moment))
                self.alarms = [
                    a.with_notified(notice.moment, "courriel") if a.id == notice.alarm.id else a
                    for a in self.alarms
                ]
            self.now += timedelta(seconds=15)


def test_an_outage_of_a_night_is_told_once_at_its_start_and_once_at_its_end():
    night = Night()
    night.passes(480, away())
    night.passes(60)
    assert night.told == [("centre", Moment.DEBUT), ("centre", Moment.FIN)]


def test_how_long_it_holds_is_counted_from_when_it_truly_began() -> None:
    (alarm,) = judge([replace(away(), since=NOW - timedelta(minutes=4))], [], RULES, NOW)
    assert alarm.started_at is None
    (alarm,) = judge([replace(away(), since=NOW - timedelta(minutes=5))], [], RULES, NOW)
    assert (alarm.started_at, alarm.began) == (NOW, NOW - timedelta(minutes=5))


def test_an_alarm_that_starts_has_the_count_of_that_moment_and_its_end_is_that_of_the_fact() -> None:
    first, then, later = (
        replace(away(), sentence=f"{number} envois attendent", since=NOW) for number in (3, 40, 90)
    )
    alarms = judge([first], [], RULES, NOW)
    starts_at, gone_at = NOW + timedelta(minutes=5), NOW + timedelta(minutes=7)
    alarms = judge([then], alarms, RULES, starts_at)
    (alarm,) = alarms = judge([later], alarms, RULES, starts_at + timedelta(minutes=1))
    assert (alarm.started_at, alarm.sentence) == (starts_at, "40 envois attendent")
    alarms = judge([], alarms, RULES, gone_at)
    (alarm,) = judge([], alarms, RULES, gone_at + timedelta(minutes=2))
    assert (alarm.over_at, alarm.ended_at) == (gone_at, gone_at + timedelta(minutes=2))


def test_an_alarm_does_not_end_while_nobody_knows_whether_its_condition_holds() -> None:
    (begun,) = judge([away(code=Code.QUARANTAINE)], [], RULES, NOW)
    later = NOW + timedelta(hours=1)
    asked = replace(WELL, beats=(), unknown=(Asked.DECISIONS,))
    assert judge([], [begun], RULES, later, untold(asked, later)) == [begun]
    unread = Alarm(Code.ILLISIBLE, "centre", "illisible", NOW, NOW)
    nobody_reads = replace(WELL, beats=())
    assert judge([], [begun, unread], EVERY, later, untold(nobody_reads, later))[1] == unread
    (ended,) = judge([], [begun], RULES, later, untold(WELL, VERDICT_NOW))
    assert ended.ended_at == later


def test_the_sleep_of_the_hub_does_not_count_as_the_silence_of_a_source() -> None:
    last = VERDICT_NOW - timedelta(minutes=4)
    source = Correspondent("centre", "centre", reading=SourceState(5, last, last))
    woken = verdict(replace(WELL, partners=(source,)), VERDICT_NOW).findings
    (seen,) = judge(woken, [], EVERY, VERDICT_NOW)
    assert (seen.code, seen.started_at) == (Code.ILLISIBLE, None)
    (lasting,) = judge(woken, [seen], EVERY, VERDICT_NOW + EVERY[Code.ILLISIBLE].apres)
    assert lasting.started_at is not None


def test_what_is_only_to_be_looked_at_wakes_nobody() -> None:
    rules = {Code.QUARANTAINE: replace(RULES[Code.QUARANTAINE], urgence=Urgence.AUCUNE)}
    assert judge([away(code=Code.QUARANTAINE)], [], rules, NOW) == []


def test_a_partner_out_of_reach_wakes_somebody_once_a_delivery_to_it_is_late_an_unreadable_source_by_itself() -> (
    None
):
    def wake(**known: Any) -> set[Code]:
        partner = Correspondent("centre", "centre", **known)
        found = verdict(replace(WELL, partners=(partner,)), VERDICT_NOW).findings
        return {each.code for each in alerts(found, EVERY, VERDICT_NOW)}

    hours, late = VERDICT_NOW - timedelta(hours=2), VERDICT_NOW - LATE
    away = {"contact": Contact.INJOIGNABLE, "since": hours}
    assert wake(**away, waiting=Count(3, late)) == set()
    assert wake(**away, waiting=Count(3, late - timedelta(seconds=1))) == {Code.EN_RETARD}
    assert wake(reading=SourceState(5, VERDICT_NOW, failing_since=hours)) == {Code.ILLISIBLE}


def test_what_is_over_before_it_is_worth_a_notice_is_not_told():
    night = Night()
    night.passes(4, away())
    night.passes(60)
    assert (night.told, night.alarms) == ([], [])


def test_a_breakdown_that_is_over_before_its_notice_is_not_told_but_remembered():
    role = replace(away("worker", Code.ROLE_MUET), level=Level.EN_PANNE)
    (alarm,) = judge([role], [], EVERY, NOW)
    later = NOW + timedelta(seconds=20)
    (over,) = judge([], [alarm], EVERY, later)
    assert (over.began, over.started_at, over.over_at) == (NOW, None, later)
    assert not list(notices([over], EVERY, "courriel"))
    assert seconds_until_due([over], EVERY, later) == math.inf
    assert over.at_rest
    assert judge([], [over], EVERY, later) == [over]


def test_what_comes_and_goes_is_one_alarm():
    night = Night()
    night.passes(10, away())
    for _ in range(20):
        night.passes(1)
        night.passes(1, away())
    assert night.told == [("centre", Moment.DEBUT)]
    night.passes(10)
    assert night.told == [("centre", Moment.DEBUT), ("centre", Moment.FIN)]


def test_what_comes_back_after_its_end_is_another_alarm():
    night = Night()
    for _ in range(2):
        night.passes(10, away())
        night.passes(10)
    assert night.told == [("centre", Moment.DEBUT), ("centre", Moment.FIN)] * 2
    assert len({alarm.id for alarm in night.alarms}) == 2


def test_partners_and_conditions_are_told_apart():
    night = Night()
    night.passes(10, away("centre"), away("siao"), away("centre", Code.QUARANTAINE))
    assert sorted(night.told) == [("centre", Moment.DEBUT), ("centre", Moment.DEBUT), ("siao", Moment.DEBUT)]


def test_a_channel_that_took_nothing_is_owed_the_start_and_the_end():
    alarms: list[Alarm] = []
    for minute in range(20):
        alarms = judge([away()] if minute < 10 else [], alarms, RULES, NOW + timedelta(minutes=minute))
    assert [notice.moment for notice in notices(alarms, RULES, "webhook")] == [Moment.DEBUT, Moment.FIN]


def test_the_same_alarm_has_the_same_id_for_whoever_looks():
    first, second = (judge([away()], [], RULES, NOW)[0] for _ in range(2))
    assert first.id == second.id
