"""Write numbers, and the things that they count, in French."""


def counted(number: int, capped: bool = False) -> str:
    """Write a number with a space between its thousands, and with « + » if counting stopped at that number
    (`capped`)."""
    return f"{number:,}".replace(",", "\u202f") + ("+" if capped else "")


def many(number: int, one: str, several: str | None = None) -> str:
    """Write a number with the thing that it counts, in the singular up to one: « 1 ligne lue », « 2 lignes
    lues ».

    Without `several`, the plural adds an « s » to each word of the singular.
    """
    return f"{counted(number)} {inflected(number, one, several)}"


def inflected(number: int, one: str, several: str | None = None) -> str:
    """Return the name of a thing in the singular or the plural for this number, as `many` does, without the
    number."""
    return one if number <= 1 else several or " ".join(f"{word}s" for word in one.split(" "))
