"""Replace the transports by a sink and a source in memory, for tests and trials."""

from collections import deque
from collections.abc import AsyncIterator

from connectors.media import media_type_of
from contracts.errors import HubError, OutcomeUnknown
from contracts.ports import IntakeReport, Native, Receipt


class MemorySink:
    """Sink in memory, which stands for a partner that recognises repetitions.

    `errors`: errors that the next calls raise, one a call. `answers_lost`: number of next deliveries for
    which `send` raises OutcomeUnknown although it stores them.
    """

    def __init__(self) -> None:
        self.delivered: dict[str, Native] = {}
        self.errors: deque[HubError] = deque()
        self.answers_lost = 0

    async def send(self, native: Native, key: str) -> Receipt:
        """Store a delivery, once for each key."""
        if self.errors:
            raise self.errors.popleft()
        self.delivered.setdefault(key, native)
        if self.answers_lost:
            self.answers_lost -= 1
            raise OutcomeUnknown("Aucune réponse n'est revenue")
        return Receipt()

    async def has_received(self, native: Native, key: str) -> bool:
        """Tell whether a delivery with this key has arrived."""
        if self.errors:
            raise self.errors.popleft()
        return key in self.delivered

    async def close(self) -> None:
        """Do nothing, because there is no connection."""


class MemorySource:
    """Source that holds its files in memory, in `waiting` (name → content)."""

    def __init__(self) -> None:
        self.waiting: dict[str, bytes] = {}
        self.reports: dict[str, IntakeReport] = {}

    async def fetch(self) -> AsyncIterator[Native]:
        """Yield the files in `waiting` in order of arrival. A file is yielded at each call, until `done` is
        called for it."""
        for name, body in list(self.waiting.items()):
            yield Native(body, media_type_of(name), name)

    async def done(self, native: Native, report: IntakeReport) -> None:
        """Keep the intake report about the file `native`, in `reports`. Remove the file from `waiting`, unless
        its content there has changed since `native` was fetched."""
        assert native.filename is not None
        self.reports[native.filename] = report
        if self.waiting.get(native.filename) == native.body:
            del self.waiting[native.filename]

    async def close(self) -> None:
        """Do nothing, because there is no connection."""
