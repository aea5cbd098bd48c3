"""Heartbeats of the processes of the hub."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from router.domain.roles import Role

BEAT_SECONDS = 10.0
"""Seconds between two heartbeats of a process."""
SILENT_BEAT = timedelta(seconds=3.5 * BEAT_SECONDS)
"""Age of the last heartbeat after which a process counts as dead, frozen, or cut off from PostgreSQL."""


@dataclass(frozen=True, slots=True)
class Beat:
    """State of one role of a process, as stored with its last heartbeat."""

    role: Role
    host: str
    pid: int
    version: str
    started_at: datetime
    beat_at: datetime
    attend: str | None
    """Reason, in French, why the role cannot work at the moment. None while it works."""
    unknown_keys: int = 0
    """Number of requests in the hour before the heartbeat without an API key, or with a key that no partner
    ever had."""
    unknown_since: datetime | None = None
    unknown_last: datetime | None = None
    """Moment of the last request without an API key, or with a key that no partner ever had. None if there was
    no such request."""
    unknown_address: str | None = None
    """Address from which this request came."""
