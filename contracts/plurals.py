"""French text for numbers and for counted things."""

from collections.abc import Sequence


def counted(number: int, capped: bool = False) -> str:
    """Return a number with narrow spaces between thousands, and with « + » after it if the counting stopped
    there (`capped`)."""
    return f"{number:,}".replace(",", "\u202f") + ("+" if capped else "")


def many(number: int, one: str, several: str | None = None) -> str:
    """Return a number with the things counted: « 1 ligne lue », « 2 lignes lues ».

    Without `several`, the plural adds an « s » to each word.
    """
    return f"{counted(number)} {inflected(number, one, several)}"


def inflected(number: int, one: str, several: str | None = None) -> str:
    """Return the singular or plural for `number`, as `many` does."""
    return one if number <= 1 else several or " ".join(f"{word}s" for word in one.split(" "))


def enumerated(words: Sequence[str]) -> str:
    """Return things as a French sentence lists them: « A-1, A-2 et A-3 »."""
    return " et ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))
