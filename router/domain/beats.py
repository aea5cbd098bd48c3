"""Describe heartbeats, which each process of the hub stores every few seconds to say that it lives."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from router.domain.roles import Role

BEAT_SECONDS = 10.0
SILENT_BEAT = timedelta(seconds=3.5 * BEAT_SECONDS)
"""Age of a process's last heartbeat from which the process counts as dead, frozen, or cut off from
PostgreSQL."""


@dataclass(frozen=True, slots=True)
class Beat:
    """State of one role of a process, as the last heartbeat of the process stored it."""

    role: Role
    host: str
    pid: int
    version: str
    started_at: datetime
    beat_at: datetime
    attend: str | None
    """Reason, in French, why the role cannot work. None while it works."""
    unknown_keys: int = 0
    """Number of requests in the last hour whose API key is missing, or never belonged to a partner."""
    unknown_since: datetime | None = None
    unknown_last: datetime | None = None
    """Moment of the last request with a missing or unknown API key. None if there was none."""
    unknown_address: str | None = None
    """Network address from which the last request with a missing or unknown API key came."""
    boot: str | None = None
    """Code for the machine's present start and the process's container (its PID namespace). None if the
    operating system does not tell them."""

    def is_followed_by(self, other: "Beat") -> bool:
        """Tell whether the heartbeat `other` proves that the process of this heartbeat has ended, because its
        machine or container was started again. This is so if both come from the same host, but from different
        starts of the machine or different containers (`boot`), and the process of `other` began after this
        heartbeat."""
        restarted = self.boot is not None and other.boot not in (None, self.boot)
        return restarted and other.host == self.host and other.started_at > self.beat_at
