"""No rejection that is kept quotes what the sender wrote, wherever the sender wrote it."""

import json
import re

import pytest

from adapters.registry import ADAPTERS
from connectors.problem import rejet_kept
from contracts.errors import InvalidNative
from contracts.ports import Native
from tests.golden import cas

SECRET = "ZZSECRETZZ"
JSON_CASES = [case for case in cas.a_decoder() if case.entree.suffix == ".json"]
CSV_CASES = [case for case in cas.a_decoder() if case.entree.suffix == ".csv"]
XML_CASES = [case for case in cas.a_decoder() if case.entree.suffix == ".xml"]


def said(case: cas.Cas, body: bytes) -> str:
    """Everything that is kept of what the sender is told about a message: its own ids are told to it alone."""
    partner = cas.partenaire(case.dialecte, cas.expected(case).get("partenaire", {}))
    try:
        decoded = ADAPTERS[case.dialecte].decode(Native(body, "", None), partner)
        lignes = list(decoded.lignes)
        told = [rejet for ligne in lignes for rejet in (*ligne.rejets, *ligne.avertissements)]
        return " ".join(str(rejet_kept(rejet)) for rejet in (*decoded.avertissements, *told))
    except InvalidNative as exc:
        return f"{exc} {exc.__cause__}"


def test_a_secret_is_found_where_one_is_told():
    case = next(case for case in CSV_CASES if case.entree.stem == "codes_inconnus")
    assert "l'une de ces valeurs" in said(case, case.entree.read_bytes())


@pytest.mark.parametrize("case", JSON_CASES, ids=str)
def test_no_json_value_comes_back(case):
    body = case.entree.read_bytes()
    for value in re.finditer(rb'(?<=: )("[^"\n]*"|[0-9.]+|true|false|null)', body):
        spoiled = body[: value.start()] + json.dumps(SECRET).encode() + body[value.end() :]
        assert SECRET not in said(case, spoiled)


@pytest.mark.parametrize("case", CSV_CASES, ids=str)
def test_no_csv_cell_comes_back(case):
    header, _, rows = case.entree.read_bytes().partition(b"\n")
    for cell in re.finditer(rb"(?<=;)[^;\r\n]*", rows):
        spoiled = rows[: cell.start()] + SECRET.encode() + rows[cell.end() :]
        assert SECRET not in said(case, header + b"\n" + spoiled)


@pytest.mark.parametrize("case", XML_CASES, ids=str)
def test_no_xml_text_or_attribute_comes_back(case):
    body = case.entree.read_bytes()
    for value in re.finditer(rb'(?<=>)[^<>]*(?=<)|(?<==")[^"<>]*(?=")', body):
        spoiled = body[: value.start()] + SECRET.encode() + body[value.end() :]
        assert SECRET not in said(case, spoiled)


@pytest.mark.parametrize("name", ["Jean Exemple", "né le 3 mars", "a" * 80])
def test_a_field_name_that_looks_like_none_is_not_quoted(name):
    case = next(case for case in JSON_CASES if str(case) == "hebergement_json/place_vacante.json")
    body = json.dumps({**json.loads(case.entree.read_bytes()), name: 1}).encode()
    assert "champ_inconnu" in said(case, body)
    assert name not in said(case, body)
