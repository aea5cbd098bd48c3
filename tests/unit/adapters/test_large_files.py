"""Files of any size: rows are read one by one, in constant memory."""

import json
import tracemalloc
from itertools import islice

import pytest

from adapters.json_strict import WHOLE_BYTES, elements, parse_json
from adapters.tabulaire.csv import MAX_LINES
from adapters.xml import parse_xml
from contracts.errors import InvalidNative
from contracts.xml import MAX_MARKS
from tests.unit.adapters.partenaires import ABRI, STRUCTURE, read

HEADER = "reference_place;etat;structure;commune;dispositif;adresse\n"
ROWS = 1_200
SPACES = " " * 2_000
"""They make a row large, and cost nothing to read."""


def large() -> bytes:
    rows = (f"CH-{n};vacante;{STRUCTURE};01053;URGENCE;{n} rue des Tilleuls{SPACES}\n" for n in range(ROWS))
    return (HEADER + "".join(rows)).encode()


def test_every_row_of_a_large_file_is_read_in_constant_memory():
    body = large()
    list(read("hebergement_csv", body[:1000], ABRI).lignes)  # reads the tables of communes, once
    tracemalloc.start()
    count = sum(ligne.contrat is not None for ligne in read("hebergement_csv", body, ABRI).lignes)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == ROWS
    assert peak < 2_000_000 < len(body)


def test_the_first_row_is_there_before_the_last_is_read():
    decoded = read(
        "hebergement_csv", HEADER.encode() + f"A;vacante;{STRUCTURE};01053;URGENCE;\n".encode() * 3, ABRI
    )
    assert next(decoded.lignes).numero == 2
    assert next(decoded.lignes).numero == 3


def test_the_same_bytes_give_the_same_rows_again_so_that_a_crash_can_resume():
    body = large()[:20_000]
    once, twice = (list(read("hebergement_csv", body, ABRI).lignes) for _ in range(2))
    assert once == twice


MIB = 1024 * 1024
LONG = WHOLE_BYTES * 5 // 4
"""Enough to be read element by element."""
VACANCY = {
    "type": "place.vacante",
    "place": "A-1",
    "structure": STRUCTURE,
    "commune": "01053",
    "dispositif": "URGENCE",
    "capacite": 1,
}


def filled(unit: str, begin: str = "[", end: str = "]", size: int = MIB) -> bytes:
    """A document of this size, of the same thing again and again."""
    return (begin + ",".join([unit] * (size // (len(unit.encode()) + 1))) + end).encode()


@pytest.mark.parametrize(
    ("dialect", "body"),
    [
        ("hebergement_json", filled("{}", size=LONG)),
        ("hebergement_json", filled('{"a":[]}', size=LONG)),
        ("hebergement_json", filled("{}", '[{"a":[', "]}]")),
        ("hebergement_json", filled("1", '{"a":[', "]}")),
        ("hebergement_json", filled(json.dumps({f"c{n}": n for n in range(9000)}))),
        ("hebergement_json", ('["😀' + "a" * MIB + '"]').encode()),
        ("hebergement_json", filled('"1 84 12 76 451 089 46"')),
        ("hebergement_json", filled(json.dumps(VACANCY))),
        ("hebergement_csv", b";" * MIB + b"x"),
        ("hebergement_csv", b"\n" * MIB + b"x"),
        ("hebergement_csv", b'"' + b"x" * MIB + b'"'),
        ("hebergement_csv", (HEADER + "1 84 12 76 451 089 46\n" * 40_000).encode()),
    ],
    ids=[f"{n}" for n in range(12)],
)
def test_no_message_takes_more_memory_than_a_few_times_its_bytes(dialect, body):
    tracemalloc.start()
    try:
        for _ in islice(read(dialect, body, ABRI).lignes, 300):
            pass
    except InvalidNative:
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12 * MIB


def test_a_document_of_more_tags_than_any_file_needs_is_refused_unread():
    assert len(parse_xml(b"<b>" + b"<a/>" * (MAX_MARKS - 2) + b"</b>"))
    for body in (b"<b>" + b"<a/>" * MAX_MARKS + b"</b>", b"<b " + b"a='' " * MAX_MARKS + b"/>"):
        with pytest.raises(InvalidNative, match="découpez"):
            parse_xml(body)


def test_a_file_of_a_million_lines_and_more_is_refused_unread():
    with pytest.raises(InvalidNative, match="découpez"):
        read("hebergement_csv", HEADER.encode() + b"\n" * MAX_LINES, ABRI)


def test_a_long_array_is_read_as_a_short_one_is_wherever_what_is_read_at_once_ends():
    words = [VACANCY, 12345678901, "é😀" * 9, True, None, 1.5e-7, [], {"a": ["\\", '"']}, "\ud83d"]
    for shift in range(6):
        tree = ["x" * shift] + words * 1500
        body = json.dumps(tree, ensure_ascii=shift % 2 == 0, indent=shift % 3 or None).encode(
            "utf-8", "surrogatepass"
        )
        if shift % 2:
            body = body.replace("\ud83d".encode("utf-8", "surrogatepass"), b"\\ud83d")
        assert len(body) > 2 * WHOLE_BYTES
        assert list(elements(body)) == parse_json(body) == tree


@pytest.mark.parametrize(
    "cut", [b"", b",", b",]", b"}", b"]]", b"] x", b',{"a" 1}]', b",NaN]", b',"\xff"]', b",01]"]
)
def test_what_is_wrong_with_a_long_array_is_told_with_the_place_that_a_short_one_would_have(cut):
    body = b"[\n" + b",\n".join([json.dumps(VACANCY).encode()] * 9000) + cut
    with pytest.raises(InvalidNative) as told:
        parse_json(body)
    with pytest.raises(InvalidNative) as told_of_long:
        for _ in elements(body):
            pass
    assert str(told_of_long.value).partition(",")[0] == str(told.value).partition(",")[0]


def test_an_event_that_is_far_too_long_is_refused_and_its_line_told():
    body = b"[{},\n{}," + json.dumps("x" * 2 * WHOLE_BYTES).encode() + b"]"
    with pytest.raises(InvalidNative, match=r"ligne 2\b.*128 Kio"):
        for _ in elements(body):
            pass
