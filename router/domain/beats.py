"""Heartbeats: what each process of the hub stores every few seconds to say that it lives."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from router.domain.roles import Role

BEAT_SECONDS = 10.0
SILENT_BEAT = timedelta(seconds=3.5 * BEAT_SECONDS)
"""Age of the last heartbeat at which a process counts as dead, frozen, or cut off from PostgreSQL."""


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
    """Reason, in French, why the role cannot work. None while it works."""
    unknown_keys: int = 0
    """Requests of the last hour without a known API key."""
    unknown_since: datetime | None = None
    unknown_last: datetime | None = None
    """Moment of the last request without a known API key, if any."""
    unknown_address: str | None = None
    """Address of the last request without a known API key."""
    boot: str | None = None
    """Boot of the machine and PID namespace, in which the process runs. None if the system tells too little."""

    def is_followed_by(self, other: "Beat") -> bool:
        """Tell whether the process that sent this heartbeat has certainly ended, because its machine or
        container was started again. This is so if the process of `other` began on the same host after this
        heartbeat, under another boot or PID namespace."""
        restarted = self.boot is not None and other.boot not in (None, self.boot)
        return restarted and other.host == self.host and other.started_at > self.beat_at
