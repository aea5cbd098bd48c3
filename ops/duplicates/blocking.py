"""Compute the blocking keys of households. Two households are compared only if they share a blocking key. Two
records of one household mostly share one even if a name or date is mistyped."""

from collections.abc import Iterator
from itertools import product

from ops.duplicates.matching import Fiche, Personne
from ops.duplicates.names import skeleton

HEADS = 3
"""Number of a household's first members from whom blocking keys are made."""
LETTERS = 3


def blocks(fiche: Fiche) -> frozenset[str]:
    """Return a household's blocking keys. The keys contain personal values, so only their fingerprints may be
    stored."""
    found = {block for person in fiche.personnes[:HEADS] for block in _of_person(person)}
    if fiche.numero_unique:
        found.add(f"nur {fiche.numero_unique}")
    if fiche.telephone:
        found.add(f"tel {fiche.telephone}")
    return frozenset(found)


def _of_person(person: Personne) -> Iterator[str]:
    bones = {skeleton(name)[:LETTERS] for name in (*person.noms, *person.prenoms)}
    first, last = (tuple(map(skeleton, names[:2])) for names in (person.prenoms, person.noms))
    if person.naissance is not None:
        day = person.naissance
        halves = "".join(sorted((f"{day:%d}", f"{day:%m}")))
        yield from (f"né {day.year} {halves} {each}" for each in bones)
        yield from (f"né {day.year} {each}" for each in first)
        yield from (f"né {day:%d%m} {each}" for each in first)
    yield from (f"nom {' '.join(sorted(pair))}" for pair in product(first, last))
