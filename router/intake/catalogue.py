"""Every word that the hub says to a partner, and what it means: problems, rejections, states, reasons."""

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
"""What each section tells of, in the order of the page."""


class Mot(NamedTuple):
    """One word: what it means, and what to do. `definitif`: to send the same again is no use; None where nothing is
    to be sent."""

    sens: str
    remede: str = ""
    definitif: bool | None = None


@cache
def catalogue() -> Mapping[str, Mapping[str, Mot]]:
    """Words by section and name."""
    text = files("router.intake").joinpath("catalogue.toml").read_text("utf-8")
    sections = tomllib.loads(text)
    return {name: {word: Mot(**said) for word, said in sections[name].items()} for name in TITRES}


def anchor(section: str, word: str) -> str:
    """Where a word stands on the page: a problem under its own name."""
    return word if section == "probleme" else f"{section}_{word}"
