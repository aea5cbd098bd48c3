"""Bring names into a normal form, without accents and particles, to compare them."""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

PARTICLES = frozenset(
    ["de", "du", "des", "la", "le", "el", "al", "ben", "bin", "bint", "ould", "van", "von", "da", "dos"]
)
"""Particles of a name, which some people write and others leave out."""
BETWEEN_NAMES = frozenset(["nee", "ne", "epouse", "epse", "ep", "veuve", "vve", "divorcee", "dite", "dit"])
"""Words between two names of one person, such as « épouse »."""
TITLES = frozenset(["m", "mr", "mme", "mlle", "monsieur", "madame", "mademoiselle"])
"""Forms of address, which people put before a name that they look for."""
MOST_WORDS = 8
"""Largest number of words of one person's name that are compared."""
_WORD = re.compile(r"[a-z]+")
_WITHIN_A_NAME = re.compile("['’-]")


def plain(text: str) -> str:
    """Return a text in lower case, without accents and ligatures."""
    flat = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe").replace("æ", "ae"))
    return "".join(each for each in flat if not unicodedata.combining(each))


@lru_cache(maxsize=200_000)
def words(name: str) -> tuple[str, ...]:
    """Return the first `MOST_WORDS` words of a name, in lower case and without accents. Particles, and words
    such as « épouse », are left out if other words remain."""
    found = tuple(_WORD.findall(plain(name)))
    kept = tuple(each for each in found if each not in PARTICLES and each not in BETWEEN_NAMES)
    return (kept or found)[:MOST_WORDS]


def looked_for(asked: str) -> tuple[str, ...]:
    """Return the words of a name that somebody searches for. Forms of address, such as « Mme » and « M. »,
    are left out if other words remain."""
    found = words(asked)
    return tuple(each for each in found if each not in TITLES) or found


def is_named(names: str, asked: str, fits: Callable[[str, str], bool] = str.startswith) -> bool:
    """Return whether a search for `asked` finds a person with one of the names `names`, a text with commas
    between them. Each word of `asked` that `looked_for` keeps must fit a word of the names.
    `fits(word, searched)` tells whether a word of the names fits a searched word; by default, the word must
    begin with the searched one. A search without words finds nothing."""
    named = [
        word for each in names.split(",") for word in (*words(each), *words(_WITHIN_A_NAME.sub("", each)))
    ]
    wanted = looked_for(asked)
    return bool(wanted) and all(any(fits(each, word) for each in named) for word in wanted)
