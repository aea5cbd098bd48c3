"""No rejection that is kept quotes what the sender wrote, wherever the sender wrote it."""

import json
import re
from collections.abc import Iterator
from functools import cache
from uuid import uuid4

from adapters.registry import ADAPTERS
from connectors.problem import rejet_kept
from contracts.errors import InvalidNative
from contracts.partner import Partner
from contracts.ports import Native, Rejet
from router.intake.draft import refused_message, rejection_rows
from tests.golden import cas
from tests.rows import each_row

SECRET = "ZZSECRETZZ"
NAME = "Marie_Durand-0612345678"
UNKNOWN = "champ_inconnu"
JSON_CASES = [case for case in cas.a_decoder() if case.entree.suffix == ".json"]
CSV_CASES = [case for case in cas.a_decoder() if case.entree.suffix == ".csv"]
XML_CASES = [case for case in cas.a_decoder() if case.entree.suffix == ".xml"]
FIELD = re.compile(rb'"(?P<name>[^"\n]*)"\s*:\s*(?P<value>"[^"\n]*"|[0-9.]+|true|false|null)?')

KIND = re.compile(rb'"(?:type|evenement|resourceType)"\s*:\s*"([^"]*)"')


@cache
def sender(case: cas.Cas) -> Partner:
    """Who sends a message."""
    return cas.partenaire(case.dialecte, cas.expected(case).get("partenaire", {}))


def said(case: cas.Cas, body: bytes) -> str:
    """Everything that is kept of what the sender is told about a message: its own ids are told to it alone."""
    try:
        decoded = ADAPTERS[case.dialecte].decode(Native(body, "", None), sender(case))
        lignes = list(decoded.lignes)
        told = [rejet for ligne in lignes for rejet in (*ligne.rejets, *ligne.avertissements)]
        return " ".join(str(rejet_kept(rejet)) for rejet in (*decoded.avertissements, *told))
    except InvalidNative as exc:
        return f"{exc} {exc.__cause__}"


def new_in_json() -> Iterator[tuple[cas.Cas, re.Match[bytes]]]:
    """Return each field of each kind of message of a dialect once: those of its name behind a field of the same name
    are read as it is."""
    seen = set[tuple[str, bytes, bytes, bytes, bool]]()
    for case in JSON_CASES:
        body, before = case.entree.read_bytes(), b""
        kinds = b" ".join(KIND.findall(body))
        for field in FIELD.finditer(body):
            if (key := (case.dialecte, kinds, before, field["name"], field["value"] is None)) not in seen:
                seen.add(key)
                yield case, field
            before = field["name"]


def new_in_csv(of_names: bool) -> Iterator[tuple[cas.Cas, bytes, int, int]]:
    """Return where each name of a column stands, or else a cell of each column: one that is filled, and an empty one;
    in a file of its header and one row. Each once for a sender, whose files have most columns in common."""
    seen = set[tuple[str, bytes | int, bool]]()
    for case in CSV_CASES:
        header, *rows = case.entree.read_bytes().splitlines(keepends=True) or [b""]
        names = dict(enumerate(header.rstrip().split(b";")))
        rows = rows or [b""]
        for row in rows[:1] if of_names else rows:
            spoiled, begin = (header, 0) if of_names else (row, len(header))
            for column, cell in enumerate(re.finditer(rb"(?:^|(?<=;))[^;\r\n]*", spoiled)):
                key = (str(sender(case)), names.get(column, column), cell[0] == b"")
                if key not in seen:
                    seen.add(key)
                    yield case, header + row, begin + cell.start(), begin + cell.end()


def test_a_secret_is_found_where_one_is_told():
    case = next(case for case in CSV_CASES if case.entree.stem == "codes_inconnus")
    assert "l'une de ces valeurs" in said(case, case.entree.read_bytes())


@each_row(("case", "field"), new_in_json())
def test_no_json_value_comes_back(case, field):
    if field["value"]:
        body = field.string
        spoiled = body[: field.start("value")] + json.dumps(SECRET).encode() + body[field.end("value") :]
        assert SECRET not in said(case, spoiled)


@each_row(("case", "body", "start", "end"), new_in_csv(of_names=False))
def test_no_csv_cell_comes_back(case, body, start, end):
    assert SECRET not in said(case, body[:start] + SECRET.encode() + body[end:])


@each_row("case", XML_CASES)
def test_no_xml_text_or_attribute_comes_back(case):
    body = case.entree.read_bytes()
    for value in re.finditer(rb'(?<=>)[^<>]*(?=<)|(?<==")[^"<>]*(?=")', body):
        spoiled = body[: value.start()] + SECRET.encode() + body[value.end() :]
        assert SECRET not in said(case, spoiled)


@each_row(("case", "field"), new_in_json())
def test_no_name_of_a_json_field_comes_back(case, field):
    body = field.string
    for spoiled_name in (NAME, f'{NAME}": 1, "{NAME}'):
        spoiled = body[: field.start("name")] + spoiled_name.encode() + body[field.end("name") :]
        assert NAME not in said(case, spoiled)


@each_row(("case", "body", "start", "end"), new_in_csv(of_names=True))
def test_no_column_of_a_csv_header_comes_back(case, body, start, end):
    assert NAME not in said(case, body[:start] + NAME.encode() + body[end:])


@each_row("case", CSV_CASES)
def test_a_person_in_place_of_a_csv_header_does_not_come_back(case):
    rows = case.entree.read_bytes().partition(b"\n")[2]
    assert NAME not in said(case, NAME.encode() + b";0612345678\n" + rows)


@each_row("case", XML_CASES)
def test_no_name_of_an_xml_element_or_attribute_comes_back(case):
    body = case.entree.read_bytes()
    for name in set(re.findall(rb"</?([A-Za-z][\w-]*)", body)):
        spoiled = re.sub(rb"(</?)%b(?=[\s/>])" % name, rb"\g<1>" + NAME.encode(), body)
        assert NAME not in said(case, spoiled)
        attributed = re.sub(rb"<%b(?=[\s/>])" % name, b'<%b %b="1"' % (name, NAME.encode()), body)
        assert NAME not in said(case, attributed)


def rejected(body: object) -> list[Rejet]:
    case = next(case for case in JSON_CASES if str(case) == "prescripteur_json/rejets.json")
    partner = cas.partenaire(case.dialecte, {})
    lignes = ADAPTERS[case.dialecte].decode(Native(json.dumps(body).encode(), ""), partner).lignes
    return [rejet for ligne in lignes for rejet in ligne.rejets]


def test_a_misspelt_field_is_told_as_the_one_it_stands_for_and_any_other_is_counted_where_it_stands():
    menage = {NAME: {}, "x": 1, "dateNaissances": 2, "personnes": [{"prénom": "Camille", "Surnom": "C"}]}
    told = {
        r.champ: r.message for r in rejected({"type": "demande.recue", "menage": menage}) if r.code == UNKNOWN
    }
    assert told.keys() == {"menage", "menage.personnes[1]", "menage.personnes[1].prenom"}
    assert told["menage"].startswith("3 champs inconnus : retirez-les ; champs attendus : « id », ")
    assert "vouliez-vous dire « prenom » ?" in told["menage.personnes[1].prenom"]
    assert told["menage.personnes[1]"].startswith(
        "un champ inconnu : retirez-le ; champs attendus : « nom », "
    )


def test_an_unknown_field_hides_nothing_else_that_is_wrong_around_it():
    told = {(r.code, r.champ) for r in rejected({"type": "demande.recue", "menage": {NAME: 1, "id": "M-1"}})}
    assert ("champ_absent", "menage.composition") in told


def test_the_quarantine_groups_refused_messages_by_fields_that_the_dialect_has():
    rejets = rejected({"type": "demande.recue", "menage": {NAME: {}, "id": "M-1"}, NAME: 1})
    row = refused_message(uuid4(), "ccas", "prescripteur_json", rejection_rows(rejets))
    assert NAME not in str(row)
    assert "champ_inconnu:menage" in row.fingerprint


def test_many_unknown_names_are_one_rejection_which_says_how_many():
    (told,) = [
        r
        for r in rejected({"type": "demande.recue", **{f"{NAME}{n}": n for n in range(2000)}})
        if r.champ is None
    ]
    assert told.message.startswith("2000 champs inconnus")
