"""Measure how similar two names are, despite different spellings and transliterations."""

import re
from functools import lru_cache

from rapidfuzz.distance import JaroWinkler

SPELLINGS = (
    ("ou", "u"), ("oo", "u"), ("ph", "f"), ("kh", "h"), ("gh", "g"), ("dj", "j"), ("tch", "c"), ("tsch", "c"),
    ("sch", "s"), ("sh", "s"), ("ch", "s"), ("sz", "s"), ("cz", "c"), ("th", "t"), ("dh", "d"), ("ck", "k"),
    ("qu", "k"), ("q", "k"), ("w", "v"), ("y", "i"), ("ei", "i"), ("ai", "e"), ("ae", "e"), ("x", "ks"),
    ("z", "s"), ("e", "a"), ("o", "u"), ("c", "k"), ("j", "i"), ("g", "k"),
)  # fmt: skip
"""Pairs of spellings that sound alike in French or in two transliterations. The second replaces the first,
pair after pair."""
VOWELS = frozenset("aiu")
AS_HEARD, SAME_BONES = 0.98, 0.92
"""Similarity of two words that sound alike, and of two words with the same consonants."""
_DOUBLE = re.compile(r"(.)\1+")


@lru_cache(maxsize=200_000)
def sound(word: str) -> str:
    """Return a word respelt by its sound, so that words that sound alike become equal."""
    for written, spoken in SPELLINGS:
        word = word.replace(written, spoken)
    word = _DOUBLE.sub(r"\1", word)
    return word[:1] + word[1:].replace("h", "").rstrip("a") if len(word) > 1 else word


@lru_cache(maxsize=200_000)
def skeleton(word: str) -> str:
    """Return the first sound of a word and its later consonants. Spelling mistakes mostly leave them
    unchanged."""
    sounds = sound(word)
    return sounds[:1] + "".join(each for each in sounds[1:] if each not in VOWELS)


@lru_cache(maxsize=500_000)
def alike(one: str, other: str) -> float:
    """Return the similarity of two words, from 0 to 1. It is the highest of three similarities: of spelling, of
    sound and of consonants."""
    if one == other:
        return 1.0
    written = JaroWinkler.similarity(one, other)
    by_sound = JaroWinkler.similarity(sound(one), sound(other)) * AS_HEARD
    bones = skeleton(one)
    return max(written, by_sound, SAME_BONES if bones == skeleton(other) and len(bones) > 2 else 0.0)


def likeness(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    """Return the similarity of two names, from 0 to 1, whatever the order of their words; 1 if one has all
    words of the other."""
    if not one or not other:
        return 0.0
    fewer, more = sorted((one, other), key=len)
    joined = alike("".join(one), "".join(other))
    return max(joined, sum(max(alike(word, each) for each in more) for word in fewer) / len(fewer))
