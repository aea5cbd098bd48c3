"""Catalogue of the codes that the hub's answers contain, with their meanings in French."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple

TITRES: Mapping[str, str] = {
    "probleme": "Problèmes",
    "rejet": "Rejets d'une ligne",
    "message": "États d'un message",
    "evenement": "États d'un événement",
    "effet": "Effet d'un message",
    "livraison": "États d'une livraison",
    "raison": "Raisons",
}
"""French title of each section of the catalogue, in the order of the catalogue's page. The key is the type of
codes in the section."""


class Mot(NamedTuple):
    """Code in an answer of the hub: its meaning (`sens`), and what the partner has to do (`remede`).

    `definitif` is True if sending the same message again is useless, and False if sending it again may help.
    `definitif` is None if the catalogue says neither.
    """

    sens: str
    remede: str = ""
    definitif: bool | None = None


@cache
def catalogue() -> Mapping[str, Mapping[str, Mot]]:
    """Return the meanings of all codes in the hub's answers, as published for partners. The first key is the
    kind of code (a section of `catalogue.toml`), the second key is the code."""
    text = files("router.intake").joinpath("catalogue.toml").read_text("utf-8")
    sections = tomllib.loads(text)
    return {name: {word: Mot(**said) for word, said in sections[name].items()} for name in TITRES}


def anchor(section: str, word: str) -> str:
    """Return the HTML anchor of a code, on the page that explains all codes in the hub's answers."""
    return word if section == "probleme" else f"{section}_{word}"
