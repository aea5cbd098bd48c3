"""The hub's own counts are those of the journals, partner by partner, or the difference is named."""

from simulation.chaos.accounts import Counts, differences, journalled
from simulation.journal import Kind
from simulation.moods import Mood
from tests.unit.simulation.journaux import Journals


def declined(journals: Journals, key: str, mood: Mood, *, by: str = "siao-59") -> Journals:
    record = {"at": journals.tick(), "kind": Kind.DECLINED, "key": key, "ref": "r", "mood": mood}
    journals.observed.add(by, record)
    return journals


def test_accepted_counts_by_sender_and_delivered_by_recipient_each_key_once():
    journals = Journals().arrived("a").effect("hub:x", key="k").sent("b").answered("b", 422)
    assert journalled(journals.observed) == {"escale": Counts(accepted=1), "siao-59": Counts(delivered=2)}


def test_agreement_is_no_difference():
    hub = {"escale": Counts(accepted=1), "siao-59": Counts(delivered=1)}
    assert list(differences(hub, Journals().arrived("a").observed)) == []


def test_every_count_that_differs_is_named_with_both_figures():
    hub = {"escale": Counts(accepted=2), "siao-59": Counts(delivered=1, open=1)}
    found = list(differences(hub, Journals().arrived("a").observed))
    assert len(found) == 2
    assert "lignes acceptées" in found[0]
    assert "2" in found[0]
    assert "1" in found[0]
    assert "ouvertes" in found[1]


def test_what_was_refused_is_refused_to_the_hub_even_when_it_had_been_taken():
    journals = declined(Journals().effect("a", key="k"), "k", Mood.REFUSAL)
    declined(journals, "l", Mood.FALSE_SUCCESS)
    assert journalled(journals.observed)["siao-59"] == Counts(refused=2)


def test_what_was_refused_without_the_hub_hearing_of_it_and_then_taken_is_taken():
    journals = declined(Journals(), "k", Mood.REFUSAL).effect("a", key="k")
    assert journalled(journals.observed)["siao-59"] == Counts(delivered=1)


def test_an_outage_is_no_refusal():
    journals = declined(Journals(), "k", Mood.ERROR).effect("a", key="k")
    assert journalled(journals.observed)["siao-59"] == Counts(delivered=1)
