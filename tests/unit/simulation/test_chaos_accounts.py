"""The hub believes of each delivery what its recipient's journal says, or the difference is named."""

from typing import Any

import pytest

from simulation.chaos.accounts import differences
from simulation.moods import Mood
from simulation.observed import Delivery
from tests.rows import each_row
from tests.unit.simulation.journaux import Journals

KEY = "6f1c0e2a-0000-4000-8000-000000000001"
OTHER = "6f1c0e2a-0000-4000-8000-000000000002"
EVENT = "6f1c0e2a-0000-4000-8000-0000000000ff"


def believed(etat: str = "livree", *, key: str = KEY, to: str = "siao-59") -> Delivery:
    return Delivery(to, key, EVENT, "place.vacante", "sujet", etat)


def declined(journals: Journals, mood: Mood) -> Journals:
    return journals.declined("r", mood, key=KEY)


def found(journals: Journals, *deliveries: Delivery, **more: Any) -> list[str]:
    return list(differences({}, deliveries, journals.observed, **more))


def test_agreement_is_no_difference():
    journals = Journals().sent("a").answered("a").effect("a", key=KEY)
    assert list(differences({"escale": 1}, [believed()], journals.observed)) == []


def test_rows_accepted_are_counted_by_sender_but_for_a_restored_database():
    journals = Journals().sent("a").answered("a").sent("b").answered("b", 422)
    (difference,) = differences({"escale": 2}, [], journals.observed)
    assert "2" in difference
    assert "1" in difference
    assert found(journals, restored=True) == []


def test_a_row_with_two_recipients_is_accepted_once():
    journals = Journals().sent("a:siao").sent("a:etat", key="a:siao").answered("a:siao")
    assert list(differences({"escale": 1}, [], journals.observed)) == []


def test_what_the_hub_believes_delivered_and_its_recipient_never_had_is_named_whoever_else_had_it():
    journals = Journals().effect("a", key=KEY).effect("b", key=KEY, to="escale")
    (difference,) = found(journals, believed(), believed(key=OTHER), believed(to="escale"))
    assert OTHER in difference


def test_what_was_taken_and_the_hub_does_not_know_is_named():
    (difference,) = found(Journals().effect("a", key=KEY))
    assert KEY in difference


@each_row("etat", ["en_attente", "en_vol", "deposee", "refusee", "oubliee"])
def test_what_was_taken_and_the_hub_believes_otherwise_is_named(etat: str):
    assert len(found(Journals().effect("a", key=KEY), believed(etat))) == 1


def test_a_file_is_known_by_the_event_that_it_carries():
    journals = Journals().effect("a", key=f"orientation_{EVENT}.csv", to="chrs-tilleuls")
    assert found(journals, believed(to="chrs-tilleuls")) == []


def test_an_undecided_delivery_may_have_been_taken_refused_or_neither_and_no_other_may():
    for journals in (Journals(), Journals().effect("a", key=KEY), declined(Journals(), Mood.REFUSAL)):
        assert found(journals, believed("incertaine"), cannot_tell=["siao-59"]) == []
    journals = Journals().effect("a", key=KEY).effect("b", key=OTHER)
    (difference,) = found(
        journals, believed("incertaine"), believed("en_attente", key=OTHER), cannot_tell=["siao-59"]
    )
    assert OTHER in difference


def test_a_partner_that_deduplicates_or_can_be_asked_has_nothing_undecided():
    assert len(found(Journals().effect("a", key=KEY), believed("incertaine"))) == 1


def test_what_was_refused_is_refused_to_the_hub_even_when_it_had_been_taken():
    journals = declined(Journals().effect("a", key=KEY), Mood.FALSE_SUCCESS)
    assert found(journals, believed("refusee")) == []
    assert len(found(journals, believed("livree"))) == 1


def test_what_was_refused_without_the_hub_hearing_of_it_and_then_taken_is_taken():
    journals = declined(Journals(), Mood.REFUSAL).effect("a", key=KEY)
    assert found(journals, believed()) == []


def test_an_outage_is_no_refusal():
    journals = declined(Journals(), Mood.ERROR).effect("a", key=KEY)
    assert found(journals, believed()) == []


OBSERVATION = "observation-59"


@pytest.mark.parametrize(
    ("etats", "agree"),
    [
        (["livree", "livree"], True),
        (["livree"], False),
        (["livree", "en_attente"], False),
        (["livree", "livree", "en_attente"], False),
    ],
    ids=["the same", "one it does not know", "one it believes on its way", "one more on its way"],
)
def test_steps_of_the_observation_are_counted_for_no_set_bears_their_names(etats: list[str], agree: bool):
    journals = Journals().effect(
        "hub:observation.jeu:A", to=OBSERVATION, key=f"5920260301_{KEY}", steps=["a", "b"]
    )
    deliveries = [believed(etat, key=f"étape {n}", to=OBSERVATION) for n, etat in enumerate(etats)]
    assert (found(journals, *deliveries) == []) is agree
    assert found(journals, *deliveries, restored=True) == []
