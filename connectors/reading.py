"""Read a partner's answers: a short answer in this process, a long one in a process that can be killed."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from contracts.ports import AnswerReaders

AT_ONCE_BYTES = 16 * 1024
"""Size in bytes of the largest answer that this process reads itself, in about a millisecond. A larger answer
is read by a separate process, if the reader has such processes."""

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class AnswerReading:
    """Reader for one partner's answers. Long answers are read by `readers` (other processes); without
    `readers`, all answers are read in this process."""

    partner: str = ""
    readers: AnswerReaders | None = None

    async def of(
        self, size_bytes: int, deadline: float, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Call `function`, which reads an answer of `size_bytes`, and return its result by the monotonic time
        `deadline`.

        Raises the function's errors, and OutcomeUnknown if the call takes too much time or memory.
        """
        if self.readers is None or size_bytes <= AT_ONCE_BYTES:
            return function(*args, **kwargs)
        left = deadline - time.monotonic()
        return await self.readers.answer(self.partner, left, function, *args, **kwargs)


AT_ONCE = AnswerReading()
