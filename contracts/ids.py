"""Find and replace the ids in a message, at any depth. The declared types of its fields tell which values are
ids."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import cache
from typing import Any, TypeVar, get_args
from uuid import UUID

from pydantic import BaseModel

from contracts.base import Reference

M = TypeVar("M", bound=BaseModel)


def ids_of(model: BaseModel) -> Iterator[UUID]:
    """Yield every id in `model`, at any depth. `model` is a message, or a part of one."""
    for name, _ in _holders(type(model)):
        yield from ids_within(getattr(model, name))


def ids_within(value: object) -> Iterator[UUID]:
    """Yield every id in `value`, the value of a field."""
    for leaf in _leaves(value):
        if isinstance(leaf, UUID):
            yield leaf
        elif isinstance(leaf, BaseModel):
            yield from ids_of(leaf)


def ids_in(model: type[BaseModel], tree: Mapping[str, Any]) -> Iterator[str]:
    """Yield every id of the hub in `tree`, at any depth. `tree`: JSON of a message, or of a part of one.
    `model`, the class of this message or part, says which fields hold such ids."""
    for name, nested in _holders(model):
        for value in _leaves(tree.get(name)):
            if isinstance(value, str):
                yield value
            elif isinstance(value, Mapping):
                for inner in nested:
                    yield from ids_in(inner, value)


def with_ids(model: M, swap: Callable[[UUID], UUID]) -> M:
    """Return the message with each id replaced by the result of `swap` for this id. If no id changes, return
    the message itself."""
    values = vars(model)
    after = {name: _swapped(values[name], swap) for name, _ in _holders(type(model))}
    changes = {name: value for name, value in after.items() if value is not values[name]}
    return model.model_copy(update=changes) if changes else model


def holds_reference(model: BaseModel) -> bool:
    """Return whether a message still contains a partner's own id of a subject (`Reference`), which the hub has
    to replace."""
    pending: list[object] = [model]
    for value in pending:  # grows in the loop; no recursion, because this runs for every event
        if isinstance(value, _PLAIN):
            continue
        if isinstance(value, _LISTS):
            pending += value
        elif isinstance(value, dict):
            pending += (*value, *value.values())
        elif isinstance(value, Reference):
            return True
        elif isinstance(value, BaseModel):
            pending += vars(value).values()
    return False


_PLAIN = (str, int, date, type(None))
_LISTS = (tuple, list, set, frozenset)


@cache
def _holders(model: type[BaseModel]) -> tuple[tuple[str, tuple[type[BaseModel], ...]], ...]:
    fields = ((name, list(_parts(info.annotation))) for name, info in model.model_fields.items())
    return tuple((name, _nested(parts)) for name, parts in fields if UUID in parts or _nested(parts))


def _parts(annotation: Any) -> Iterator[Any]:
    yield annotation
    for part in get_args(annotation):
        yield from _parts(part)


def _nested(parts: list[Any]) -> tuple[type[BaseModel], ...]:
    models = (part for part in parts if isinstance(part, type) and issubclass(part, BaseModel))
    return tuple(model for model in models if _holders(model))


def _leaves(value: object) -> Iterator[object]:
    if isinstance(value, tuple | list):
        for item in value:
            yield from _leaves(item)
    else:
        yield value


def _swapped(value: Any, swap: Callable[[UUID], UUID]) -> Any:
    if isinstance(value, UUID):
        return swap(value)
    if isinstance(value, BaseModel):
        return with_ids(value, swap)
    if isinstance(value, tuple | list):
        items = [_swapped(item, swap) for item in value]
        same = all(new is old for new, old in zip(items, value, strict=True))
        return value if same else type(value)(items)
    return value
