"""A fault is over when all that senders wanted to say before its end has arrived, by their own journals."""

from simulation.chaos.recovery import Ended, Recoveries, percentile
from tests.unit.simulation.journaux import Journals


def recovered(journals: Journals, *ended_s: float) -> list[float]:
    recoveries = Recoveries()
    for moment in ended_s:
        recoveries.after(Ended("absence", moment - 60, moment))
    recoveries.measure(journals.observed)
    return recoveries.seconds["absence"]


def test_what_a_sender_could_not_get_rid_of_while_the_hub_was_away_is_the_backlog():
    journals = Journals().sent("a")  # at the first second, to a hub that is away until the 60th
    journals.tick(62)
    journals.answered("a").effect("a")
    assert recovered(journals, 60.0) == [5.0]


def test_what_was_sent_after_the_end_is_not():
    journals = Journals().arrived("a").sent("b")
    journals.tick(30)
    journals.answered("b").effect("b")
    assert recovered(journals, 3.5) == [0.0]


def test_the_last_of_many_counts_and_one_that_was_refused_is_at_rest_with_its_answer():
    journals = Journals().sent("a").sent("b")
    journals.answered("b", 422)
    journals.tick(6)
    journals.answered("a").effect("a")
    assert recovered(journals, 2.0, 4.0) == [9.0, 7.0]


def test_a_second_effect_of_a_row_says_nothing_of_its_recovery():
    journals = Journals().arrived("a")
    journals.tick(50)
    journals.effect("a")
    assert recovered(journals, 2.0) == [1.0]


def test_a_p99_takes_twenty_outages():
    assert percentile([], 50) is None
    assert percentile([1.0, 2.0], 50) == 1.5
    assert percentile([1.0] * 19, 99) is None
    assert percentile([1.0] * 20, 99) == 1.0
