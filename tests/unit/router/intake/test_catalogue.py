"""The catalogue has every word that a partner may meet, and no other."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from adapters.tabulaire.deduits import DEDUITE
from adapters.tabulaire.doutes import TOWN
from adapters.tabulaire.entete import UNREAD
from contracts.errors import InvalidNative
from contracts.reference import codes, identifiants
from contracts.reference.regle import Regle
from contracts.v1.alerte import MotifAnomalie
from router.intake.answers import REFUSALS
from router.intake.api_page import words_page
from router.intake.catalogue import anchor, catalogue
from router.store.quarantine import KEY_TAKEN

ROOT = Path(__file__).parents[4]
AT_THE_DOOR = {"envoi_inconnu", *(motif.lower() for motif in (MotifAnomalie.TRANSITION_ILLEGALE,
               MotifAnomalie.RESSOURCES_EN_URGENCE, MotifAnomalie.SERVICE_INCONNU))}  # fmt: skip
"""Answers that the rule book refuses before their 202, by why."""
SAID_BY_NAME = {"problem": 1, "Rejet": 0, "Illisible": 0, "worded": 1, "_always": 0}
"""Who says a word, and which of its arguments it is."""


@cache
def calls() -> list[tuple[str, ast.expr]]:
    """Who says a word, and the argument that it is."""
    found = list[tuple[str, ast.expr]]()
    for folder in ("connectors", "adapters", "router", "ops"):
        for source in (ROOT / folder).rglob("*.py"):
            text = source.read_text("utf-8")
            for node in ast.walk(ast.parse(text)) if any(f"{name}(" in text for name in SAID_BY_NAME) else ():
                if isinstance(node, ast.Call) and node.args:
                    name = getattr(node.func, "id", "")
                    found += [(name, node.args[SAID_BY_NAME[name]])] if name in SAID_BY_NAME else []
    return found


def said(*by: str) -> set[str]:
    """Words that stand in the code as constants."""
    return {
        node.value
        for name, node in calls()
        if name in by and isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def of_pairs() -> set[str]:
    """Codes of the tables of French words for what a library finds wrong."""
    found = set()
    for name in ("rejets", "violations"):
        text = (ROOT / "adapters" / f"{name}.py").read_text("utf-8")
        found |= set(re.findall(r'(?:return|: \(|= \(|, \(|code, what = \()\s*"([a-z_]+)",', text))
    return found


def rules() -> set[str]:
    """Codes of the identifiers' own rules."""
    types = [*vars(identifiants).values(), *vars(codes).values()]
    marks = (mark for each in types for mark in getattr(each, "__metadata__", ()))
    return {mark.code for mark in marks if isinstance(mark, Regle)}


def unreadable() -> set[str]:
    """Why a whole message cannot be read."""
    return {InvalidNative.code, *(kind.code for kind in InvalidNative.__subclasses__())}


def test_every_problem_is_in_the_catalogue_and_no_other() -> None:
    slugs = said("problem") | {slug for _, slug, _ in REFUSALS.values()}
    assert set(catalogue()["probleme"]) == slugs


def test_every_code_of_a_rejection_is_in_the_catalogue_and_no_other() -> None:
    of_rules = {rule if rule == "code_inconnu" else f"{rule}_invalide" for rule in rules()}
    told = (
        said("Rejet", "Illisible", "worded", "_always")
        | of_pairs()
        | of_rules
        | unreadable()
        | AT_THE_DOOR
        | {DEDUITE, KEY_TAKEN, TOWN, UNREAD}
    )
    known = set(catalogue()["rejet"])
    assert told <= known, "un code que le catalogue ignore"
    assert known <= told, "un mot que plus personne ne dit"


def test_every_reason_of_an_anomaly_is_explained() -> None:
    known = {str(motif) for motif in MotifAnomalie} | {"deja_connu", "non_corrige"}
    assert known == set(catalogue()["raison"])
    assert all(mot.remede for mot in catalogue()["raison"].values())


@pytest.mark.parametrize("section", ["probleme", "rejet"])
def test_every_error_says_what_to_do_and_none_trails_off(section: str) -> None:
    for name, mot in catalogue()[section].items():
        assert mot.remede, name
        assert not f"{mot.sens}{mot.remede}".endswith("…"), name


def test_every_word_has_its_own_address_on_the_page() -> None:
    shown = words_page(catalogue())
    anchors = [anchor(section, word) for section, words in catalogue().items() for word in words]
    assert len(set(anchors)) == len(anchors)
    assert all(f'id="{each}"' in shown for each in anchors)
