"""The observation is due one line for each step that arrived, and no more."""

import pytest

from simulation.oracle import judge
from simulation.pathways import troubles
from tests.unit.simulation.journaux import Journals

STEPS = ("dossier-14:demande.recue", "un-uuid:entree.constatee", "un-autre:bail.signe")


def story() -> Journals:
    journals = Journals()
    for ref in STEPS:
        journals.sent(ref).answered(ref).effect(ref)
    return journals


def told(journals: Journals, **lines: int) -> Journals:
    return journals.effect(
        f"hub:observation.jeu:{len(lines)}-{sum(lines.values())}", to="observation-59", lines=lines
    )


def test_sets_that_hold_each_step_once_are_as_they_should_be() -> None:
    journals = told(told(story(), DME=1, PRC=1), PRC=1)
    assert list(troubles(journals.observed)) == []
    assert judge(journals.observed, observes=True).sound


@pytest.mark.parametrize(
    "lines", [{"DME": 1, "PRC": 1}, {"DME": 2, "PRC": 2}], ids=["one missing", "one doubled"]
)
def test_a_step_that_is_missing_or_told_twice_is_a_surprise(lines: dict[str, int]) -> None:
    journals = told(story(), **lines)
    (said,) = judge(journals.observed, observes=True).surprises
    assert said.startswith("observation : ")
    assert judge(journals.observed).sound


def test_a_step_on_its_way_to_the_siao_is_not_due_yet() -> None:
    journals = Journals().sent(STEPS[0]).answered(STEPS[0])
    assert list(troubles(journals.observed)) == []


def test_a_step_of_another_territory_is_none_of_its_own() -> None:
    journals = told(story(), DME=1, PRC=2)
    journals.sent("dossier-24:demande.recue", by="ccas-artois").effect(
        "dossier-24:demande.recue", to="siao-62"
    )
    assert list(troubles(journals.observed)) == []
