"""The story is decided by its seed, ends every loop, and is told with nobody's real data."""

from datetime import date

import pytest

from contracts.reference.identifiants import code_commune, finess, numero_unique, siret
from simulation import people, places, story
from simulation.siao_messages import FINAL, FINAL_DECISIONS
from tests.rows import each_row

TODAY = date(2026, 3, 2)
RESULTS = {"NAT": "NON_ATTRIBUTION", "IRR": "IRRECEVABILITE"}


def ends(steps):
    last = steps[-1]
    if last.event == "decision.commission":
        return RESULTS[last.codes["resultat"]] in FINAL_DECISIONS
    return last.event in FINAL or last.event == "orientation.mise-en-attente"  # then the SIAO takes it back


@pytest.mark.parametrize("ways", [story.REFERRALS, story.CANDIDACIES])
def test_every_way_ends_in_an_outcome_that_the_siao_knows(ways):
    assert all(ends(steps) for _, steps in ways)


@pytest.mark.parametrize("ways", [story.REFERRALS, story.CANDIDACIES])
def test_no_step_comes_twice_in_an_answer(ways):
    for _, steps in ways:
        assert len({step.event for step in steps}) == len(steps)


def test_the_same_seed_tells_the_same_story():
    first = [(story.loops(7, n), [story.answers(7, d) for d in story.loops(7, n)]) for n in range(1, 200)]
    again = [(story.loops(7, n), [story.answers(7, d) for d in story.loops(7, n)]) for n in range(1, 200)]
    assert first == again
    assert first != [
        (story.loops(8, n), [story.answers(8, d) for d in story.loops(8, n)]) for n in range(1, 200)
    ]


def test_a_place_is_offered_again_until_somebody_arrives_three_times_at_most():
    for number in range(1, 300):
        referrals = [d for d in story.loops(1, number) if 1 <= story.place_of(d)[1] <= story.MAX_REFERRALS]
        *failed, last = [story.answers(1, d)[-1].event for d in referrals]
        assert 1 <= len(referrals) <= story.MAX_REFERRALS
        assert "entree.constatee" not in failed
        assert last == "entree.constatee" or len(referrals) == story.MAX_REFERRALS


def test_no_dossier_has_two_loops():
    every = [d for number in range(1, 500) for d in story.loops(1, number)]
    assert len(every) == len(set(every))


def test_places_lie_in_real_establishments_with_valid_numbers():
    found = places.structures("59", seed=1)
    assert len(found) > 100
    for structure in found:
        assert finess(structure.finess) == structure.finess
        assert siret(structure.siret) == structure.siret
        assert code_commune(structure.commune) == structure.commune


def test_places_become_vacant_one_after_the_other_within_the_time_given():
    structures = places.structures("59", seed=1)
    found = places.places(50, (("TIL", structures[:4]), ("ESC", structures[4:8])), 1, 10.0)
    assert [place.at_s for place in found] == sorted(place.at_s for place in found)
    assert found[-1].at_s == 10.0
    assert len({place.code for place in found}) == 50


@each_row("index", [0, 7, 1234, 9_999, 10_000, 59_999])
def test_a_telephone_number_of_fiction_leads_back_to_its_index(index):
    assert people.phone_index(people.phone(index)) == index
    assert people.phone_index(people.phone(index).replace(" ", "")) == index


def test_the_numero_unique_has_a_valid_shape():
    assert numero_unique(people.numero_unique(42, TODAY))


@each_row("composition", list(people.ADULTS))
def test_a_household_agrees_with_its_composition(composition):
    household = people.household(1, 12, [composition], TODAY)
    assert household.composition == composition
    assert (household.children > 0) == (composition in people.WITH_CHILDREN)
    ages = [(TODAY - person.naissance).days // 365 for person in household.people]
    assert all(age >= 18 for age in ages[: household.adults])
    assert all(age < 18 for age in ages[household.adults :])
