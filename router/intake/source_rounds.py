"""State of the reading of one partner's source, for the log and the heartbeat."""

from datetime import UTC, datetime

from router.store.heartbeat import Read
from router.telemetry.outages import OutageLog


class SourceRounds:
    """State of the reading of one partner's source. A round is one attempt to read the whole source."""

    def __init__(self, partner: str) -> None:
        self._outage = OutageLog("entree", partner)
        self._read = Read(partner, datetime.now(UTC), None, None, 0, None)
        self._fresh = False

    def goes_on(self) -> None:
        """Record that the round makes progress, so that a long round does not count as stuck."""
        self._read = self._read._replace(seen_at=datetime.now(UTC))
        self._fresh = True

    def succeeded(self) -> None:
        """Record that a round has read all messages."""
        self._outage.succeeded()
        now = datetime.now(UTC)
        self._read = Read(self._read.partner, now, now, None, 0, None)
        self._fresh = True

    def failed(self, reason: str) -> None:
        """Record that a round failed. `reason` is in French, without personal values."""
        self._outage.failed(reason)
        now, before = datetime.now(UTC), self._read
        self._read = before._replace(
            seen_at=now,
            failing_since=before.failing_since or now,
            failures=before.failures + 1,
            cause=reason,
        )
        self._fresh = True

    def news(self) -> Read | None:
        """Return the state of the reading if it has changed since the last call, else None."""
        if not self._fresh:
            return None
        self._fresh = False
        return self._read
