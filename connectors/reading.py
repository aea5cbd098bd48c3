"""Reading of a partner's answers: a short answer is read at once, any other in a process that can be killed."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from contracts.ports import AnswerReaders

AT_ONCE_BYTES = 16 * 1024
"""Largest answer that is read at once. It takes about a millisecond, whatever its content: the time of every
function that reads answers is at most proportional to their size."""

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class AnswerReading:
    """Way to read one partner's answers. Without `readers`, as outside a hub, all are read at once."""

    partner: str = ""
    readers: AnswerReaders | None = None

    async def of(
        self, size_bytes: int, deadline: float, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Return the result of a function that reads an answer of this size, until the monotonic `deadline`.

        Raises the function's errors; OutcomeUnknown if it takes too much time or memory, because the delivery has
        left.
        """
        if self.readers is None or size_bytes <= AT_ONCE_BYTES:
            return function(*args, **kwargs)
        left = deadline - time.monotonic()
        return await self.readers.answer(self.partner, left, function, *args, **kwargs)


AT_ONCE = AnswerReading()
