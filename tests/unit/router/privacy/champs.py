"""Fields of contracts: the path of each, and who may read it."""

from collections.abc import Iterator

from contracts.base import Modele, classe_of
from contracts.privacy import Classe
from router.domain.rights import ALL, Droits

Path = tuple[str | int, ...]


def fields(modele: Modele, before: Path = ()) -> Iterator[tuple[Path, Modele, str]]:
    """Yield every field with a privacy class of its own: its path, the model that has it, its name."""
    for name in type(modele).model_fields:
        value = getattr(modele, name)
        if classe_of(type(modele), name) is not None:
            yield (*before, name), modele, name
        elif isinstance(value, tuple):
            for number, item in enumerate(value):
                yield from fields(item, (*before, name, number))
        elif value is not None:
            yield from fields(value, (*before, name))


def may_read(droits: Droits, classe: Classe, path: Path) -> bool:
    """Return whether a reader with these rights may have a field of this class at this path."""
    allowed = droits.paths.get(classe, frozenset())
    names = [step for step in path if isinstance(step, str)]
    return allowed is ALL or any(".".join(names[:length]) in allowed for length in range(1, len(names) + 1))
