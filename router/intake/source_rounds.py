"""Record how the reading of a partner's source goes, for the log and the heartbeat. A source is the folder, topic or
service in which a partner leaves messages."""

from datetime import UTC, datetime

from router.store.heartbeat import Read
from router.telemetry.outages import OutageLog


class SourceRounds:
    """State of the reading of one partner's source. In this class, a look is one attempt to read all of the source."""

    def __init__(self, partner: str) -> None:
        self._outage = OutageLog("entree", partner)
        self._read = Read(partner, datetime.now(UTC), None, None, 0, None)
        self._failing_since: datetime | None = None
        self._fresh = False

    def goes_on(self) -> None:
        """Record that the present look makes progress, so that a long look does not count as stuck."""
        self._read = self._read._replace(seen_at=datetime.now(UTC))
        self._fresh = True

    def put_away(self) -> None:
        """Record that the present look has settled a message. Until the look ends, the source does not count as
        failing, even if earlier looks failed. If the look fails after all, the source counts as failing since the
        first failed look after the last successful look."""
        self._read = self._read._replace(seen_at=datetime.now(UTC), failing_since=None, cause=None)
        self._fresh = True

    def succeeded(self) -> None:
        """Record that a look has read the partner's source completely."""
        self._outage.succeeded()
        now, self._failing_since = datetime.now(UTC), None
        self._read = Read(self._read.partner, now, now, None, 0, None)
        self._fresh = True

    def failed(self, reason: str) -> None:
        """Record that a look at the partner's source failed. `reason` is in French, without personal values."""
        self._outage.failed(reason)
        now = datetime.now(UTC)
        self._failing_since = self._failing_since or now
        self._read = self._read._replace(
            seen_at=now,
            failing_since=self._failing_since,
            failures=self._read.failures + 1,
            cause=reason,
        )
        self._fresh = True

    def news(self) -> Read | None:
        """Return the state of the partner's source, as last recorded. Return None if nothing was recorded since the
        last call of this method."""
        if not self._fresh:
            return None
        self._fresh = False
        return self._read
