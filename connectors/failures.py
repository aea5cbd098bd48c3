"""Answer requests that have no valid API key. They are logged and counted, and an address that repeats them
gets its responses more slowly.

Requests with a valid key are never slowed down.
"""

import asyncio
import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog

from connectors.addresses import sender_of
from connectors.answer import CLOSE, Answer
from connectors.problem import UNAUTHENTICATED, problem
from connectors.token_bucket import TokenBucket
from contracts.unknown_keys import UnknownKeys

logger = structlog.get_logger()
ADDRESSES = 10_000
"""Limit on the addresses whose failures are remembered. Those that failed longest ago are forgotten first."""
AT_ONCE, PER_SECOND = 20, 1.0
"""Number of failed authentications of one address that are answered without delay: `AT_ONCE` in a row after a
quiet time, then `PER_SECOND` a second."""
HELD_SECONDS = 5.0
"""Longest delay of a response. If a response would have to wait longer, it is 429, without delay."""
HELD_TOGETHER = 200
"""Limit on the responses that are delayed at the same time."""
MINUTE_SECONDS, HOUR_MINUTES = 60.0, 60
HOUR = timedelta(minutes=HOUR_MINUTES)

SLOW_DOWN = problem(
    429,
    "cle-api-invalide-repetee",
    "Trop d'essais avec une clé inconnue",
    "Vérifiez la clé que votre logiciel envoie, au besoin auprès de l'équipe du hub, avant d'essayer de nouveau. "
    "Une clé valide n'est jamais ralentie.",
    retry_after=30,
    headers=CLOSE,
)


class _Failing:
    __slots__ = ("bucket", "count")

    def __init__(self) -> None:
        self.bucket = TokenBucket(PER_SECOND, AT_ONCE)
        self.count = 0


class Failures:
    """Failed authentications seen by this process, counted by the sender's address."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failing: OrderedDict[str, _Failing] = OrderedDict()
        self._by_minute: Counter[int] = Counter()
        self._since: datetime | None = None
        self._last: datetime | None = None
        self._address: str | None = None
        self._held = 0

    def in_the_last_hour(self) -> UnknownKeys:
        """Return the count of the requests of the last hour whose API key was missing or never belonged to a
        partner. The count says since when such requests come, and from which address the last one came. The
        hour is counted in whole minutes."""
        first = self._minute() - HOUR_MINUTES + 1
        self._by_minute = Counter({at: number for at, number in self._by_minute.items() if at >= first})
        number = self._by_minute.total()
        return UnknownKeys(number, self._since, self._last, self._address) if number else UnknownKeys()

    async def answer(self, host: str, *, retired: bool = False) -> Answer:
        """Return the response to a request without a valid API key: 401, after a delay if `host` has failed
        often. If this delay would be too long, or too many responses are already delayed, return 429 at once.

        `retired`: the key once belonged to a partner. Such a request is not counted among those with an unknown
        key.
        """
        address = sender_of(host)
        failing = self._of(address)
        failing.count += 1
        if not retired:
            self._count(address)
        if failing.count & (failing.count - 1) == 0:
            logger.warning("authentication.failed", address=address, failures=failing.count)
        wait = failing.bucket.reserve(self._clock(), HELD_SECONDS)
        if wait is None or (wait and self._held >= HELD_TOGETHER):
            return SLOW_DOWN
        if wait:
            await self._hold(wait)
        return UNAUTHENTICATED

    def _count(self, address: str) -> None:
        self._by_minute[self._minute()] += 1
        now = datetime.now(UTC)
        if self._last is None or now - self._last > HOUR:
            self._since = now
        self._last, self._address = now, address

    def _minute(self) -> int:
        return int(self._clock() // MINUTE_SECONDS)

    async def _hold(self, seconds: float) -> None:
        self._held += 1
        try:
            await asyncio.sleep(seconds)
        finally:
            self._held -= 1

    def _of(self, address: str) -> _Failing:
        failing = self._failing.get(address)
        if failing is None:
            failing = self._failing[address] = _Failing()
            if len(self._failing) > ADDRESSES:
                self._failing.popitem(last=False)
        self._failing.move_to_end(address)
        return failing
