"""Words that partners spell in many ways: column names, states, labels.

Case, accents, punctuation and spaces do not count, and a letter that was lost to a wrong encoding (U+FFFD)
may be any letter, as long as one word alone remains possible.
"""

import re
from collections.abc import Iterable, Mapping
from unicodedata import combining, normalize

from adapters.encodage import LOST, repair

REMEMBERED_SPELLINGS = 1000

_NO_WORD = re.compile(r"[^a-z0-9]+")


def fold(word: str) -> str:
    """The word without what does not count."""
    letters = (letter for letter in normalize("NFD", repair(word).casefold()) if not combining(letter))
    return _NO_WORD.sub(" ", "".join(letters)).strip()


class Vocabulaire:
    """A partner's words and what they mean. Raises ValueError where two of them look the same."""

    def __init__(self, meanings: Mapping[str, str]) -> None:
        self.mots: tuple[str, ...] = tuple(meanings)
        self._meanings = {fold(word): meaning for word, meaning in meanings.items()}
        if len(self._meanings) != len(meanings):
            raise ValueError("deux mots du profil se confondent une fois ôtés accents, casse et ponctuation")
        self._seen: dict[str, str] = {}

    def meaning(self, written: str) -> str | None:
        """What a word means, None for an unknown one. Remembers the spellings that it understood."""
        if written in self._seen:
            return self._seen[written]
        found = self._meanings.get(fold(written)) or (self._guess(written) if LOST in written else None)
        if found is not None and len(self._seen) < REMEMBERED_SPELLINGS:
            self._seen[written] = found
        return found

    def _guess(self, written: str) -> str | None:
        pattern = re.compile(re.escape(written.strip()).replace(LOST, "."), re.IGNORECASE)
        return only(self._meanings[fold(word)] for word in self.mots if pattern.fullmatch(word))


def only(candidates: Iterable[str]) -> str | None:
    """The one candidate, None where there is none or a choice."""
    found = set(candidates)
    return found.pop() if len(found) == 1 else None
