"""Perimeters: which communes they hold, by département, arrondissement, EPCI and commune."""

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts.perimetre import Perimetre
from contracts.reference.regle import RELU
from contracts.reference.territoires import arrondissements, communes, intercommunalites
from tests.rows import each_row

LYON_METROPOLE, GRAND_PARIS, PLAINE_COMMUNE = "200046977", "200054781", "200057867"


@each_row(
    ("perimetre", "inside", "outside"),
    [
        ({"departements": ["1"]}, "01053", "69123"),
        ({"departements": ["2A"]}, "2A004", "2B033"),
        ({"departements": ["2b"]}, "2B033", "2A004"),
        ({"departements": ["974"]}, "97411", "97101"),
        ({"departements": ["9D"]}, "9D411", "97611"),
        ({"arrondissements": ["691"]}, "69123", "69264"),
        ({"arrondissements": ["9742"]}, "97416", "97411"),
        ({"arrondissements": ["2A1"]}, "2A004", "2A247"),
        ({"epci": [LYON_METROPOLE]}, "69266", "69264"),
        ({"epci": [PLAINE_COMMUNE]}, "93066", "75056"),
        ({"communes": ["01053", "69266"]}, "69266", "69123"),
        ({"departements": ["01"], "communes": ["69266"]}, "69266", "69123"),
        ({"departements": ["01"], "communes": ["69266"]}, "01451", "38185"),
    ],
)
def test_a_perimeter_holds_its_communes_and_no_other(
    perimetre: dict[str, list[str]], inside: str, outside: str
) -> None:
    drawn = Perimetre.model_validate(perimetre)
    assert drawn.contient(inside)
    assert not drawn.contient(outside)


@each_row(
    ("arrondissement", "perimetre"),
    [
        ("75112", {"communes": ["75056"]}),
        ("75112", {"epci": [GRAND_PARIS]}),
        ("69383", {"arrondissements": ["691"]}),
        ("69383", {"epci": [LYON_METROPOLE]}),
        ("13216", {"departements": ["13"]}),
        ("69123", {"communes": ["69383"]}),
    ],
)
def test_an_arrondissement_of_a_large_city_is_inside_with_its_commune(
    arrondissement: str, perimetre: dict[str, list[str]]
) -> None:
    assert Perimetre.model_validate(perimetre).contient(arrondissement)


@cache
def every_commune() -> list[str]:
    return sorted(communes())


@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_every_commune_is_inside_whatever_it_is_part_of(data: st.DataObject) -> None:
    """Each combination of the four ways to draw a perimeter holds what one of them holds, and nothing else."""
    commune = data.draw(st.sampled_from(every_commune()))
    drawn = {
        "departements": data.draw(st.lists(st.sampled_from(["01", "69", "2A", "974"]), max_size=2)),
        "arrondissements": data.draw(st.lists(st.sampled_from(sorted(arrondissements())), max_size=2)),
        "epci": data.draw(st.lists(st.sampled_from(sorted(intercommunalites())), max_size=2)),
        "communes": data.draw(st.lists(st.sampled_from([commune, "01053"]), min_size=1, max_size=2)),
    }
    held = (
        communes()[commune] in drawn["departements"]
        or any(commune in arrondissements()[code].communes for code in drawn["arrondissements"])
        or any(commune in intercommunalites()[code].communes for code in drawn["epci"])
        or commune in drawn["communes"]
    )
    perimetre = Perimetre.model_validate(drawn)
    assert perimetre.contient(commune) is held
    assert (commune in perimetre.toutes()) is held
    assert not held or perimetre.touche(communes()[commune])


@each_row(
    ("perimetre", "says"),
    [
        ({"arrondissements": ["01"]}, "arrondissement inconnu : écrivez son code INSEE"),
        ({"epci": ["123456789"]}, "EPCI inconnu : écrivez le SIREN"),
        ({"communes": ["75001"]}, "code commune inconnu du COG"),
        ({"departements": ["20"]}, "code département inconnu du COG"),
        ({}, "un périmètre nomme un département, un arrondissement, un EPCI ou une commune au moins"),
    ],
)
def test_what_no_map_knows_is_refused_in_french(perimetre: dict[str, list[str]], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Perimetre.model_validate(perimetre)


def test_an_applied_perimeter_survives_an_epci_that_a_newer_map_has_no_more() -> None:
    """The hub must start after a refresh of the map: the rest of the perimeter holds as before."""
    applied = {"epci": ["123456789", LYON_METROPOLE], "arrondissements": ["999"]}
    perimetre = Perimetre.model_validate(applied, context=RELU)
    assert perimetre.contient("69266")
    assert not perimetre.contient("69264")


def test_a_perimeter_that_says_the_same_is_equal_also_once_it_has_been_asked() -> None:
    asked, fresh = (Perimetre(arrondissements=("691",)) for _ in range(2))
    assert asked.contient("69123")
    assert asked == fresh
    assert hash(asked) == hash(fresh)
    assert asked.model_dump() == fresh.model_dump()
