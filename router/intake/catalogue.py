"""Read the catalogue of the codes in the hub's answers, with their meanings in French."""

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
"""French titles of the catalogue's sections, in the order of the page that shows them."""


class Mot(NamedTuple):
    """Entry of the catalogue about one code in the hub's answers. `sens` is the code's meaning, and
    `remede` what the partner has to do. `definitif` is True if it is useless to send the same request
    again. Only the reasons why the hub refuses requests (section `probleme`) have a `definitif`; for other
    codes, it is None."""

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
    """Return the HTML anchor of a code, in the page that explains the codes in the hub's answers. `word` is the
    code, and `section` its section in the catalogue."""
    return word if section == "probleme" else f"{section}_{word}"
