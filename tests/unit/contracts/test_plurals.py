"""A number and the thing that it counts agree, wherever somebody reads them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from contracts.plurals import many
from tests.rows import each_row

ROOT = Path(__file__).parents[3]
BOTH = re.compile(r"[a-zé]\(e?s\)")


@each_row(
    ("number", "words", "said"),
    [
        (0, ("ligne lue",), "0 ligne lue"),
        (1, ("ligne lue",), "1 ligne lue"),
        (2, ("ligne lue",), "2 lignes lues"),
        (2000, ("tête manque", "têtes manquent"), "2\u202f000 têtes manquent"),
    ],
)
def test_a_number_and_what_it_counts_agree(number: int, words: tuple[str, ...], said: str) -> None:
    assert many(number, *words) == said


def said() -> Iterator[tuple[str, str]]:
    """Texts of the code and of the pages, each with its file."""
    for folder in ("adapters", "connectors", "console", "contracts", "ops", "router"):
        for file in (ROOT / folder).rglob("*.html"):
            yield str(file), file.read_text(encoding="utf-8")
        for file in (ROOT / folder).rglob("*.py"):
            text = file.read_text(encoding="utf-8")
            for node in ast.walk(ast.parse(text)) if BOTH.search(text) else ():
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield str(file), node.value


def test_no_text_leaves_the_plural_to_its_reader() -> None:
    assert [(file, BOTH.findall(text)) for file, text in said() if BOTH.search(text)] == []
