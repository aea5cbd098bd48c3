"""The facts of a moment, judged: does it accept, does it move, who must look at what."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from contracts.errors import RecordRange
from ops.status.findings import BREAKDOWNS, Code, Level, harms
from ops.status.headline import headline
from ops.status.quantities import at, day_and_hour
from ops.status.queue import queue
from ops.status.verdict import UNKNOWN_KEYS, Verdict, verdict
from router.domain.beats import Beat
from router.domain.correspondents import Contact, Correspondent, Count, OldKey
from router.domain.doubts import Doubt, Kind
from router.domain.halts import Halt
from router.domain.roles import AT_WORK, Role
from router.domain.vitals import COUNTED, Answer, Behind, CountedSince, Etape, Held, Pile, Safeguard, Vitals
from tests.rows import each_row

NOW = datetime(2026, 1, 12, 3, 0, tzinfo=UTC)


def ago(**time: float) -> datetime:
    return NOW - timedelta(**time)


def beating(*but: Role, at: datetime = NOW, attend: str | None = None) -> tuple[Beat, ...]:
    return tuple(
        Beat(role, "machine-1", 42, "0.1.0", ago(days=2), at, attend) for role in AT_WORK if role not in but
    )


WELL = Vitals(Answer.OK, Answer.OK, beating())


def judged(vitals: Vitals) -> Verdict:
    return verdict(vitals, NOW)


def codes(vitals: Vitals) -> list[Code]:
    return [finding.code for finding in judged(vitals).findings]


def of(partner: Correspondent) -> Vitals:
    return replace(WELL, partners=(partner,))


def test_a_hub_whose_parts_live_and_that_owes_nothing_is_well() -> None:
    assert judged(WELL) == Verdict(
        Level.BON,
        accepts=True,
        applies=True,
        delivers=True,
        away=(),
        unreadable=(),
        shut_out=(),
        overdue=0,
        since=None,
        broke_at=None,
        findings=(),
    )
    assert headline(judged(WELL)) == "Le hub accepte et livre"


def test_without_postgresql_it_accepts_nothing_and_says_nothing_else() -> None:
    found = judged(Vitals(Answer.MUET, Answer.ABSENT))
    assert (found.level, found.accepts, found.applies, found.overdue) == (Level.EN_PANNE, False, None, None)
    assert [finding.code for finding in found.findings] == [Code.BASE]
    assert "gelé" in found.findings[0].sentence


def test_a_bus_that_is_away_and_one_that_is_frozen_are_told_apart_and_the_door_is_open() -> None:
    for answer, word in ((Answer.ABSENT, "absent"), (Answer.MUET, "gelé"), (Answer.REFUSE, "refuse")):
        found = judged(replace(WELL, bus=answer))
        assert (found.accepts, found.applies, found.delivers) == (True, False, False)
        assert word in found.findings[0].sentence


def test_without_a_gateway_nothing_is_accepted_and_what_was_accepted_moves() -> None:
    found = judged(replace(WELL, beats=beating(Role.GATEWAY)))
    assert (found.level, found.accepts, found.applies) == (Level.EN_PANNE, False, True)


def test_a_role_that_beats_no_more_is_missed_since_its_last_beat() -> None:
    late = ago(minutes=4)
    found = judged(
        replace(WELL, beats=(*beating(Role.WORKER), *beating(*set(AT_WORK) - {Role.WORKER}, at=late)))
    )
    assert [(f.code, f.about, f.since) for f in found.findings] == [(Code.ROLE_MUET, "worker", late)]
    assert (found.accepts, found.applies, found.since) == (True, False, late)
    (silent,) = found.findings
    assert (
        "« worker » : muet ; dernier processus (machine-1, pid 42) arrêté, gelé ou coupé" in silent.sentence
    )


def test_a_frozen_process_is_one_line_with_all_its_roles_and_its_host_and_pid_once() -> None:
    two = {Role.WORKER, Role.DISPATCHER}
    frozen = beating(*set(AT_WORK) - two, at=ago(minutes=4))
    found = judged(replace(WELL, beats=(*beating(*two), *frozen)))
    (silent,) = found.findings
    assert silent.sentence.startswith("« worker » et « dispatcher » : muets ; dernier processus")
    assert silent.sentence.count("machine-1, pid 42") == 1
    assert (set(found.down), found.applies, found.delivers) == (two, False, False)
    others = tuple(replace(beat, host="machine-2") for beat in beating())
    (beside,) = judged(replace(WELL, beats=(*others, *frozen))).findings
    assert beside.sentence.startswith("un processus « worker » et « dispatcher » ne donne plus signe de vie")


def test_the_newest_breakdown_is_known_even_when_it_is_over() -> None:
    over = replace(WELL, broke_at=ago(minutes=4))
    assert (judged(over).level, judged(over).broke_at) == (Level.BON, ago(minutes=4))
    again = replace(
        over, beats=(*beating(Role.WORKER), *beating(*set(AT_WORK) - {Role.WORKER}, at=ago(minutes=1)))
    )
    assert judged(again).broke_at == ago(minutes=1)


def test_the_conditions_that_break_the_hub_down_are_those_whose_alarms_tell_of_past_breakdowns() -> None:
    waits = beating(*set(AT_WORK) - {Role.RELAY}, attend="Kafka ne répond pas")
    stuck = Pile(Etape.A_APPLIQUER, 1, ago(minutes=5))
    facts = replace(WELL, bus=Answer.MUET, beats=(*beating(Role.RELAY, Role.WORKER), *waits), piles=(stuck,))
    found = judged(facts).findings + judged(Vitals(Answer.MUET, Answer.OK)).findings
    assert {each.code for each in found if each.level is Level.EN_PANNE} == set(BREAKDOWNS)


def test_one_process_that_beats_is_enough_for_its_role() -> None:
    found = judged(replace(WELL, beats=(*beating(), *beating(at=ago(hours=3)))))
    assert not found.down
    assert {each.code for each in found.findings} == {Code.PROCESSUS_MUET}


def test_a_role_all_of_whose_processes_wait_does_not_work() -> None:
    waits = beating(*set(AT_WORK) - {Role.RELAY}, attend="Kafka ne répond pas")
    found = judged(replace(WELL, beats=(*beating(Role.RELAY), *waits)))
    assert [f.code for f in found.findings] == [Code.ROLE_ATTEND]
    assert "Kafka ne répond pas" in found.findings[0].sentence
    assert judged(replace(WELL, beats=(*beating(), *waits))).level is Level.BON


def test_accepted_events_that_nobody_applies_mean_that_nothing_moves_since_the_oldest() -> None:
    old = Pile(Etape.A_APPLIQUER, 12, ago(minutes=5))
    found = judged(replace(WELL, piles=(old,)))
    assert (found.level, found.applies, found.since) == (Level.EN_PANNE, False, ago(minutes=5))
    assert codes(replace(WELL, piles=(replace(old, oldest=ago(seconds=20)),))) == []


def test_events_that_only_wait_are_no_breakdown_that_may_have_lost_something() -> None:
    stands = Pile(Etape.A_APPLIQUER, 3, ago(hours=1), out_per_minute=0.0)
    said = verdict(replace(WELL, piles=(stands,)), NOW)
    assert [each.code for each in said.findings] == [Code.RIEN_N_AVANCE]
    assert said.broke_at is None


def test_a_long_backlog_that_is_being_worked_off_is_no_standstill() -> None:
    growth = CountedSince(50_000, ago(minutes=1))
    growing = Pile(Etape.A_APPLIQUER, 900_000, ago(hours=1), growth, out_per_minute=9_000)
    assert codes(replace(WELL, piles=(growing,))) == []
    assert codes(replace(WELL, piles=(replace(growing, out_per_minute=0.0),))) == [Code.RIEN_N_AVANCE]


def test_a_backlog_too_long_to_be_counted_is_no_standstill_as_long_as_deliveries_follow_from_it() -> None:
    uncounted = Pile(Etape.A_APPLIQUER, COUNTED, ago(hours=1))
    followed = Pile(Etape.A_LIVRER, COUNTED, ago(hours=1), in_per_minute=9_000)
    assert codes(replace(WELL, piles=(uncounted, followed))) == []
    stands = replace(followed, in_per_minute=0.0)
    assert codes(replace(WELL, piles=(uncounted, stands))) == [Code.RIEN_N_AVANCE]


def test_each_way_in_which_a_partner_fails_has_its_own_name_since_and_cause() -> None:
    for contact, code in (
        (Contact.INJOIGNABLE, Code.INJOIGNABLE),
        (Contact.ACCES_REFUSE, Code.ACCES_REFUSE),
        (Contact.REFUSE, Code.REFUSE),
    ):
        found = judged(
            of(Correspondent("centre", "centre", contact=contact, since=ago(minutes=9), cause="HTTP 500"))
        )
        assert [(f.code, f.about, f.since) for f in found.findings] == [(code, "centre", ago(minutes=9))]
        assert found.findings[0].cause == "HTTP 500"
        assert (found.level, found.accepts, found.delivers) == (Level.A_VOIR, True, True)
        assert found.away == ("centre",)


def test_a_type_that_a_partner_refuses_is_told_by_its_name_until_no_refusal_is_undecided() -> None:
    types = (("place.vacante", ago(hours=2)), ("sejour.prolonge", ago(hours=1)))
    partner = Correspondent("siao-01", "siao-01", refused=Count(40, ago(hours=2)), refused_types=types)
    found = [each for each in judged(of(partner)).findings if each.code is Code.TYPE_REFUSE]
    assert [(f.about, f.since) for f in found] == [(f"siao-01 {kind}", since) for kind, since in types]
    assert "place.vacante" in found[0].sentence
    assert Code.TYPE_REFUSE not in codes(of(replace(partner, refused=Count())))
    assert Code.TYPE_REFUSE not in codes(of(replace(partner, contact=Contact.REFUSE)))


def test_a_delivery_that_waits_is_late_after_a_quarter_of_an_hour() -> None:
    waits = Correspondent("centre", "centre", waiting=Count(3, ago(minutes=16)))
    assert codes(of(waits)) == [Code.EN_RETARD]
    assert codes(of(replace(waits, waiting=Count(3, ago(minutes=14))))) == []


def test_a_delivery_that_waits_for_its_lot_is_late_only_after_the_lot_should_have_left() -> None:
    waits = Correspondent("centre", "centre", lot_s=3600, waiting=Count(3, ago(minutes=74)))
    assert codes(of(waits)) == []
    assert codes(of(replace(waits, waiting=Count(3, ago(minutes=76))))) == [Code.EN_RETARD]


def test_a_mailbox_that_nobody_empties_is_told_after_what_its_owner_has_promised() -> None:
    lies = Correspondent("centre", "centre", releve_h=4, in_box=Count(1, ago(hours=5)))
    assert codes(of(lies)) == [Code.BOITE]
    assert codes(of(replace(lies, in_box=Count(1, ago(hours=3))))) == []


def test_a_partner_that_is_expected_to_speak_and_does_not_has_gone_silent() -> None:
    silent = Correspondent(
        "centre", "centre", rythme="tous les jours, avant 10:00", silent_since=ago(hours=6)
    )
    assert [(f.code, f.since) for f in judged(of(silent)).findings] == [(Code.SILENCE, ago(hours=6))]
    assert codes(of(replace(silent, silent_since=None))) == []


def test_what_a_human_must_decide_is_named_and_the_most_harmful_comes_first() -> None:
    found = judged(
        replace(
            of(
                Correspondent(
                    "centre", "centre", refused=Count(2, ago(hours=1)), uncertain=Count(1, ago(hours=3))
                )
            ),
            quarantine=(Held("bug", None, 7, ago(hours=2)),),
        )
    )
    assert [f.code for f in found.findings] == [Code.INCERTAINES, Code.REFUSEES, Code.QUARANTAINE]
    assert found.since == ago(hours=3)


def test_an_answer_that_matches_nothing_is_told_until_somebody_decides() -> None:
    (found,) = judged(replace(WELL, orphans=(Held("orpheline", "centre", 2, ago(hours=30)),))).findings
    assert (found.code, found.about, found.since) == (Code.ORPHELINES, "centre", ago(hours=30))


def test_a_count_that_stopped_before_the_end_says_that_there_may_be_more() -> None:
    most = Count(COUNTED, ago(hours=1))
    partner = Correspondent("centre", "centre", waiting=most, refused=most, uncertain=most)
    wrong = Held("champ_absent", "centre", COUNTED, ago(hours=1), refused=True)
    held = (Held("bug", None, COUNTED, ago(hours=1)), wrong)
    orphans = (Held("orpheline", "centre", COUNTED, ago(hours=1)),)
    facts = replace(of(partner), quarantine=held, orphans=orphans)
    found = judged(facts).findings
    assert len(found) == 6
    assert all("10\u202f000+ " in each.sentence for each in found)
    assert all(group.capped for group in queue(facts))


def test_what_a_partner_declares_and_nobody_can_rely_on_is_told_with_both_figures() -> None:
    gap = Doubt("centre", Kind.ECART, "INSERTION", ago(hours=5), ago(days=1).date(), said=9, known=6)
    old = Doubt("centre", Kind.VACANCES, "", ago(hours=3), ago(days=4).date(), said=2)
    found = judged(replace(WELL, doubts=(gap, old))).findings
    assert [(f.code, f.about, f.since) for f in found] == [
        (Code.ECART, "centre INSERTION", ago(hours=5)),
        (Code.VACANCES, "centre", ago(hours=3)),
    ]
    assert (
        "centre, insertion : 9 places occupées d'après lui le 11/01/2026, 6 d'après le hub"
        in found[0].sentence
    )


def test_a_topic_that_is_read_no_more_is_told_with_the_offset_that_lets_it_go_on() -> None:
    halt = Halt("centre", RecordRange("places", 2, 40, 57), "un lot y est abîmé", 2, ago(hours=1))
    (found,) = judged(replace(WELL, halts=(halt,))).findings
    assert (found.code, found.about, found.since) == (Code.LECTURE, "centre", ago(hours=1))
    assert "topic places, partition 2, offset 40 : un lot y est abîmé" in found.sentence
    assert found.sentence.endswith("premier offset lisible est 57")
    passing = (halt._replace(attempts=1), halt._replace(go_on_at=57))
    assert not judged(replace(WELL, halts=passing)).findings


def test_every_doubt_is_a_condition() -> None:
    assert set(Kind) <= set(Code)


def test_what_somebody_else_wrote_on_the_bus_is_told_as_that() -> None:
    assert codes(replace(WELL, quarantine=(Held("falsifie", None, 3, ago(minutes=1)),))) == [Code.FALSIFIE]


def test_requests_with_an_unknown_key_are_told_once_they_are_many_in_an_hour() -> None:
    def tried(number: int, at: datetime = NOW) -> Vitals:
        door = replace(WELL.beats[0], role=Role.GATEWAY, host="machine-2", beat_at=at, unknown_keys=number)
        return replace(WELL, beats=(*WELL.beats, door))

    assert codes(tried(UNKNOWN_KEYS - 1)) == []
    assert codes(tried(UNKNOWN_KEYS)) == [Code.CLES_INCONNUES]
    silent = codes(tried(UNKNOWN_KEYS, ago(hours=2)))
    assert silent == [Code.PROCESSUS_MUET], "un processus muet n'en voit plus"


def test_a_condition_whose_facts_have_no_date_has_the_one_that_its_alarm_knows() -> None:
    stands = replace(WELL, bus=Answer.ABSENT, began={"bus kafka": ago(minutes=7)})
    (finding,) = verdict(stands, NOW).findings
    assert (finding.code, finding.since) == (Code.BUS, ago(minutes=7))
    assert verdict(replace(stands, began={}), NOW).findings[0].since is None


def test_a_partner_that_sends_a_key_which_was_taken_from_it_is_named_with_when_and_since_when() -> None:
    key = OldKey(retired_at=ago(days=1), since=ago(hours=3), last=ago(minutes=1))
    facts = of(Correspondent("centre", "centre", old_key=key))
    (finding,) = verdict(facts, NOW).findings
    assert (finding.code, finding.about) == (Code.CLE_RETIREE, "centre")
    assert finding.since == key.since
    assert headline(judged(facts)).endswith("il refuse à la porte centre, dont la clé n'est plus la bonne")
    assert finding.harm > harms()[Code.CLES_INCONNUES].score, "ce qui vient avec elle n'entre pas"


def test_a_removed_partner_whose_key_is_still_sent_is_named_and_is_not_one_that_the_hub_shuts_out() -> None:
    key = OldKey(ago(days=1), since=ago(hours=3), last=ago(minutes=1), is_of_a_removed=True)
    (finding,) = verdict(facts := of(Correspondent("ancien", "ancien", old_key=key)), NOW).findings
    assert (finding.code, finding.about) == (Code.CLE_RETIREE, "ancien")
    assert "n'est plus au registre" in finding.sentence
    assert headline(judged(facts)) == "Le hub accepte et livre"


def test_the_day_stands_before_the_hour_at_which_a_key_was_taken_even_when_that_is_today() -> None:
    key = OldKey(retired_at=ago(minutes=5), since=ago(days=2), last=ago(minutes=1))
    (finding,) = verdict(of(Correspondent("centre", "centre", old_key=key)), NOW).findings
    since, last = at(key.since, NOW), at(key.last, NOW)
    retired = day_and_hour(key.retired_at)
    assert finding.cause == f"clé retirée le {retired}, refusée depuis {since}, en dernier : {last}"


def test_a_partner_whose_other_key_opens_is_not_shut_out_though_somebody_sends_its_old_one() -> None:
    key = OldKey(ago(days=1), since=ago(hours=3), last=ago(minutes=1), valid_used_at=ago(hours=2))
    facts = of(Correspondent("centre", "centre", old_key=key))
    assert codes(facts) == [Code.CLE_RETIREE]
    assert headline(judged(facts)) == "Le hub accepte et livre"
    (shut_out,) = verdict(
        of(Correspondent("centre", "centre", old_key=replace(key, valid_used_at=ago(hours=4)))), NOW
    ).shut_out
    assert shut_out == "centre"


def test_a_safety_net_that_does_not_hold_is_told_even_without_postgresql() -> None:
    safeguards = (
        Safeguard("disque", "3 % libres", holds=False),
        Safeguard("têtes de l'audit", "à jour", holds=True),
        Safeguard("réplique des clés", "aucune", holds=None),
    )
    assert codes(replace(WELL, safeguards=safeguards)) == [Code.FILET]
    assert codes(Vitals(Answer.ABSENT, Answer.OK, safeguards=safeguards)) == [Code.BASE, Code.FILET]


@pytest.mark.parametrize(
    ("base", "says"),
    [
        (Answer.ANCIENNE, "ancienne base primaire"),
        (Answer.ATTEND, "ALTER SYSTEM SET synchronous_standby_names"),
    ],
)
def test_a_postgresql_that_takes_no_writes_is_told_with_what_to_do(base: Answer, says: str) -> None:
    (found,) = verdict(Vitals(base, Answer.OK), NOW).findings
    assert (found.code, says in found.sentence) == (Code.BASE, True)


@each_row(
    ("behind", "says"),
    [
        (Behind(NOW, by_failover=True, made_good=False), "relit le bus de lui-même"),
        (Behind(NOW, by_failover=False, made_good=False), "siao-hub recover"),
        (Behind(NOW, by_failover=True, made_good=True), "redonner un secours"),
    ],
)
def test_a_database_that_went_back_is_told_with_who_brings_it_up(behind: Behind, says: str) -> None:
    (found,) = verdict(replace(WELL, behind=behind), NOW).findings
    assert (found.code, says in found.sentence) == (Code.BASCULEE, True)


@each_row(
    ("boot", "since", "gone"),
    [
        ("démarrage-2 espace-1", 5, True),
        ("démarrage-1 espace-2", 5, True),
        ("démarrage-2 espace-1", 20, False),
        ("démarrage-1 espace-1", 5, False),
        (None, 5, False),
    ],
)
def test_the_processes_of_a_machine_or_container_that_was_started_again_are_not_frozen(
    boot: str | None, since: int, gone: bool
) -> None:
    before = [replace(beat, boot="démarrage-1 espace-1", beat_at=ago(minutes=10)) for beat in WELL.beats]
    after = [replace(beat, pid=43, boot=boot, started_at=ago(minutes=since)) for beat in WELL.beats]
    found = codes(replace(WELL, beats=(*before, *after)))
    assert found == ([] if gone else [Code.PROCESSUS_MUET])


def test_a_frozen_process_among_several_of_one_role_is_named_and_nothing_stands_still() -> None:
    frozen = replace(WELL.beats[0], role=Role.WORKER, host="machine-2", pid=7, beat_at=ago(minutes=2))
    found = verdict(replace(WELL, beats=(*WELL.beats, frozen)), NOW)
    assert [(each.code, each.about) for each in found.findings] == [
        (Code.PROCESSUS_MUET, "worker machine-2 7")
    ]
    assert found.applies
