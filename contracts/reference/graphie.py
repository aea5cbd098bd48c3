"""Normal form of names, to compare them: without accents and particles. Pure."""

import re
import unicodedata
from functools import lru_cache

PARTICLES = frozenset(
    ["de", "du", "des", "la", "le", "el", "al", "ben", "bin", "bint", "ould", "van", "von", "da", "dos"]
)
"""Particles of a name, which some people write and others leave out."""
BETWEEN_NAMES = frozenset(["nee", "ne", "epouse", "epse", "ep", "veuve", "vve", "divorcee", "dite", "dit"])
"""Words between two names of one person, such as « épouse »."""
MOST_WORDS = 8
"""Largest number of words of one person's name that are compared. Further words are ignored."""
_WORD = re.compile(r"[a-z]+")
_WITHIN_A_NAME = re.compile("['’-]")


def plain(text: str) -> str:
    """Return a text in lower case, without accents and ligatures."""
    flat = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe").replace("æ", "ae"))
    return "".join(each for each in flat if not unicodedata.combining(each))


@lru_cache(maxsize=200_000)
def words(name: str) -> tuple[str, ...]:
    """Return the words of a name in lower case without accents, at most `MOST_WORDS` of them. Particles and
    words such as « épouse » are left out, unless the name has no other words."""
    found = tuple(_WORD.findall(plain(name)))
    kept = tuple(each for each in found if each not in PARTICLES and each not in BETWEEN_NAMES)
    return (kept or found)[:MOST_WORDS]


def is_named(names: str, asked: str) -> bool:
    """Return whether a search for `asked` finds these names: each word of `asked` must be the beginning of a
    word of the names. An empty search finds nothing.

    `names` holds the names of one or more persons, separated by commas. A name with an apostrophe or a hyphen
    is also found as one word.
    """
    named = [
        word for each in names.split(",") for word in (*words(each), *words(_WITHIN_A_NAME.sub("", each)))
    ]
    wanted = words(asked)
    return bool(wanted) and all(any(each.startswith(word) for each in named) for word in wanted)
