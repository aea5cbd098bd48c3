"""Where what a partner answers is read: a short answer at once, any other in a process that can be killed."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from contracts.ports import AnswerReaders

AT_ONCE_BYTES = 16 * 1024
"""What is read of a short answer takes a millisecond or so, whatever it says: nothing in it grows faster than it."""

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reading:
    """How one partner's answers are read. Without `readers`, outside of a hub, all of them at once."""

    partner: str = ""
    readers: AnswerReaders | None = None

    async def of(
        self, size_bytes: int, deadline: float, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Return what a function makes of an answer of this size, until the monotonic `deadline`. Raises what the
        function does; OutcomeUnknown where it takes too much, for its delivery has left."""
        if self.readers is None or size_bytes <= AT_ONCE_BYTES:
            return function(*args, **kwargs)
        left = deadline - time.monotonic()
        return await self.readers.answer(self.partner, left, function, *args, **kwargs)


AT_ONCE = Reading()
