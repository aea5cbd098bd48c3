"""`{clair, scelle}` as bytes, and what a sender may not leave out."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic_core import to_json

from contracts.errors import InvalidContract
from contracts.privacy import Classe
from contracts.reference.codes import Dispositif
from contracts.sealed import Part, from_bytes, missing, put_together, to_bytes
from contracts.v1.attribution import Canal, CandidaturePresentee
from contracts.v1.menage import Menage, Personne
from contracts.v1.place import PlaceVacante
from tests.rows import each_row

PART = Part(Classe.C3, UUID(int=7), b"n" * 12, b"texte")
SCELLE = {"classe": 3, "titulaire": str(UUID(int=7)), "nonce": "00", "texte": "00"}


def candidacy(**menage: Any) -> CandidaturePresentee:
    return CandidaturePresentee(
        candidature=uuid4(),
        menage=Menage(id=uuid4(), composition="10", adultes=1, **menage),
        bailleur="26010004500012",
        canal=Canal.DIRECT,
    )


def test_the_sealed_form_is_read_back_as_it_was_written() -> None:
    clair = {"place": "é", "version": 3}
    parts = (PART, Part(Classe.C4, UUID(int=8), b"", b"\x00\xff"))
    assert from_bytes(to_bytes(clair, parts)) == (clair, parts)


def test_the_sealed_form_tells_of_a_part_its_class_its_holder_and_no_value() -> None:
    assert to_bytes({}, [PART]) == (
        b'{"clair":{},"scelle":[{"classe":3,"titulaire":"00000000-0000-0000-0000-000000000007",'
        b'"nonce":"6e6e6e6e6e6e6e6e6e6e6e6e","texte":"7465787465"}]}'
    )


@each_row(
    "payload",
    [
        b"",
        b"\xff",
        b"[]",
        b"3",
        b"{}",
        b'{"clair":{}}',
        b'{"scelle":[]}',
        to_json({"clair": {}, "scelle": 3}),
        to_json({"clair": {}, "scelle": [3]}),
        *(
            to_json({"clair": {}, "scelle": [{k: v for k, v in SCELLE.items() if k != name}]})
            for name in SCELLE
        ),
        to_json({"clair": {}, "scelle": [{**SCELLE, "classe": 9}]}),
        to_json({"clair": {}, "scelle": [{**SCELLE, "titulaire": "x"}]}),
        to_json({"clair": {}, "scelle": [{**SCELLE, "titulaire": 5}]}),
        to_json({"clair": {}, "scelle": [{**SCELLE, "texte": "x"}]}),
    ],
)
def test_bytes_that_are_no_sealed_form_are_an_invalid_contract(payload: bytes) -> None:
    with pytest.raises(InvalidContract, match=r"^forme scellée illisible$"):
        from_bytes(payload)


def test_halves_that_make_no_contract_are_an_invalid_contract_without_a_value() -> None:
    with pytest.raises(InvalidContract) as refused:
        put_together(PlaceVacante, {"place": "SECRET", "dispositif": "URGENCE"})
    assert str(refused.value) == "contenu non conforme au contrat fr.siao.offre.place.vacante.v1"
    assert "SECRET" not in str(refused.value.__cause__)


def test_a_candidacy_without_a_numero_unique_or_members_is_incomplete() -> None:
    assert list(missing(candidacy())) == ["menage.personnes", "menage.numero_unique"]
    assert (
        list(missing(candidacy(numero_unique="1110318016982G1104", personnes=(Personne(nom="Fictif"),))))
        == []
    )
    outside = candidacy(personnes=(Personne(nom="Fictif"),)).model_copy(update={"hors_commission": True})
    assert list(missing(outside)) == []


def test_an_empty_text_is_as_good_as_none() -> None:
    vacancy = PlaceVacante(place=uuid4(), dispositif=Dispositif.URGENCE, structure="010000024")
    assert list(missing(vacancy)) == ["commune"]
    assert list(missing(vacancy.model_copy(update={"structure": "", "commune": "01451"}))) == ["structure"]
