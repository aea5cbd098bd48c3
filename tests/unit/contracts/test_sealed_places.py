"""Places for victims of violence: where they are is C4, whatever the sender says of them."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic_core import to_json

from contracts.privacy import Classe
from contracts.reference.codes import Dispositif
from contracts.sealed import clear_half, put_together, take_apart
from contracts.v1.place import PlaceDeclaree, PlaceDecrite, PlaceVacancePrevisible, PlaceVacante
from tests.rows import each_row
from tests.unit.contracts.contrats_fictifs import contrats

OU = {"structure": "010000024", "commune": "01451", "adresse": "3 rue Inventée"}
DECRITES: tuple[type[PlaceDecrite], ...] = (PlaceDeclaree, PlaceVacante, PlaceVacancePrevisible)
PROTEGEES = ({"type_place": "60"}, {"protegee": True}, {"type_place": "60", "protegee": True})


def place(contrat: type[PlaceDecrite] = PlaceVacante, **more: Any) -> PlaceDecrite:
    when = {"libre_le": date(2026, 4, 1)} if contrat is PlaceVacancePrevisible else {}
    return contrat(place=uuid4(), dispositif=Dispositif.URGENCE, **{**OU, **when, **more})


@pytest.mark.parametrize("contrat", DECRITES)
@pytest.mark.parametrize("protection", PROTEGEES, ids=str)
def test_where_a_protected_place_is_stands_in_c4_only(
    contrat: type[PlaceDecrite], protection: dict[str, Any]
) -> None:
    clair, secrets = take_apart(place(contrat, **protection))
    assert set(secrets) == {Classe.C4}
    assert {name: secrets[Classe.C4][name] for name in OU} == OU
    assert not OU.keys() & clair.keys()
    assert not any(value.encode() in to_json(clair) for value in OU.values())


@each_row("protection", PROTEGEES, ids=str)
def test_the_clear_half_does_not_say_that_a_place_is_protected(protection: dict[str, Any]) -> None:
    clair = clear_half(place(**protection))
    assert "protegee" not in clair
    assert clair.get("type_place") != "60"


def test_the_type_of_a_place_for_victims_shows_as_not_given() -> None:
    assert clear_half(place(type_place="60"))["type_place"] == "110"


@each_row("protection", PROTEGEES, ids=str)
def test_who_may_read_c4_gets_the_whole_place(protection: dict[str, Any]) -> None:
    event = place(**protection)
    clair, secrets = take_apart(event)
    assert put_together(PlaceVacante, clair, [secrets[Classe.C4]]) == event


def test_who_may_not_read_c4_gets_a_place_without_where() -> None:
    reader = put_together(PlaceVacante, clear_half(place(protegee=True)))
    assert isinstance(reader, PlaceVacante)
    assert (reader.structure, reader.commune, reader.adresse) == (None, None, None)
    assert reader.protegee is False


@settings(max_examples=20, deadline=None)
@given(event=st.sampled_from(DECRITES).flatmap(contrats))
def test_any_place_tells_where_it_is_exactly_when_it_is_not_protected(event: PlaceDecrite) -> None:
    clair = clear_half(event)
    told = {name for name in OU if getattr(event, name) is not None}
    protected = event.protegee or event.type_place == "60"
    assert OU.keys() & clair.keys() == (set() if protected else told - {"adresse"})


def test_of_an_ordinary_place_only_the_address_is_sealed_for_a_name_may_stand_in_it() -> None:
    clair, secrets = take_apart(place(type_place="110"))
    assert secrets == {Classe.C2: {"adresse": OU["adresse"]}}
    assert {name: clair.get(name) for name in OU} == {**OU, "adresse": None}


def test_a_place_of_asylum_or_care_says_so_in_c4_and_stays_where_it_is() -> None:
    clair, secrets = take_apart(place(type_place="70"))
    assert secrets == {Classe.C2: {"adresse": OU["adresse"]}, Classe.C4: {"type_place": "70"}}
    assert clair["type_place"] == "110"
    assert clair["commune"] == OU["commune"]
