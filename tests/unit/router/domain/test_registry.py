"""The partner registry: how a partner is found, and what a new registry changes."""

import hashlib
from typing import Any

import pytest
from pydantic import ValidationError

from contracts.partner import Famille, Partner
from router.domain.partners import Difference, Registry, difference, hash_of
from router.domain.territories import Lieu
from tests.rows import each_row
from tests.unit.router.domain.monde import (
    AUTRE,
    AUTRE_FINESS,
    BAILLEUR,
    CENTRE,
    FINESS,
    REGISTRE,
    SIAO,
    SIRET,
    partner,
)


def hashed(key: str) -> str:
    return f"sha256:{hashlib.sha256(key.encode()).hexdigest()}"


def shelter(**more: Any) -> Partner:
    return partner("halte", Famille.HEBERGEMENT, **more)


def test_a_partner_is_found_by_its_id() -> None:
    found = REGISTRE.get(CENTRE)
    assert found is not None
    assert found.id == CENTRE
    assert REGISTRE.get("inconnu") is None


def test_both_keys_of_a_partner_open_its_door_so_that_one_can_be_changed_without_a_gap() -> None:
    registry = Registry.of([shelter(cles_api=(hashed("ancienne"), hashed("nouvelle")))])
    for key in ("ancienne", "nouvelle"):
        found = registry.by_key_hash(hash_of(key))
        assert found is not None
        assert found.id == "halte"


@each_row("key", ["", "autre", hashed("secrète")])
def test_another_key_and_the_hash_itself_open_no_door(key: str) -> None:
    assert Registry.of([shelter(cles_api=(hashed("secrète"),))]).by_key_hash(hash_of(key)) is None


def test_a_partner_without_a_key_is_found_by_none() -> None:
    assert Registry.of([shelter()]).by_key_hash(hash_of("")) is None


def test_a_third_key_is_refused() -> None:
    with pytest.raises(ValidationError):
        shelter(cles_api=tuple(map(hashed, "abc")))


@each_row(
    ("structure", "manager"),
    [(FINESS, CENTRE), (AUTRE_FINESS, AUTRE), (SIRET, BAILLEUR), ("010000040", None)],
)
def test_a_structure_is_spoken_for_by_its_own_partner(structure: str, manager: str | None) -> None:
    found = REGISTRE.manager_of(structure)
    assert (found.id if found else None) == manager


def test_a_territory_has_its_siao_and_no_other_family_stands_in_for_it() -> None:
    found = REGISTRE.siao_of(Lieu("01"))
    assert found is not None
    assert found.id == SIAO
    assert Registry.of([shelter()]).siao_of(Lieu("01")) is None
    assert REGISTRE.siao_of(Lieu("02")) is None


def test_a_registry_that_says_the_same_changes_nothing() -> None:
    again = Registry.of([p.model_copy() for p in REGISTRE.partners.values()])
    assert difference(REGISTRE, again) == Difference((), (), ())
    assert not difference(REGISTRE, again)


def test_what_a_new_registry_adds_changes_and_removes_is_told_by_id() -> None:
    kept = [p for p in REGISTRE.partners.values() if p.id != BAILLEUR]
    renamed = [p.model_copy(update={"nom": "L'Escale"}) if p.id == AUTRE else p for p in kept]
    found = difference(REGISTRE, Registry.of([*renamed, shelter()]))
    assert found == Difference(added=("halte",), changed=(AUTRE,), removed=(BAILLEUR,))
    assert found


def test_several_ids_are_told_in_their_order() -> None:
    many = [partner(f"centre-{letter}", Famille.HEBERGEMENT) for letter in "cab"]
    assert difference(Registry(), Registry.of(many)).added == ("centre-a", "centre-b", "centre-c")
