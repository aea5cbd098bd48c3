"""The oracle finds what was planted in the journals, and nothing else."""

import pytest

from simulation.journal import Kind
from simulation.oracle import Fate, judge
from tests.unit.simulation.journaux import FLOW, Journals


def test_a_story_that_went_well_is_sound():
    journals = Journals().arrived("a", subject="p", seq=1).arrived("b", subject="p", seq=2)
    verdict = judge(journals.observed)
    assert verdict.sound
    assert (verdict.total.sent, verdict.total.accepted, verdict.total.delivered) == (2, 2, 2)


def test_no_journal_at_all_is_an_empty_verdict():
    verdict = judge(Journals().observed)
    assert verdict.sound
    assert verdict.total.sent == 0
    assert verdict.total.percentile_s(50) is None


def test_an_accepted_row_that_never_arrives_is_lost_by_name():
    journals = Journals().arrived("a").sent("b").answered("b")
    verdict = judge(journals.observed)
    assert not verdict.sound
    assert [sent.row.ref for sent in verdict.total.lost] == ["b"]


def test_a_row_that_the_hub_believes_delivered_and_nobody_has_seen_is_lost():
    journals = Journals().sent("a").answered("a")
    assert len(judge(journals.observed, {"a": Fate.GONE}).total.lost) == 1


@pytest.mark.parametrize(("fate", "column"), [(Fate.OPEN, "open"), (Fate.REFUSED, "refused")])
def test_an_open_task_or_a_refusal_is_not_a_loss(fate, column):
    journals = Journals().sent("a").answered("a")
    verdict = judge(journals.observed, {"a": fate})
    assert verdict.total.lost == []
    assert getattr(verdict.total, column) == 1


def test_what_arrived_needs_no_word_from_the_hub():
    verdict = judge(Journals().arrived("a").observed, {"a": Fate.OPEN})
    assert (verdict.total.open, verdict.total.delivered) == (0, 1)


def test_the_same_row_under_two_keys_of_the_hub_is_doubled():
    journals = Journals().arrived("a").effect("a", key="autre").effect("a", key="encore")
    verdict = judge(journals.observed)
    assert verdict.total.duplicates == ["a", "a"]
    assert verdict.total.delivered == 1
    assert not verdict.sound


def test_a_row_doubled_at_another_partner_is_doubled_too():
    journals = Journals().arrived("a").effect("a", to="halte-canal")
    assert judge(journals.observed).total.duplicates == ["a"]


def test_a_repetition_that_its_recipient_passed_over_is_no_duplicate():
    journals = Journals().arrived("a")
    journals.observed.add("siao-59", {"at": journals.tick(), "kind": Kind.REPEATED, "key": "livraison"})
    verdict = judge(journals.observed)
    assert verdict.sound
    assert verdict.repeated == 1


def test_a_later_row_that_overtakes_an_earlier_one_is_an_inversion():
    journals = Journals().sent("a", subject="p", seq=1).sent("b", subject="p", seq=2)
    journals.answered("a").answered("b").effect("b").effect("a")
    verdict = judge(journals.observed)
    assert verdict.flows[FLOW].inversions == ["a"]
    assert not verdict.sound


def test_every_row_that_was_overtaken_counts():
    journals = Journals()
    for seq in (1, 2, 3):
        journals.sent(f"r{seq}", subject="p", seq=seq).answered(f"r{seq}")
    journals.effect("r3").effect("r1").effect("r2")
    assert judge(journals.observed).total.inversions == ["r1", "r2"]


def test_subjects_have_no_order_between_them():
    journals = Journals().sent("a", subject="p", seq=2).sent("b", subject="q", seq=1)
    for ref in "ab":
        journals.answered(ref).effect(ref)
    assert judge(journals.observed).total.inversions == []


def test_two_senders_have_no_order_between_them_and_one_has_whatever_the_flow():
    journals = Journals().sent("a", subject="p", seq=2).answered("a").effect("a")
    journals.sent("b", subject="p", seq=1, by="halte-canal").answered("b", by="halte-canal").effect("b")
    assert judge(journals.observed).total.inversions == []
    journals.sent("c", subject="p", seq=1, flow="escale>siao-59:réponses").answered("c").effect("c")
    assert judge(journals.observed).total.inversions == ["c"]


def test_a_gap_is_a_loss_and_not_an_inversion():
    journals = Journals().sent("a", subject="p", seq=1).answered("a").arrived("b", subject="p", seq=2)
    verdict = judge(journals.observed)
    assert verdict.total.inversions == []
    assert len(verdict.total.lost) == 1


def test_the_order_is_that_of_the_recipients_journal_and_not_of_its_clock():
    journals = Journals().sent("a", subject="p", seq=1).sent("b", subject="p", seq=2)
    journals.answered("a").answered("b").effect("a")
    journals.now = 0  # the clock was set back
    journals.effect("b")
    assert judge(journals.observed).total.inversions == []


def test_only_the_first_effect_of_a_row_has_a_place_in_the_order():
    journals = Journals().arrived("a", subject="p", seq=1).arrived("b", subject="p", seq=2).effect("a")
    verdict = judge(journals.observed)
    assert (verdict.total.inversions, verdict.total.duplicates) == ([], ["a"])


def test_a_rejected_row_is_neither_accepted_nor_lost():
    journals = Journals().sent("a", row=1, key="m").sent("b", row=2, key="m", wrong=True)
    journals.answered("m", rejected_rows=[2]).effect("a")
    verdict = judge(journals.observed)
    assert verdict.sound
    assert (verdict.total.accepted, verdict.total.rejected) == (1, 1)


def test_a_message_refused_whole_rejects_all_its_rows():
    journals = Journals().sent("a", row=1, key="m", wrong=True).sent("b", row=2, key="m", wrong=True)
    verdict = judge(journals.answered("m", 422, rejected_rows=[1]).observed)
    assert verdict.sound
    assert verdict.total.rejected == 2


def test_a_rejection_that_names_no_row_rejects_all_of_them():
    journals = Journals().sent("a", wrong=True).answered("a", rejected_rows=[None])
    assert judge(journals.observed).total.rejected == 1


def test_a_right_row_that_is_rejected_is_a_surprise():
    verdict = judge(Journals().sent("a").answered("a", 422, rejected_rows=[1]).observed)
    assert len(verdict.surprises) == 1
    assert not verdict.sound


def test_a_wrong_row_that_is_accepted_is_a_surprise():
    assert len(judge(Journals().arrived("a", wrong=True).observed).surprises) == 1


def test_a_rejected_row_that_arrives_all_the_same_is_a_surprise():
    journals = Journals().sent("a", wrong=True).answered("a", 422, rejected_rows=[1]).effect("a")
    assert len(judge(journals.observed).surprises) == 1


def test_an_arrival_that_nobody_sent_is_a_surprise():
    assert len(judge(Journals().effect("inconnu").observed).surprises) == 1


def test_a_row_that_the_hub_never_answered_is_a_surprise_and_no_loss():
    verdict = judge(Journals().sent("a").observed)
    assert verdict.total.lost == []
    assert len(verdict.surprises) == 1


def test_a_conflict_on_the_senders_key_is_no_acceptance():
    assert judge(Journals().sent("a").answered("a", 409).observed).total.accepted == 0


def test_an_answer_counts_for_the_sender_of_its_key_alone():
    journals = Journals().sent("a", key="1", by="escale").answered("1", by="halte-canal")
    assert judge(journals.observed).total.accepted == 0


def test_a_loop_is_answered_by_a_final_outcome_that_arrived():
    journals = Journals().arrived("o", opens="dossier-1")
    assert judge(journals.observed).total.unanswered == ["dossier-1"]
    journals.effect("hub:x", closes="dossier-1", outcome="entrée")
    verdict = judge(journals.observed)
    assert (verdict.total.answered, verdict.total.unanswered) == (1, [])


def test_a_loop_is_answered_when_the_siao_took_it_back_and_the_hub_accepted():
    journals = Journals().arrived("o", opens="dossier-1").sent("x", closes="dossier-1", subject="o", seq=2)
    assert judge(journals.observed).total.answered == 0
    assert judge(journals.answered("x").observed).total.answered == 1


def test_a_loop_that_was_never_accepted_waits_for_no_answer():
    journals = Journals().sent("o", opens="dossier-1", wrong=True).answered("o", 422)
    assert judge(journals.observed).total.loops == 0


def test_latency_counts_from_the_acceptance_to_the_first_arrival():
    journals = Journals().sent("a").answered("a")
    journals.tick(3)
    journals.effect("a")
    journals.tick(50)
    journals.effect("a")
    assert judge(journals.observed).flows[FLOW].latencies_s == [4.0]


def test_latency_of_a_file_counts_from_its_drop():
    journals = Journals().sent("a", by_file=True)
    journals.tick(3)
    journals.effect("a").answered("a")  # the report comes after the arrival
    assert judge(journals.observed).flows[FLOW].latencies_s == [4.0]


def test_an_arrival_before_the_sender_saw_its_answer_took_no_time():
    journals = Journals().sent("a").effect("a").answered("a")
    assert judge(journals.observed).flows[FLOW].latencies_s == [0]


def test_journals_read_in_another_order_give_the_same_verdict():
    journals = Journals().effect("b").effect("a")
    journals.sent("a", subject="p", seq=1).sent("b", subject="p", seq=2).answered("a").answered("b")
    assert judge(journals.observed).total.inversions == ["a"]


def test_a_row_announced_twice_by_a_sender_that_restarted_counts_once():
    journals = Journals().sent("a").sent("a").answered("a").effect("a")
    verdict = judge(journals.observed)
    assert verdict.total.sent == 1
    assert verdict.sound


def test_percentiles_lie_within_what_was_measured():
    journals = Journals()
    for n in range(100):
        journals.sent(f"r{n}").answered(f"r{n}")
        journals.tick(n)
        journals.effect(f"r{n}")
    total = judge(journals.observed).total
    assert total.percentile_s(50) == pytest.approx(50.5)
    assert total.percentile_s(99) == pytest.approx(99, abs=1)


def test_figures_of_all_flows_add_up():
    journals = (
        Journals().arrived("a").arrived("b", flow="halte-canal>siao-59:réponses").sent("c").answered("c")
    )
    verdict = judge(journals.observed)
    assert verdict.total.sent == sum(figures.sent for figures in verdict.flows.values()) == 3
    assert verdict.seconds > 0


def test_a_repetition_that_is_answered_like_the_first_time_is_nothing():
    journals = Journals().arrived("a").answered("a")
    assert judge(journals.observed).sound


@pytest.mark.parametrize("second", [{"status": 409}, {"rejected_rows": [1]}])
def test_a_repetition_that_is_answered_otherwise_is_a_surprise(second):
    journals = Journals().arrived("a").answered("a", **second)
    assert len(judge(journals.observed).surprises) == 1


def test_an_acknowledgement_that_the_hub_does_not_take_is_a_surprise():
    journals = Journals()
    for status in (204, 404):
        record = {"at": journals.tick(), "kind": Kind.ACKNOWLEDGED, "key": "k", "status": status}
        journals.observed.add("halte-canal", record)
    (surprise,) = judge(journals.observed).surprises
    assert "404" in surprise


def test_an_error_of_the_hub_that_is_no_later_please_is_a_surprise():
    journals = Journals().arrived("a")
    record = {"at": journals.tick(), "kind": Kind.FAILED, "what": "POST /v1/messages", "status": 500}
    journals.observed.add("escale", record)
    journals.observed.add("escale", record)
    (surprise,) = judge(journals.observed).surprises
    assert "500" in surprise
