"""Whatever an integrator is told is wrong says what to do: a verb in the imperative, in every sentence of the source,
of the golden cases and of the catalogue."""

import ast
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from contracts.errors import InvalidNative
from contracts.explications import explained
from contracts.partner import Famille
from contracts.v1 import CONTRATS
from contracts.v1.alerte import MotifAnomalie
from contracts.xml import read_xml
from router.intake.catalogue import catalogue
from tests.rows import each_row

ROOT = Path(__file__).parents[3]
REMEDY = r"\b(?:dites|faites|(?!chez|assez|avez|voulez|pouvez|devez)[a-zà-ÿ]+ez)\b"
GAP = "…"
SENTENCE_OF = {"InvalidNative": 0, "Incoherence": 0, "problem": 3}
"""Which argument of these calls an integrator reads."""
SOURCES = [
    path
    for folder in ("adapters", "connectors", "contracts", "router/intake", "ops")
    for path in sorted((ROOT / folder).rglob("*.py"))
]
OF_VALUES = ROOT / "contracts" / "reference" / "identifiants.py"
"""Where a plain ValueError is what a partner reads: it is the rule of an identifier."""
CODES = catalogue()["rejet"]


def sentences(path: Path) -> Iterator[tuple[int, str]]:
    """The sentences of a module that may reach an integrator, by line; a gap of an f-string reads GAP."""
    module = ast.parse(path.read_text("utf-8"))
    named: dict[str, list[ast.expr]] = {}
    for node in ast.walk(module):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            named.setdefault(node.targets[0].id, []).append(node.value)
    for node in ast.walk(module):
        for said in _said(node, path == OF_VALUES):
            yield from ((said.lineno, text) for text in _texts(said, named) if " " in text)


def _said(node: ast.AST, of_values: bool) -> Iterator[ast.expr]:
    """What follows the code of a rejection, and what these calls are given."""
    parts: Sequence[ast.expr] = ()
    if isinstance(node, ast.Tuple):
        parts = node.elts
    elif isinstance(node, ast.Call):
        parts = node.args
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        at = 0 if of_values and name == "ValueError" else SENTENCE_OF.get(name)
        if at is not None and len(parts) > at:
            yield parts[at]
    for code, said in pairwise(parts):
        if isinstance(code, ast.Constant) and code.value in CODES:
            yield said


def _texts(said: ast.expr, named: Mapping[str, list[ast.expr]]) -> Iterator[str]:
    match said:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=parts):
            yield "".join(str(p.value) if isinstance(p, ast.Constant) else GAP for p in parts)
        case ast.Name(id=name):
            for value in named.get(name, ()):
                if not isinstance(value, ast.Name):
                    yield from _texts(value, named)


def test_every_sentence_that_a_partner_may_be_told_says_what_to_do() -> None:
    told = [(path.relative_to(ROOT), *each) for path in SOURCES for each in sentences(path)]
    assert len(told) > 150, "les phrases sont là où ce test les cherche"
    unfinished = f"{GAP}$"  # what fills its last gap is said elsewhere
    assert [each for each in told if not re.search(f"{REMEDY}|{unfinished}", each[2], re.IGNORECASE)] == []


@each_row(
    "body",
    [b"<a><b></a>", b"<a><b>", b"<a/>x", b"<a>&nbsp;</a>", b"<a>\x01</a>", b"<a>\xff</a>", b"<a b='' b=''/>", b" "],
)  # fmt: skip
def test_whoever_sends_malformed_xml_learns_what_to_do(body: bytes) -> None:
    with pytest.raises(InvalidNative) as told:
        read_xml(body)
    assert re.search(REMEDY, str(told.value), re.IGNORECASE)


def test_every_rejection_of_the_golden_cases_says_where_and_what_to_do() -> None:
    cases = [
        json.loads(path.read_text("utf-8")) for path in (ROOT / "tests" / "golden").rglob("*.attendu.json")
    ]
    told = [rejet for case in cases for rejet in _rejections(case)]
    assert len(told) > 100
    assert [each for each in told if not re.search(REMEDY, each["message"], re.IGNORECASE)] == []


def _rejections(node: object) -> Iterator[Mapping[str, str]]:
    if isinstance(node, dict):
        if {"code", "message"} <= node.keys():
            yield node
        node = list(node.values())
    for each in node if isinstance(node, list) else ():
        yield from _rejections(each)


@pytest.mark.parametrize("section", ["probleme", "rejet"])
def test_every_problem_and_rejection_of_the_catalogue_has_its_remedy(section: str) -> None:
    said = catalogue()[section].items()
    assert [word for word, (_, remede, _) in said if not re.search(REMEDY, remede, re.IGNORECASE)] == []


def test_whoever_learns_that_an_answer_has_no_effect_learns_what_to_do() -> None:
    told = {
        explained(kind, motif, None, famille)
        for kind in CONTRATS
        for motif in MotifAnomalie
        for famille in (Famille.HEBERGEMENT, Famille.SIAO)
    }
    assert [each for each in told if not re.search(REMEDY, each, re.IGNORECASE)] == []
