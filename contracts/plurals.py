"""Write numbers and counted things in French."""

from collections.abc import Sequence


def counted(number: int, capped: bool = False) -> str:
    """Return a number in French, with narrow spaces between thousands. Add « + » if `capped`, which means
    that the counting stopped at this number."""
    return f"{number:,}".replace(",", "\u202f") + ("+" if capped else "")


def many(number: int, one: str, several: str | None = None) -> str:
    """Return a number and the things counted: « 1 ligne lue », « 2 lignes lues ». `one`: the words for one
    thing; `several`: the words for more, by default `one` with an « s » after each word."""
    return f"{counted(number)} {inflected(number, one, several)}"


def inflected(number: int, one: str, several: str | None = None) -> str:
    """Return the words for the things counted, without their number: `one` if the number is 0 or 1, else
    `several`. By default, `several` is `one` with an « s » after each word."""
    return one if number <= 1 else several or " ".join(f"{word}s" for word in one.split(" "))


def enumerated(words: Sequence[str]) -> str:
    """Return `words` joined as in a French sentence: « A-1, A-2 et A-3 »."""
    return " et ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))
