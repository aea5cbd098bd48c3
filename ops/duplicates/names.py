"""Names in the form in which they are compared: without accents, particles and differences of transliteration. Pure."""

import re
import unicodedata
from functools import lru_cache

from rapidfuzz.distance import JaroWinkler

PARTICLES = frozenset(
    ["de", "du", "des", "la", "le", "el", "al", "ben", "bin", "bint", "ould", "van", "von", "da", "dos"]
)
"""Words of a name that one desk writes and another one leaves out."""
BETWEEN_NAMES = frozenset(["nee", "ne", "epouse", "epse", "ep", "veuve", "vve", "divorcee", "dite", "dit"])
"""Words that stand between the two names of one person."""
SPELLINGS = (
    ("ou", "u"), ("oo", "u"), ("ph", "f"), ("kh", "h"), ("gh", "g"), ("dj", "j"), ("tch", "c"), ("tsch", "c"),
    ("sch", "s"), ("sh", "s"), ("ch", "s"), ("sz", "s"), ("cz", "c"), ("th", "t"), ("dh", "d"), ("ck", "k"),
    ("qu", "k"), ("q", "k"), ("w", "v"), ("y", "i"), ("ei", "i"), ("ai", "e"), ("ae", "e"), ("x", "ks"),
    ("z", "s"), ("e", "a"), ("o", "u"), ("c", "k"), ("j", "i"), ("g", "k"),
)  # fmt: skip
"""Pairs of spellings that sound alike in French or come from two transliterations. The first is replaced by the
second, in this order."""
VOWELS = frozenset("aiu")
MOST_WORDS = 8
"""Limit on the words of a name that are compared, because each is compared with every word of the other name."""
AS_HEARD, SAME_BONES = 0.98, 0.92
"""Likeness of words that sound alike, and likeness of words that share only their consonants."""
_WORD = re.compile(r"[a-z]+")
_DOUBLE = re.compile(r"(.)\1+")


def plain(text: str) -> str:
    """Return a text in lower case, without accents and ligatures."""
    flat = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe").replace("æ", "ae"))
    return "".join(each for each in flat if not unicodedata.combining(each))


@lru_cache(maxsize=200_000)
def words(name: str) -> tuple[str, ...]:
    """Return the first words of a name in plain letters, without particles unless nothing else is left."""
    found = tuple(_WORD.findall(plain(name)))
    kept = tuple(each for each in found if each not in PARTICLES and each not in BETWEEN_NAMES)
    return (kept or found)[:MOST_WORDS]


@lru_cache(maxsize=200_000)
def sound(word: str) -> str:
    """Return a spelling of a word by its sound: words that sound alike give the same one."""
    for written, spoken in SPELLINGS:
        word = word.replace(written, spoken)
    word = _DOUBLE.sub(r"\1", word)
    return word[:1] + word[1:].replace("h", "").rstrip("a") if len(word) > 1 else word


@lru_cache(maxsize=200_000)
def skeleton(word: str) -> str:
    """Return the first sound of a word and its consonants, because listeners confuse vowels most."""
    sounds = sound(word)
    return sounds[:1] + "".join(each for each in sounds[1:] if each not in VOWELS)


@lru_cache(maxsize=500_000)
def alike(one: str, other: str) -> float:
    """Return how much two words are alike, from 0 to 1, by their spelling or by their sound."""
    if one == other:
        return 1.0
    written = JaroWinkler.similarity(one, other)
    by_sound = JaroWinkler.similarity(sound(one), sound(other)) * AS_HEARD
    bones = skeleton(one)
    return max(written, by_sound, SAME_BONES if bones == skeleton(other) and len(bones) > 2 else 0.0)


def likeness(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    """Return how much two names are alike, whatever the order of their words.

    If all words of one name are in the other, they are alike: one desk writes the second first name, or both the
    name of birth and that of marriage, and another does not.
    """
    if not one or not other:
        return 0.0
    fewer, more = sorted((one, other), key=len)
    joined = alike("".join(one), "".join(other))
    return max(joined, sum(max(alike(word, each) for each in more) for word in fewer) / len(fewer))
