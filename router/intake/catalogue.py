"""Catalogue of the codes in the hub's answers to partners, with their meanings in French."""

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
"""French titles of the sections in the catalogue of the codes that the hub answers. They are in the order of
the catalogue's page; the key is the kind of code."""


class Mot(NamedTuple):
    """Code in an answer of the hub: its meaning (`sens`), and what a partner has to do (`remede`).

    `definitif` is True if sending the same message again is useless, and False if it may help. It is None if
    there is no message to send.
    """

    sens: str
    remede: str = ""
    definitif: bool | None = None


@cache
def catalogue() -> Mapping[str, Mapping[str, Mot]]:
    """Return the catalogue: for each section, the codes in the hub's answers with their meanings."""
    text = files("router.intake").joinpath("catalogue.toml").read_text("utf-8")
    sections = tomllib.loads(text)
    return {name: {word: Mot(**said) for word, said in sections[name].items()} for name in TITRES}


def anchor(section: str, word: str) -> str:
    """Return the HTML anchor of a code on the page of the catalogue."""
    return word if section == "probleme" else f"{section}_{word}"
