"""Catalogue of the codes in the hub's answers, with their meanings in French."""

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
"""French title of each section, in the order of the page."""


class Mot(NamedTuple):
    """Entry of the catalogue about one code in the hub's answers: its meaning (`sens`), and what the partner
    has to do (`remede`). `definitif`: whether it is useless to send the same request again; None for a code
    outside the catalogue's section `probleme`, which has the reasons why the hub refuses requests."""

    sens: str
    remede: str = ""
    definitif: bool | None = None


@cache
def catalogue() -> Mapping[str, Mapping[str, Mot]]:
    """Return the meanings of all codes in the hub's answers, by section of `catalogue.toml` and by code."""
    text = files("router.intake").joinpath("catalogue.toml").read_text("utf-8")
    sections = tomllib.loads(text)
    return {name: {word: Mot(**said) for word, said in sections[name].items()} for name in TITRES}


def anchor(section: str, word: str) -> str:
    """Return the HTML anchor of the code `word`, in the section `section` of the page that explains the codes
    in the hub's answers."""
    return word if section == "probleme" else f"{section}_{word}"
