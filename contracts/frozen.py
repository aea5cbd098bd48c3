"""Values: data that nobody changes once it is made."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True)
def frozen(*, kw_only: bool = False) -> Callable[[type[T]], type[T]]:
    """A dataclass that the type checker keeps frozen. At run time nothing does: a frozen one takes three times as long
    to make, and each message makes dozens. For what every message makes; all else is a frozen dataclass."""

    def made(cls: type[T]) -> type[T]:
        # Equal values have equal hashes, as those of a frozen dataclass do.
        ready: Any = dataclass(slots=True, kw_only=kw_only, unsafe_hash=True)
        return ready(cls)  # type: ignore[no-any-return]  # the overloads of `dataclass` do not take these together

    return made
