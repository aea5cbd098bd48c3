"""Recognise words that partners spell in many ways: column names, states, labels.

Case, accents and extra spaces do not count. Punctuation counts as a space. A letter lost to a wrong encoding
(U+FFFD) may stand for any letter, if all known words that fit have the same meaning.
"""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import lru_cache
from unicodedata import combining, normalize

from adapters.encodage import LOST, repair

REMEMBERED_SPELLINGS = 1000
REMEMBERED_CHARACTERS = 64
"""Number of characters of the longest spelling that is cached."""
SLACK_CHARACTERS = 32
"""Number of characters by which a text may be longer than the longest known word. A text that is longer still
is unknown, and is not compared."""

ALIKE = 0.85
"""Similarity to a known word, between 0 and 1, from which an unknown word counts as its misspelling."""

_KEPT = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")


def fold(word: str) -> str:
    """Return the word in lower case, without accents and extra spaces. Punctuation becomes a space; a wrong
    encoding is repaired."""
    letters = (letter for letter in normalize("NFD", repair(word).casefold()) if not combining(letter))
    return " ".join("".join(letter if letter in _KEPT else " " for letter in letters).split())


class Vocabulaire:
    """Words of a partner's software, with their meanings. Raises ValueError if two words differ only in
    accents, case or punctuation."""

    def __init__(self, meanings: Mapping[str, str]) -> None:
        self.mots: tuple[str, ...] = tuple(meanings)
        first: dict[str, str] = {}
        for word, meaning in meanings.items():
            first.setdefault(meaning, word)
        self.principaux: tuple[str, ...] = tuple(first.values())
        """First word of each meaning, which is offered to people. Other words with the same meaning are only
        read."""
        self._meanings = {fold(word): meaning for word, meaning in meanings.items()}
        if len(self._meanings) != len(meanings):
            raise ValueError("deux mots du profil se confondent une fois ôtés accents, casse et ponctuation")
        self._longest = max(map(len, meanings), default=0) + SLACK_CHARACTERS
        self._seen: dict[str, str] = {}

    def meaning(self, written: str) -> str | None:
        """Return the meaning of a word; None for an unknown word."""
        if written in self._seen:
            return self._seen[written]
        if len(written.strip()) > self._longest:
            return None
        found = self._meanings.get(fold(written)) or (self._mended(written) if LOST in written else None)
        short = len(written) <= REMEMBERED_CHARACTERS and len(self._seen) < REMEMBERED_SPELLINGS
        if found is not None and short:
            self._seen[written] = found
        return found

    def nearest(self, written: str) -> str | None:
        """Return the known word that resembles the unknown word `written` most; None if no known word is
        similar enough. The search is slow."""
        if len(written.strip()) > self._longest:
            return None
        words = {fold(word): word for word in self.mots}
        near = get_close_matches(fold(written), words, n=1, cutoff=ALIKE)
        return words[near[0]] if near else None

    def _mended(self, written: str) -> str | None:
        letters = written.strip()
        return only(self._meanings[fold(word)] for word in self.mots if _may_be(letters, word))


def _may_be(written: str, word: str) -> bool:
    return len(written) == len(word) and all(
        a == LOST or _folded(a) == _folded(b) for a, b in zip(written, word, strict=True)
    )


@lru_cache(REMEMBERED_SPELLINGS)
def _folded(letter: str) -> str:
    return fold(letter)


def only(candidates: Iterable[str]) -> str | None:
    """Return the element of `candidates` if all elements are equal; None if they differ, or if `candidates` is
    empty."""
    found = set(candidates)
    return found.pop() if len(found) == 1 else None
