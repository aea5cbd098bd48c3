"""Find the fields of contracts by dotted paths. The type of a field decides how its cells are read."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import UnionType
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel

from contracts.base import AUTRE_MENAGE, Contrat, Nature, filled_in
from contracts.v1.acte import EvenementActe

PLACES_IN_A_LIST = 20
"""Limit on the members of a list, such as persons, that may have columns of their own."""


NAMED_OTHERWISE: Mapping[str, Nature] = {
    **dict.fromkeys(("places", "autres_places"), Nature.PLACE),
    "acte": Nature.DEROGATION,
    AUTRE_MENAGE: Nature.MENAGE,
    **dict.fromkeys(("pseudonyme", "code_demande", "code_orientation"), Nature.OBSERVATION),
}
"""Kind of subject of each id field whose name does not say this kind."""


class Champ(NamedTuple):
    """Field of a contract: its type, the annotations of this type, and whether the field is obligatory. For a
    field of the type `T | None`, the type is `T`."""

    type: Any
    marqueurs: tuple[object, ...]
    obligatoire: bool


@lru_cache(maxsize=8192)
def champ(modele: type[BaseModel], chemin: str) -> Champ | None:
    """Return the field at a dotted path in a model (`personnes.0.nom`); None if the model has no such
    field."""
    first, _, rest = chemin.partition(".")
    info = modele.model_fields.get(first)
    if info is None:
        return None
    found = Champ(*_bare(info.annotation, tuple(info.metadata)), info.is_required())
    return _within(found, rest) if rest else found


def is_written(contrat: type[Contrat], chemin: str) -> bool:
    """Return whether the contract has a field at this dotted path, and a sender may fill it in."""
    filled = chemin in contrat.model_fields and filled_in(contrat, chemin)
    return champ(contrat, chemin) is not None and not filled


def _within(outer: Champ, chemin: str) -> Champ | None:
    inner, rest = outer.type, chemin
    if get_origin(inner) is tuple:
        place, _, rest = chemin.partition(".")
        if not (place.isascii() and place.isdigit() and int(place) < PLACES_IN_A_LIST):
            return None
        inner = get_args(inner)[0]
    if not rest or not (isinstance(inner, type) and issubclass(inner, BaseModel)):
        return None
    return champ(inner, rest)


def _bare(annotation: Any, marqueurs: tuple[object, ...]) -> tuple[Any, tuple[object, ...]]:
    if get_origin(annotation) is Annotated:
        inner, *more = get_args(annotation)
        return _bare(inner, (*marqueurs, *more))
    if get_origin(annotation) in (Union, UnionType):
        return _bare(next(arg for arg in get_args(annotation) if arg is not type(None)), marqueurs)
    return annotation, marqueurs


def element(found: Champ) -> Champ | None:
    """Return the description of one item of a list field, as if the item were a field itself; None for a field
    that is no list."""
    if get_origin(found.type) is not tuple:
        return None
    return Champ(*_bare(get_args(found.type)[0], ()), found.obligatoire)


def nature(contrat: type[Contrat], chemin: str) -> Nature:
    """Return the kind of subject for which the id at the path `chemin` stands. The name of the field tells
    the kind. Raises ValueError for an unknown name."""
    steps = chemin.split(".")
    name = steps[-2] if steps[-1] == "id" and len(steps) > 1 else steps[-1]
    subject = contrat.NATURE if name == contrat.SUJET else None
    return subject or NAMED_OTHERWISE.get(name) or Nature(name)


def nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    """Turn values with dotted paths into nested objects and lists. In paths like `personnes.2.nom`, the number
    only gives the order: missing numbers leave no gap."""
    tree: dict[str, Any] = {}
    for chemin, value in flat.items():
        node = tree
        *steps, last = chemin.split(".")
        for step in steps:
            node = node.setdefault(step, {})
        node[last] = value
    return {name: _lists(value) for name, value in tree.items()}


def _lists(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    if node and all(key.isdigit() for key in node):
        return tuple(_lists(node[key]) for key in sorted(node, key=int))
    return {name: _lists(value) for name, value in node.items()}


def required(contrat: type[Contrat]) -> Iterator[str]:
    """Yield the paths of the fields that a row must fill in for this contract."""
    named = (
        contrat.SUJET if issubclass(contrat, EvenementActe) else None
    )  # derived from the obligatory number of the agreement or derogation
    yield from (path for path in obligatory(contrat, "") if path != named)
    yield from (path for path in contrat.OBLIGATOIRES)


def obligatory(modele: type[BaseModel], prefix: str) -> Iterator[str]:
    """Yield the paths of the obligatory fields of a model. If one of them is a nested model, yield the
    obligatory fields of this nested model in its place. `prefix`: text before each path."""
    for name, info in modele.model_fields.items():
        if not info.is_required():
            continue
        inner = _bare(info.annotation, ())[0]
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from obligatory(inner, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"
