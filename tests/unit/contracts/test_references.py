"""A partner's own id where a contract wants one of ours."""

import pickle
from uuid import NAMESPACE_OID, UUID, uuid5

import pytest

from contracts.base import Nature, Reference
from contracts.reference.codes import Dispositif
from contracts.sealed import clear_half
from contracts.v1.place import PlaceVacante


def test_a_reference_stands_where_a_contract_wants_an_id_and_keeps_the_partners_value() -> None:
    vacancy = PlaceVacante(place=Reference(Nature.PLACE, "A-101"), dispositif=Dispositif.URGENCE)
    assert isinstance(vacancy.place, Reference)
    assert (vacancy.place.nature, vacancy.place.valeur) == (Nature.PLACE, "A-101")
    assert vacancy.sujet == vacancy.place


def test_the_same_value_is_the_same_reference_and_another_nature_another() -> None:
    assert Reference(Nature.PLACE, "7") == Reference(Nature.PLACE, "7")
    assert Reference(Nature.PLACE, "7") != Reference(Nature.MENAGE, "7")
    assert Reference(Nature.PLACE, "7") != Reference(Nature.PLACE, "8")


def test_a_reference_keeps_its_number_because_stored_hmacs_of_events_depend_on_it() -> None:
    assert Reference(Nature.PLACE, "A-101") == uuid5(NAMESPACE_OID, "place\nA-101")


def test_a_reference_cannot_be_changed() -> None:
    with pytest.raises((TypeError, AttributeError)):
        Reference(Nature.PLACE, "7").valeur = "8"


def test_a_reference_does_not_write_the_partners_value_down() -> None:
    vacancy = PlaceVacante(place=Reference(Nature.PLACE, "M. Fictif"), dispositif=Dispositif.URGENCE)
    written = clear_half(vacancy)["place"]
    assert "Fictif" not in written
    assert UUID(written) == vacancy.place


def test_a_reference_keeps_what_it_says_from_one_process_to_another():
    there = pickle.loads(pickle.dumps(Reference(Nature.PLACE, "A-101")))  # noqa: S301  our own bytes
    assert (there, there.nature, there.valeur) == (Reference(Nature.PLACE, "A-101"), Nature.PLACE, "A-101")
