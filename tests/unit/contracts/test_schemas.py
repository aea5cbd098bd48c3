"""The committed schemas are those of the contracts, and show nothing that is sealed."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from contracts.base import Contrat, Modele, classe_of, is_sealed
from contracts.privacy import Classe
from contracts.reference.codes import listes
from contracts.schemas import __main__ as schemas
from contracts.v1 import CONTRATS
from contracts.v1.attribution import CandidaturePresentee
from contracts.v1.orientation import OrientationProposee
from contracts.v1.place import PlaceVacante
from tests.rows import each_row

VACANTE = PlaceVacante.TYPE
COMMITTED = schemas.FOLDER
MADE, MADE_SEALED = cache(schemas.schema_of), cache(schemas.sealed_schema_of)


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the committed folder. What the contracts say, which takes most of the time, is made once."""
    monkeypatch.setattr(schemas, "FOLDER", copytree(COMMITTED, tmp_path / "v1"))
    monkeypatch.setattr(schemas, "schema_of", MADE)
    monkeypatch.setattr(schemas, "sealed_schema_of", MADE_SEALED)
    return tmp_path / "v1"


def rewritten(path: Path, **changes: Any) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def definitions(schema: dict[str, Any]) -> Iterator[str]:
    """Definitions that a schema refers to."""
    for key, value in schema.items():
        if key == "$ref":
            yield value.removeprefix("#/$defs/")
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, dict):
                yield from definitions(inner)


def test_the_committed_schemas_are_those_of_the_contracts() -> None:
    assert schemas.main(["--check"]) == 0


def test_every_contract_has_a_schema_for_its_sender_and_one_of_how_it_travels() -> None:
    committed = {path.name for path in COMMITTED.glob("*.json")}
    assert committed == {f"{name}.{form}.json" for name in CONTRATS for form in ("contrat", "scelle")}


@each_row("contrat", CONTRATS.values(), ids=lambda contrat: contrat.__name__)
def test_the_clear_half_of_a_sealed_schema_has_every_clear_field_and_no_sealed_one(
    contrat: type[Contrat],
) -> None:
    schema = schemas.sealed_schema_of(contrat)
    shown: dict[type[Modele], Any] = {contrat: schema["properties"]["clair"], **_nested(schema)}
    for model, target in shown.items():
        clear = {name for name in model.model_fields if not is_sealed(classe_of(model, name) or Classe.C0)}
        assert target["properties"].keys() == clear


def _nested(schema: dict[str, Any]) -> dict[type[Modele], dict[str, Any]]:
    models = {
        model.__name__: model for model in _models(Modele) if model.__module__.startswith("contracts.v1")
    }
    return {models[name]: part for name, part in schema["$defs"].items() if name in models}


def _models(base: type[Modele]) -> Iterator[type[Modele]]:
    for model in base.__subclasses__():
        yield model
        yield from _models(model)


@each_row("contrat", CONTRATS.values(), ids=lambda contrat: contrat.__name__)
@each_row("make", [schemas.schema_of, schemas.sealed_schema_of])
def test_a_schema_defines_what_it_refers_to_and_is_closed(make: Any, contrat: type[Contrat]) -> None:
    schema = make(contrat)
    assert set(definitions(schema)) <= schema.get("$defs", {}).keys()
    assert schema["additionalProperties"] is False
    assert all(inner["additionalProperties"] is False for inner in _nested({"$defs": {}, **schema}).values())


def test_a_sealed_part_says_its_class_its_holder_and_two_rows_of_bytes() -> None:
    part = schemas.sealed_schema_of(OrientationProposee)["properties"]["scelle"]["items"]
    assert set(part["required"]) == {"classe", "titulaire", "nonce", "texte"}
    assert part["properties"]["classe"]["enum"] == [classe for classe in Classe if is_sealed(classe)]


def test_an_identifier_shows_its_pattern_and_a_code_its_list() -> None:
    candidacy = schemas.schema_of(CandidaturePresentee)
    assert candidacy["properties"]["bailleur"]["pattern"] == "^[0-9]{14}$"
    menage = candidacy["$defs"]["Menage"]["properties"]
    assert menage["numero_unique"]["anyOf"][0]["pattern"] == "^[0-9A-Z]{3}[01][0-9]{3}[0-9A-Z]{11}$"
    assert menage["composition"]["enum"] == list(listes()["compositions"])
    vacancy = schemas.schema_of(PlaceVacante)["properties"]
    assert vacancy["structure"]["anyOf"][0]["pattern"] == "^([0-9]{14}|([0-9]{2}|2[AB])[0-9]{7})$"
    assert vacancy["commune"]["anyOf"][0]["pattern"] == "^([0-9]{2}|2[AB])[0-9]{3}$"


def test_a_schema_that_is_not_committed_is_drift(elsewhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (elsewhere / f"{VACANTE}.contrat.json").unlink()
    assert schemas.main(["--check"]) == 1
    assert f"{VACANTE}.contrat.json" in capsys.readouterr().out


def test_a_schema_that_differs_is_drift_checking_leaves_it_and_writing_mends_it(elsewhere: Path) -> None:
    path = elsewhere / f"{VACANTE}.contrat.json"
    rewritten(path, description="autre")
    before = path.read_text()
    assert schemas.main(["--check"]) == 1
    assert path.read_text() == before
    assert schemas.main([]) == 0
    assert schemas.main(["--check"]) == 0


def test_an_incompatible_change_is_refused_and_not_written(
    elsewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = elsewhere / f"{VACANTE}.contrat.json"
    properties = {**json.loads(path.read_text())["properties"], "etage": {"type": "integer"}}
    rewritten(path, properties=properties)
    before = path.read_text()
    assert schemas.main([]) == 1
    assert path.read_text() == before
    assert f"{VACANTE}.contrat.json.etage : propriété disparue" in capsys.readouterr().out


def test_a_message_that_is_gone_is_an_incompatible_change(
    elsewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (elsewhere / "fr.siao.offre.place.oubliee.v1.contrat.json").write_text("{}")
    assert schemas.main([]) == 1
    assert "fr.siao.offre.place.oubliee.v1.contrat.json : message disparu" in capsys.readouterr().out


def test_the_same_contracts_give_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schemas, "FOLDER", tmp_path / "v1")
    assert schemas.main([]) == 0
    written = {path.name: path.read_bytes() for path in (tmp_path / "v1").iterdir()}
    assert written == {path.name: path.read_bytes() for path in COMMITTED.glob("*.json")}
