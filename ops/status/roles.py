"""Roles of the hub, as `status` shows them. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from ops.status.verdict import live
from router.domain.roles import AT_WORK, Role
from router.domain.vitals import Vitals


class Running(NamedTuple):
    """Role with its living processes."""

    role: Role
    number: int
    """Living processes of the role."""
    seen_at: datetime | None
    """Last heartbeat; None without heartbeat within a day."""
    waits: str | None
    """French reason why a process cannot work now; None if all processes work."""

    @property
    def tone(self) -> str:
        """Return the colour of the role: `green`, `yellow` if a process waits, `red` without living process
        (`secondary` for the console)."""
        if not self.number:
            return "secondary" if self.role is Role.CONSOLE else "red"
        return "yellow" if self.waits else "green"


def running(facts: Vitals, now: datetime) -> Sequence[Running]:
    """Return each role; roles without which the hub does not work come first, the console last."""
    return [_running(facts, role, now) for role in (*AT_WORK, Role.CONSOLE)]


def _running(facts: Vitals, role: Role, now: datetime) -> Running:
    alive = live(facts.beats, role, now)
    seen = max((beat.beat_at for beat in facts.beats if beat.role is role), default=None)
    return Running(role, len(alive), seen, next((beat.attend for beat in alive if beat.attend), None))
