"""The observation is due each step that the journals show, in one set and once."""

import pytest

from simulation.journal import Kind
from simulation.moods import Mood
from simulation.observed import Delivery
from simulation.oracle import Fate, judge
from simulation.pathways import doubled, troubles
from tests.rows import each_row
from tests.unit.simulation.journaux import Journals

HOUSED = "un-uuid:orientation.acceptee"
REFS = (
    *("dossier-14:demande.recue", "dossier-15:orientation.proposee", HOUSED, "un-uuid:entree.constatee"),
    *("dossier-11:orientation.proposee", "un-autre:orientation.refusee", "un-tiers:bail.signe"),
    "DER-59-5:admission.directe",
)
STEPS = (
    *("demande:D1", "orientation:O1", "acceptation:O1", "entree:O1"),
    *("orientation:O2", "refus:O2", "entree:P1", "entree:A1"),
)


def story() -> Journals:
    journals = Journals()
    for ref in REFS:
        journals.sent(ref).answered(ref).effect(ref)
    return journals.effect("hub:admission.hors-siao:DER-59-5:derogation", to="etat-59")


def told(journals: Journals, name: str, *steps: str) -> Journals:
    return journals.effect(f"hub:observation.jeu:{name}", to="observation-59", steps=steps)


def test_steps_that_are_each_in_one_set_are_as_they_should_be() -> None:
    journals = told(told(story(), "A", *STEPS[:3]), "B", *STEPS[3:])
    assert list(troubles(journals.observed)) == []
    assert judge(journals.observed, observes=True).sound


@each_row("step", STEPS)
def test_a_step_in_no_set_is_a_surprise_that_names_its_kind(step: str) -> None:
    journals = told(story(), "A", *(one for one in STEPS if one != step))
    (said,) = judge(journals.observed, observes=True).surprises
    assert f"« {step.partition(':')[0]} »" in said
    assert judge(journals.observed).sound


@pytest.mark.parametrize("step", ["sortie:O1", "refus:O3"])
def test_a_step_that_nothing_gave_rise_to_is_a_surprise(step: str) -> None:
    journals = told(story(), "A", *STEPS, step)
    (said,) = judge(journals.observed, observes=True).surprises
    assert said.startswith("observation : ")


@pytest.mark.parametrize("again", ["A", "B"], ids=["in the same set", "in another"])
def test_a_step_that_is_told_twice_is_doubled_and_named(again: str) -> None:
    sets = {"A": STEPS, "B": ()}
    sets[again] = (*sets[again], STEPS[2])
    journals = story()
    for name, steps in sets.items():
        told(journals, name, *steps)
    (said,) = doubled(journals.observed)
    assert STEPS[2] in said
    assert judge(journals.observed, observes=True).total.duplicates == [said]


def test_a_step_that_is_doubled_does_not_hide_one_that_is_missing() -> None:
    journals = told(story(), "A", *STEPS[1:], STEPS[1])
    verdict = judge(journals.observed, observes=True)
    assert (len(verdict.total.duplicates), len(verdict.surprises)) == (1, 1)


def test_a_step_on_its_way_to_the_siao_is_not_due_yet_and_may_have_been_told() -> None:
    journals = Journals().sent(REFS[0]).answered(REFS[0])
    assert list(troubles(journals.observed)) == []
    assert list(troubles(told(journals, "A", STEPS[0]).observed, {REFS[0]})) == []
    assert judge(journals.observed, {REFS[0]: Fate.OPEN}, observes=True).surprises == ()
    assert len(judge(journals.observed, {REFS[0]: Fate.REFUSED}, observes=True).surprises) == 1


def test_a_step_that_its_recipient_refused_was_one_all_the_same() -> None:
    journals = Journals().sent(REFS[1]).answered(REFS[1])
    record = {"at": 1, "kind": Kind.DECLINED, "key": "k", "ref": REFS[1], "mood": Mood.REFUSAL}
    journals.observed.add("escale", record)
    assert len(list(troubles(journals.observed))) == 1
    assert list(troubles(told(journals, "A", STEPS[1]).observed)) == []


def test_a_delivery_of_which_nobody_knows_excuses_one_missing_step_and_no_more() -> None:
    unknown = [Delivery("observation-59", "i", "e", "observation.enregistrement", "s", "incertaine")]
    assert list(troubles(told(story(), "A", *STEPS[1:]).observed, (), unknown)) == []
    assert len(list(troubles(told(story(), "A", *STEPS[2:]).observed, (), unknown))) == 2


def test_a_step_of_another_territory_is_none_of_its_own() -> None:
    journals = told(story(), "A", *STEPS)
    journals.sent("dossier-24:demande.recue", by="ccas-artois").effect(
        "dossier-24:demande.recue", to="siao-62"
    )
    assert list(troubles(journals.observed)) == []


def test_a_set_that_was_begun_and_never_whole_is_named_and_the_rest_of_one_that_was_taken_is_not() -> None:
    journals = told(story(), "A", *STEPS)
    journals.observed.begun = {"A", "B"}
    (said,) = judge(journals.observed, observes=True).surprises
    assert said.endswith(" : B")
