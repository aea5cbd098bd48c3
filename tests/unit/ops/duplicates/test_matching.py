"""Two records of one household are recognised through the slips of desks, and strangers are told apart."""

from datetime import date

import pytest

from bench.doublons import SLIPS, figures, town
from contracts.reference.graphie import words
from contracts.v1.pret_logement import IndiceDoublon as I
from ops.duplicates.blocking import blocks
from ops.duplicates.matching import Fiche, Personne, compare, proposals
from ops.duplicates.names import likeness

DAY = date(1988, 3, 7)


def one(nom: str = "Benali", prenom: str = "Mohamed", day: date | None = DAY, femme: bool = False) -> Fiche:
    return Fiche((Personne.of(nom, prenom, day, femme),))


@pytest.mark.parametrize(
    ("other", "indice"),
    [
        (one("BÉNALI", "mohamed"), I.NOM_IDENTIQUE),
        (one(day=date(1988, 7, 3)), I.DATE_INVERSEE),
        (one(day=date(1986, 3, 7)), I.DATE_PROCHE),
        (one("Benalli", "Muhammed"), I.PRENOM_PROCHE),
        (one("Mohamed", "Benali"), I.NOM_ET_PRENOM_INVERSES),
        (one("El Benali"), I.NOM_IDENTIQUE),
        (one(prenom="Mohamed Amine"), I.PRENOM_IDENTIQUE),
    ],
    ids=["accents", "swapped", "digit", "heard", "crossed", "particle", "second name"],
)
def test_a_slip_is_seen_for_what_it_is_and_the_two_share_a_block(other: Fiche, indice: I) -> None:
    verdict = compare(one(), other)
    assert verdict.proposes
    assert indice in verdict.indices
    assert blocks(one()) & blocks(other)


def test_a_woman_may_have_changed_her_name_and_a_man_has_not() -> None:
    hers = [one(nom, "Églantine", femme=True) for nom in ("Martin", "Dubois")]
    assert compare(*hers).proposes
    assert not compare(*(one(nom, "Barnabé") for nom in ("Martin", "Dubois"))).proposes


@pytest.mark.parametrize(
    "other",
    [one(prenom="Firmin"), one(day=date(1961, 11, 20)), one("Dubois")],
    ids=["twin", "namesake", "stranger"],
)
def test_twins_namesakes_and_strangers_are_not_put_to_anybody(other: Fiche) -> None:
    assert not compare(one(), other).proposes


def test_a_numero_unique_proposes_alone_because_a_person_decides_on_co_holders_who_separate() -> None:
    hers, his = (Fiche(each.personnes, "1110318016982G1104") for each in (one("A", "B"), one("Y", "Z", None)))
    assert compare(hers, his).proposes


def test_a_date_with_a_slip_says_nothing_of_a_name_that_many_have() -> None:
    slip = one(day=date(1986, 3, 7))
    namesakes = {n: one(day=date(1950 + n, 11, 20)) for n in range(9)}
    assert "slip" in proposals(one(), {"slip": slip})
    assert "slip" not in proposals(one(), {"slip": slip, **namesakes})


def test_no_block_holds_for_a_household_without_people() -> None:
    assert blocks(Fiche()) == frozenset()


def test_a_name_that_holds_the_other_whole_is_like_it() -> None:
    assert likeness(words("Martin née Dubois"), words("DUBOIS")) == 1.0


def test_of_two_thousand_generated_households_each_kind_of_slip_is_found() -> None:
    got = figures(town(2_000, 20, seed=3))
    assert got.recall.keys() == SLIPS.keys()
    assert got.whole[0] >= 0.98
    assert got.whole[1] >= 0.95
