"""Roles of the hub, each with its living processes and its last heartbeat. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from ops.status.verdict import live
from router.domain.roles import AT_WORK, Role
from router.domain.vitals import Vitals


class Running(NamedTuple):
    """Role of the hub, with its living processes, as `status` shows it."""

    role: Role
    number: int
    """Number of living processes of the role."""
    seen_at: datetime | None
    """Last heartbeat of the role; None if there was no heartbeat within a day."""
    waits: str | None
    """French reason why a process of the role cannot work now and waits; None if all processes work."""

    @property
    def tone(self) -> str:
        """Return the colour of the role: `green` if its processes work, `yellow` if one of them waits, `red` if
        no process lives. The hub can do without the console: without a process, it is `secondary`."""
        if not self.number:
            return "secondary" if self.role is Role.CONSOLE else "red"
        return "yellow" if self.waits else "green"


def running(facts: Vitals, now: datetime) -> Sequence[Running]:
    """Return each role with its processes: first the roles without which the hub does not work, then the
    console."""
    return [_running(facts, role, now) for role in (*AT_WORK, Role.CONSOLE)]


def _running(facts: Vitals, role: Role, now: datetime) -> Running:
    alive = live(facts.beats, role, now)
    seen = max((beat.beat_at for beat in facts.beats if beat.role is role), default=None)
    return Running(role, len(alive), seen, next((beat.attend for beat in alive if beat.attend), None))
