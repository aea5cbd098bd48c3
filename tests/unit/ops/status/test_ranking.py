"""The worst for households stands first, whoever looks; what is cut is named; the headline says the worst of each."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from ops.status.findings import (
    MANY_REFUSALS,
    Code,
    Finding,
    Level,
    harms,
    left_out,
    listed,
    ranked,
    worst_first,
)
from ops.status.headline import headline
from ops.status.quantities import at
from ops.status.queue import queue
from ops.status.verdict import verdict
from router.domain.correspondents import Contact, Correspondent, Count
from router.domain.roles import Role
from router.domain.vitals import Answer, Asked, Etape, Held, Pile, Unanswered, Vitals
from tests.rows import each_row
from tests.unit.ops.status.test_verdict import NOW, WELL, ago, beating

HOUSEHOLDS = (Code.SANS_REPONSE, Code.EN_RETARD)
OUT_OF_REACH = (Code.INJOIGNABLE, Code.ACCES_REFUSE, Code.REFUSE, Code.ILLISIBLE, Code.LECTURE)
PROCESSES = (Code.ROLE_MUET, Code.ROLE_ATTEND)
TYPING_ERRORS = (Code.ENVOIS_REFUSES, Code.LIGNES_REFUSEES)
SIAO = Correspondent(
    "siao-01", "siao-01", is_siao=True, contact=Contact.INJOIGNABLE, since=ago(minutes=3), cause="HTTP 503"
)
CENTRE = Correspondent("centre", "centre", contact=Contact.INJOIGNABLE, since=ago(minutes=30))


def lowest(*codes: Code) -> int:
    return min(harms()[code].score for code in codes)


def highest(*codes: Code) -> int:
    return max(harms()[code].score for code in codes)


def said(**facts: Any) -> str:
    return headline(verdict(replace(WELL, **facts), NOW))


def typed_wrong(number: int, sender: str = "centre", **since: float) -> tuple[Held, ...]:
    return tuple(
        Held(f"champ_{n}", sender, 1, ago(**since or {"minutes": 5}), refused=True) for n in range(number)
    )


def test_households_come_before_partners_these_before_processes_and_these_before_typing_errors() -> None:
    assert lowest(*HOUSEHOLDS) > highest(*OUT_OF_REACH)
    assert lowest(*OUT_OF_REACH) > highest(*PROCESSES) + 1
    assert lowest(*PROCESSES) > highest(*TYPING_ERRORS) + 1


def test_a_dead_role_stands_above_the_events_that_wait_for_it() -> None:
    pile = Pile(Etape.A_APPLIQUER, 3, ago(minutes=9), out_per_minute=0)
    found = verdict(replace(WELL, beats=beating(Role.WORKER), piles=(pile,)), NOW)
    assert [each.code for each in worst_first(found.findings, ())] == [Code.ROLE_MUET, Code.RIEN_N_AVANCE]


def test_every_condition_has_a_harm_of_its_own_that_leaves_room_for_a_siao_s() -> None:
    scores = sorted(harm.score for harm in harms().values())
    assert harms().keys() == set(Code)
    assert len(set(scores)) == len(scores)


def test_a_partner_that_refuses_our_key_stands_above_a_dozen_typing_errors() -> None:
    refuses = Correspondent("cil", "cil", contact=Contact.ACCES_REFUSE, since=ago(minutes=2))
    wrong = sum((typed_wrong(1, f"centre-{n}", hours=9) for n in range(12)), ())
    found = verdict(replace(WELL, partners=(refuses,), quarantine=wrong), NOW).findings
    assert found[0].code is Code.ACCES_REFUSE


def test_of_two_partners_that_are_away_the_siao_comes_first_although_it_went_last() -> None:
    found = verdict(replace(WELL, partners=(CENTRE, SIAO)), NOW)
    assert [each.about for each in found.findings] == ["siao-01", "centre"]
    assert found.away == ("siao-01", "centre")


def test_of_two_that_send_wrong_messages_or_owe_answers_the_siao_comes_first_although_it_has_fewer() -> None:
    siao = Correspondent("siao-01", "SIAO", is_siao=True)
    centre = Correspondent("centre", "centre")
    wrong = (*typed_wrong(1, "siao-01"), *typed_wrong(3, "centre"))
    owing = (
        Unanswered("centre", "PROPOSEE", 9, 0, ago(hours=9), overdue=9),
        Unanswered("siao-01", "RECUE", 1, 0, ago(hours=1), overdue=1),
    )
    facts = replace(WELL, partners=(centre, siao), quarantine=wrong, unanswered=owing)
    found = verdict(facts, NOW).findings
    assert [each.about for each in found] == ["siao-01", "centre"] * 2
    assert {each.who for each in queue(facts)[:1]} == {"siao-01"}


def test_twelve_wrong_messages_of_one_sender_are_one_line() -> None:
    first, *others = typed_wrong(12)
    held = (replace(first, since=ago(minutes=7)), *others)
    (found,) = verdict(replace(WELL, quarantine=held), NOW).findings
    assert (found.code, found.about, found.since) == (Code.LIGNES_REFUSEES, "centre", ago(minutes=7))
    assert found.sentence == f"centre doit corriger 12 envois refusés, le dernier à {at(ago(minutes=5), NOW)}"
    assert found.cause == "champ 0, champ 1, 10 autres causes"


def test_senders_of_a_few_wrong_messages_are_one_line_below_the_one_whose_fault_comes_back() -> None:
    again = Held("champ", "centre", 3, ago(hours=2), ago(minutes=5), True)
    wrong = sum((typed_wrong(2, f"centre-{n}", minutes=n + 1) for n in range(7)), ())
    many = typed_wrong(MANY_REFUSALS, "centre-9")
    found = verdict(replace(WELL, quarantine=(*wrong, *many, again)), NOW).findings
    (faulty, more, few), left = listed(found, (), {"centre-6": "Foyer A"}, 3)
    assert (faulty.about, more.about, left) == ("centre", "centre-9", ())
    named = "Foyer A, centre-5, centre-4, centre-3, centre-2 et 2 autres"
    assert few.sentence == f"{named} doivent corriger 14 envois refusés, en tout ou en partie"
    assert (few.since, few.start) == (ago(minutes=7), "siao-hub find --etat ouverte --etat partiel")
    assert listed(found, (), {}, None) == (list(found), [])
    assert listed(found, (), {}, 2) == ([faulty, more], list(found[2:]))


def test_rows_lost_from_files_accepted_in_part_stand_beside_the_refused_ones() -> None:
    partner = Correspondent(
        "centre",
        "centre",
        partials_24_h=2,
        partials_since=ago(hours=2),
        rows_refused_24_h=6,
        partial_causes=(("finess_invalide", 4), ("champ_0", 1)),
        partial_rows_read=4,
    )
    (found,) = verdict(replace(WELL, quarantine=typed_wrong(1), partners=(partner,)), NOW).findings
    assert found.sentence == "centre doit corriger 1 envoi refusé, 2 acceptés en partie (6 lignes refusées)"
    assert found.cause == "finess invalide (4 fois), champ 0 (2 fois), d'autres causes peut-être"
    assert found.since == ago(hours=2)


def test_our_own_fault_is_never_a_typing_error() -> None:
    bug = Held("bug", "centre", 1, NOW, refused=True)
    assert [f.code for f in verdict(replace(WELL, quarantine=(bug,)), NOW).findings] == [Code.QUARANTAINE]


@pytest.mark.parametrize(
    ("held", "last_in", "code"),
    [
        (typed_wrong(1), NOW, Code.LIGNES_REFUSEES),
        (typed_wrong(20), NOW, Code.ENVOIS_REFUSES),
        ((Held("champ", "centre", 3, ago(hours=2), ago(minutes=5), True),), NOW, Code.ENVOIS_REFUSES),
        ((Held("champ", "centre", 3, ago(minutes=7), ago(minutes=5), True),), NOW, Code.LIGNES_REFUSEES),
        (typed_wrong(1, hours=2), ago(hours=2), Code.ENVOIS_REFUSES),
        (typed_wrong(1, hours=2), ago(hours=1), Code.LIGNES_REFUSEES),
    ],
    ids=["une", "vingt", "revient", "trois d'un coup", "rien depuis", "renvoyé depuis"],
)
def test_refused_messages_are_an_alarm_only_where_they_are_many_come_again_or_end_in_silence(
    held: tuple[Held, ...], last_in: datetime, code: Code
) -> None:
    facts = replace(WELL, quarantine=held, partners=(Correspondent("centre", "centre", last_in=last_in),))
    assert [f.code for f in verdict(facts, NOW).findings] == [code]


def test_what_is_cut_is_named_by_kind_and_partner() -> None:
    cut = [Finding(code, Level.A_VOIR, str(n), "…") for n, code in enumerate((Code.LIGNES_REFUSEES,) * 2)]
    silence = Finding(Code.SILENCE, Level.A_VOIR, "centre", "…")
    names = {"0": "Foyer A", "1": "Foyer B", "centre": "CHRS"}
    said = "3 autres : 1 silence (CHRS), 2 expéditeurs qui doivent corriger (Foyer A et Foyer B)"
    assert left_out(ranked([*cut, silence], NOW), names) == said
    assert left_out([*cut, silence], {}).endswith("2 expéditeurs qui doivent corriger, 1 silence")
    dozen = [Finding(Code.SILENCE, Level.A_VOIR, str(n), "…") for n in range(12)]
    said = left_out(dozen, {str(n): f"F{n}" for n in range(12)})
    assert said == "12 autres : 12 silences (F0, F1, F2, F3, F4 et 7 autres)"
    alone = replace(silence, sentence="Foyer des Tilleuls n'a rien dit")
    assert left_out([alone], names) == "1 autre : Foyer des Tilleuls n'a rien dit"


@each_row("contact", [each for each in Contact if each is not Contact.JOIGNABLE])
def test_whoever_lets_nothing_in_is_in_the_headline(contact: Contact) -> None:
    assert said(partners=(replace(CENTRE, contact=contact),)) == "Le hub accepte, mais ne livre pas à centre"


def test_a_hub_whose_siao_is_away_does_not_say_that_it_delivers() -> None:
    assert said(partners=(SIAO,)) == "Le hub accepte, mais ne livre pas à siao-01"
    assert said(partners=(CENTRE, SIAO)) == "Le hub accepte, mais ne livre pas à siao-01 ni à 1 autre"


def test_the_headline_names_what_does_not_work_of_each_role() -> None:
    without = {role: said(beats=beating(role)) for role in Role if role is not Role.CONSOLE}
    assert without[Role.GATEWAY] == "Le hub n'accepte plus rien ; ce qu'il a accepté avance"
    assert without[Role.WORKER] == without[Role.RELAY] == "Le hub accepte, mais rien n'avance"
    assert without[Role.DISPATCHER] == "Le hub accepte, mais ne livre pas à qui que ce soit"
    assert without[Role.SOURCES].endswith("il ne lit plus rien de ce que les partenaires déposent")
    assert without[Role.SCHEDULER].endswith("il n'avertit plus personne")


def test_households_whose_answer_is_overdue_are_in_the_headline_and_first_in_the_list() -> None:
    late = Unanswered("centre", "PROPOSEE", 9, 0, ago(days=2), past=3, overdue=2, overdue_since=ago(hours=3))
    more = Unanswered("centre", "ACCUSEE", 1, 0, ago(days=2), past=1, overdue=1, overdue_since=ago(hours=5))
    in_time = Unanswered("loin", "PROPOSEE", 4, 0, ago(hours=1))
    facts = replace(WELL, unanswered=(late, more, in_time), partners=(SIAO,))
    first, *others = verdict(facts, NOW).findings
    assert (first.code, first.about, first.since) == (Code.SANS_REPONSE, "centre", ago(hours=5))
    assert [each.code for each in others] == [Code.INJOIGNABLE], "who is in time owes nothing"
    assert first.sentence == "3 ménages attendent une réponse de centre, délai dépassé"
    assert headline(verdict(facts, NOW)).endswith("4 ménages attendent au-delà du délai"), (
        "avec celui que le hub n'a pas su remettre à temps"
    )


def test_a_refused_delivery_left_undecided_beyond_its_deadline_stands_above_a_partner_out_of_reach() -> None:
    away = Correspondent("loin", "loin", contact=Contact.INJOIGNABLE)
    refused = Correspondent("centre", "centre", refused=Count(4, ago(minutes=20)))
    for due, first in ((ago(minutes=1), Code.REFUSEES), (ago(minutes=-1), Code.INJOIGNABLE)):
        owed = Unanswered("centre", "PROPOSEE", 4, 4, ago(minutes=20), deadline=due, longest_refused=True)
        found = verdict(replace(WELL, partners=(away, refused), unanswered=(owed,)), NOW).findings
        assert found[0].code is first
        assert found[0].whole.endswith("à décider, délai dépassé") is (first is Code.REFUSEES)


def test_a_question_without_an_answer_is_unknown_and_neither_zero_nor_well() -> None:
    facts = replace(WELL, unknown=(Asked.REPONSES,))
    found = verdict(facts, NOW)
    assert (found.level, found.overdue) == (Level.A_VOIR, None)
    assert [f.code for f in found.findings] == [Code.INCONNU]
    assert "inconnu : réponses attendues" in found.findings[0].sentence
    assert headline(found) == "Le hub accepte et livre ; on ne sait pas qui attend une réponse"


def test_processes_that_nobody_could_ask_for_are_not_said_to_be_dead() -> None:
    found = verdict(replace(WELL, beats=(), unknown=(Asked.PROCESSUS,)), NOW)
    assert (found.accepts, found.applies, found.delivers) == (None, None, None)
    assert [f.code for f in found.findings] == [Code.INCONNU]
    assert headline(found).startswith("Inconnu : ")


def test_without_the_database_nobody_says_that_all_have_their_answer() -> None:
    dead = headline(verdict(Vitals(Answer.MUET, Answer.OK), NOW))
    assert dead == "Le hub n'accepte plus rien, et rien n'avance ; on ne sait pas qui attend une réponse"


def test_of_equal_harm_what_concerns_most_comes_first_although_it_is_newer() -> None:
    one = replace(typed_wrong(1, "peu")[0], since=ago(hours=1))
    six = Held("champ_0", "beaucoup", 6, ago(minutes=5), refused=True)
    facts = replace(
        WELL,
        quarantine=(one, six),
        partners=(Correspondent("peu", "peu"), Correspondent("beaucoup", "beaucoup")),
    )
    assert [each.about for each in verdict(facts, NOW).findings] == ["beaucoup", "peu"]
    assert [group.who for group in queue(facts)] == ["beaucoup", "peu"]


def test_a_sender_whose_files_lost_rows_is_to_be_seen_although_none_was_refused_entirely() -> None:
    lossy = Correspondent("centre", "centre", partials_24_h=5, rows_refused_24_h=9, last_in=ago(hours=3))
    (found,) = verdict(replace(WELL, partners=(lossy,)), NOW).findings
    assert (found.code, found.about) == (Code.LIGNES_REFUSEES, "centre")
    assert found.sentence == "centre doit corriger 5 envois acceptés en partie (9 lignes refusées)"


def test_the_oldest_of_equal_harm_comes_first() -> None:
    old, new = (
        Finding(Code.SILENCE, Level.A_VOIR, name, "…", since)
        for name, since in (("b", ago(days=1)), ("a", NOW))
    )
    assert ranked([new, old], NOW + timedelta(hours=1)) == (old, new)


def test_refusals_of_one_sender_last_since_its_last_accepted_message_and_say_the_first_and_the_last() -> None:
    old = Held("ancien", "centre", 2, ago(hours=7), ago(hours=6), refused=True)
    held = Held("champ", "centre", 3, ago(hours=5), ago(minutes=5), refused=True, run_since=ago(minutes=9))
    (found,) = verdict(replace(WELL, quarantine=(old, held)), NOW).findings
    last = at(ago(minutes=5), NOW)
    assert (found.since, found.sentence) == (
        ago(minutes=9),
        f"centre doit corriger 5 envois refusés, le dernier à {last} : la même faute revient",
    )
