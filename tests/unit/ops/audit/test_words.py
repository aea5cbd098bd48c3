"""Whoever reads the audit reads French words."""

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from ops.audit.words import ACTIONS
from ops.person.rights import Droit, Issue
from router.domain.audit_chain import DELIVERED
from tests.integration.test_human_acts import ACTS

ROOT = Path(__file__).parents[4]
CODE = re.compile(r"[a-z]+\.[a-z-]+")
IN_SQL = re.compile(r"'([a-z]+\.[a-z-]+)'")
MADE_OF_WORDS = {
    *(f"personne.{each}" for each in (*Droit, *Issue)),
    *(f"message.{each}" for each in ("accepte", "partiel", "refuse")),
    DELIVERED,
}
"""Actions that no constant spells."""


def sources() -> Iterator[tuple[str, ast.Module]]:
    for layer in ("router", "ops", "console"):
        for file in sorted((ROOT / layer).rglob("*.py")):
            if "audit" in (text := file.read_text("utf-8")):
                yield ".".join(file.relative_to(ROOT).with_suffix("").parts), ast.parse(text)


def recorded(module: str, tree: ast.Module) -> Iterator[str]:
    """Actions that a module writes. One that it is given stands in the same module as a constant."""
    texts = [
        node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and type(node.value) is str
    ]
    for text in texts:
        yield from IN_SQL.findall(text) if "audit" in text else ()
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and ast.unparse(node.func) in ("record", "audit.record")):
            continue
        match node.args[2]:
            case ast.Constant(value=str(action)):
                yield action
            case ast.Name(id=name) if hasattr(import_module(module), name):
                yield getattr(import_module(module), name)
            case ast.JoinedStr():
                pass  # `MADE_OF_WORDS`
            case _:
                yield from filter(CODE.fullmatch, texts)


def test_every_act_of_the_audit_has_its_french_words_and_no_words_stand_there_for_nothing() -> None:
    found = {action for source in sources() for action in recorded(*source)}
    assert {action for _, action in ACTS.values()} <= found | MADE_OF_WORDS, (
        "le parcours des sources trouve tout"
    )
    assert ACTIONS.keys() == found | MADE_OF_WORDS
    assert not [words for words in ACTIONS.values() if CODE.fullmatch(words)]
