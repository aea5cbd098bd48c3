"""Words in the hub's answers to partners, with their meanings: problem codes, rejections, states, reasons."""

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
"""French title of each section, in order."""


class Mot(NamedTuple):
    """Word of the hub, with its meaning and what a partner has to do. `definitif` is True if it cannot help
    to send the message again, and None if there is no message to send."""

    sens: str
    remede: str = ""
    definitif: bool | None = None


@cache
def catalogue() -> Mapping[str, Mapping[str, Mot]]:
    """Return the words in the hub's answers, with their meanings, by section."""
    text = files("router.intake").joinpath("catalogue.toml").read_text("utf-8")
    sections = tomllib.loads(text)
    return {name: {word: Mot(**said) for word, said in sections[name].items()} for name in TITRES}


def anchor(section: str, word: str) -> str:
    """Return the HTML anchor of a word of the catalogue."""
    return word if section == "probleme" else f"{section}_{word}"
