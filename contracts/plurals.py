"""French text for numbers and for counted things."""

from collections.abc import Sequence


def counted(number: int, capped: bool = False) -> str:
    """Return a number in French, with narrow spaces between thousands. If `capped`, the counting stopped at
    this number, and « + » follows it."""
    return f"{number:,}".replace(",", "\u202f") + ("+" if capped else "")


def many(number: int, one: str, several: str | None = None) -> str:
    """Return a number with the things counted: « 1 ligne lue », « 2 lignes lues ». `several` is by default
    `one` with an « s » after each word."""
    return f"{counted(number)} {inflected(number, one, several)}"


def inflected(number: int, one: str, several: str | None = None) -> str:
    """Return the words for the things counted: `one` for a number up to 1, else `several`, by default `one`
    with an « s » after each word."""
    return one if number <= 1 else several or " ".join(f"{word}s" for word in one.split(" "))


def enumerated(words: Sequence[str]) -> str:
    """Return these words as a French sentence lists them: « A-1, A-2 et A-3 »."""
    return " et ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))
