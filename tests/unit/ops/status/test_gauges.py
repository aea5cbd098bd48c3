"""The facts of the whole hub as gauges: all of them, and only while somebody measures."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from ops.service.level import Loop
from ops.service.loops import NOT_SAID, month_of
from ops.status.findings import Code, Finding, Level
from ops.status.gauges import STALE, Gauges, Sample, gauges, of_service
from router.domain.beats import Beat
from router.domain.correspondents import Contact, Correspondent, Count, SourceState
from router.domain.roles import Role
from router.domain.vitals import Answer, Etape, Held, Pile, Safeguard, Unanswered, Vitals
from router.telemetry import metrics

NOW = datetime(2026, 11, 25, 3, tzinfo=UTC)
HOUR = timedelta(hours=1)
SEEN = Vitals(
    base=Answer.OK,
    bus=Answer.MUET,
    beats=(
        Beat(Role.WORKER, "a", 1, "1", NOW - HOUR, NOW, None),
        Beat(Role.WORKER, "b", 2, "1", NOW, NOW - HOUR, None),
    ),
    piles=(Pile(Etape.A_LIVRER, 7, NOW - HOUR),),
    partners=(
        Correspondent(
            "centre",
            "centre",
            rythme="…",
            contact=Contact.JOIGNABLE,
            reading=SourceState(5, NOW, NOW),
            seen_at=NOW,
            last_in=NOW - HOUR,
            silent_since=NOW - 2 * HOUR,
        ),
        Correspondent(
            "siao", "siao", contact=Contact.INJOIGNABLE, waiting=Count(7, NOW - HOUR), refused=Count(2, NOW)
        ),
    ),
    quarantine=(Held("bug", None, 3, NOW),),
    unanswered=(
        Unanswered("centre", "proposee", 2, 0, NOW - HOUR),
        Unanswered("centre", "accusee", 1, 0, NOW),
    ),
    safeguards=(Safeguard("disque", "4 % libres", False), Safeguard("réplique", "aucune", None)),
)
FOUND = (Finding(Code.BUS, Level.EN_PANNE, "kafka", "Kafka est gelé"),)


ANSWERED = Loop(uuid4(), "centre", "siao", NOW - HOUR, NOW, None, is_open=False, silent=False)
CHRS = ANSWERED._replace(structure="010000024")
LATE = CHRS._replace(due=NOW - HOUR / 2)
MONTH = month_of([ANSWERED, CHRS, LATE], NOW)


def every() -> list[tuple[metrics.Shown, list[Sample]]]:
    return [*gauges(SEEN, FOUND, NOW), *of_service(MONTH, NOW.date())]


def shown() -> dict[tuple[str, ...], float]:
    return {(s.name, *sample.labels): sample.value for s, found in every() for sample in found}


def test_every_fact_that_is_listed_is_shown():
    assert {name for name, *_ in shown()} == {metric.name for metric in metrics.SHOWN}
    assert all(len(labels) == len(s.labels) for s, found in every() for labels, _ in found)


def test_a_figure_says_what_the_facts_say():
    figures = shown()
    assert figures["siao_hub_part_up", "kafka"] == 0
    assert figures["siao_hub_part_up", "postgresql"] == 1
    assert figures["siao_hub_heartbeat_timestamp_seconds", "worker"] == NOW.timestamp()
    assert figures["siao_hub_processes", "worker"] == 2
    assert figures["siao_hub_backlog_oldest_seconds", "a_livrer"] == 3600
    assert figures["siao_hub_partner_up", "siao"] == 0
    assert figures["siao_hub_partner_readable", "centre"] == 1
    assert figures["siao_hub_partner_waiting", "siao"] == 7
    assert figures["siao_hub_partner_silence_seconds", "centre"] == 3600
    assert figures["siao_hub_partner_overdue_seconds", "centre"] == 7200
    assert figures["siao_hub_unanswered", "centre"] == 3
    assert figures["siao_hub_to_decide", "quarantaine"] == 3
    assert figures["siao_hub_answered_in_time_ratio", "centre", "siao"] == 2 / 3
    assert figures["siao_hub_answer_delay_hours", "centre", "siao", "0.9"] == 1
    assert figures["siao_hub_net_holds", "disque"] == 0
    assert figures["siao_hub_conditions", "bus", "kafka"] == 1


def test_the_share_of_each_structure_is_told_and_of_those_that_are_not_named_together():
    share = "siao_hub_structure_answered_in_time_ratio"
    told = {tuple(labels): value for (name, *labels), value in shown().items() if name == share}
    assert told == {("centre", "010000024"): 0.5, ("centre", NOT_SAID): 1}


def test_figures_that_nobody_measures_any_more_are_not_shown():
    now = NOW
    gauged = Gauges(lambda: now)
    assert list(gauged.collect()) == []
    gauged.show(SEEN, FOUND, NOW)
    assert list(gauged.collect()) != []
    now = NOW + STALE + timedelta(seconds=1)
    assert list(gauged.collect()) == []
