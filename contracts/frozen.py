"""Dataclasses that must not be changed after construction, and are cheap to make."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True)
def frozen(*, kw_only: bool = False) -> Callable[[type[T]], type[T]]:
    """Return a decorator that makes a dataclass, frozen for the type checker alone. A dataclass frozen at run time
    takes three times as long to make. Use it for values made for every message."""

    def made(cls: type[T]) -> type[T]:
        # `unsafe_hash` gives equal values equal hashes, as a frozen dataclass has them.
        ready: Any = dataclass(slots=True, kw_only=kw_only, unsafe_hash=True)
        return ready(cls)  # type: ignore[no-any-return]  # the overloads of `dataclass` do not take these together

    return made
