"""Read a partner's answers: a short answer at once, any other in a process that can be killed."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from contracts.ports import AnswerReaders

AT_ONCE_BYTES = 16 * 1024
"""Size in bytes of the largest partner's answer that is read at once. That takes about a millisecond,
whatever its content, because every function that reads answers takes time linear in their size."""

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class AnswerReading:
    """Reader of one partner's answers. Without `readers` (processes), as outside a hub, it reads every answer
    at once."""

    partner: str = ""
    readers: AnswerReaders | None = None

    async def of(
        self, size_bytes: int, deadline: float, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Call a function that reads an answer of `size_bytes`, and return its result by the monotonic time
        `deadline`.

        Raises the function's errors, and OutcomeUnknown if the function takes too much time or memory,
        because the delivery was sent by then.
        """
        if self.readers is None or size_bytes <= AT_ONCE_BYTES:
            return function(*args, **kwargs)
        left = deadline - time.monotonic()
        return await self.readers.answer(self.partner, left, function, *args, **kwargs)


AT_ONCE = AnswerReading()
