"""Parse the responses of partners' servers: a short one in this process, a long one in a process that can be
killed."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from contracts.ports import AnswerReaders

AT_ONCE_BYTES = 16 * 1024
"""Size of the largest response that this process parses itself. This takes about a millisecond."""

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class AnswerReading:
    """Reader of one partner's HTTP responses. It hands long responses to other processes (`readers`), if there
    are any, and reads the rest in this process."""

    partner: str = ""
    readers: AnswerReaders | None = None

    async def of(
        self, size_bytes: int, deadline: float, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Call `function`, which parses a response of `size_bytes`, and return its result. If there are other
        processes for this (`readers`), one of them parses a long response. It must finish before `deadline`
        (monotonic time, in seconds).

        Raises the errors of `function`; OutcomeUnknown if the other process takes too much time or memory, or
        cannot be started.
        """
        if self.readers is None or size_bytes <= AT_ONCE_BYTES:
            return function(*args, **kwargs)
        left = deadline - time.monotonic()
        return await self.readers.answer(self.partner, left, function, *args, **kwargs)


AT_ONCE = AnswerReading()
