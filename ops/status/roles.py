"""Tell the state of the hub's roles, as `status` shows it."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from ops.status.quantities import since
from ops.status.verdict import Verdict, begun, live
from router.domain.correspondents import Correspondent
from router.domain.roles import AT_WORK, Role
from router.domain.vitals import Asked, Vitals

WATCHING = (Role.GATEWAY, Role.SOURCES, Role.DISPATCHER)
"""The roles whose work shows whether partners can be reached and their own servers can be read."""

MOVING = (*(role for role in AT_WORK if role is not Role.SCHEDULER), "kafka")
"""The parts of the hub without which messages, events or deliveries stand still."""


class Running(NamedTuple):
    """A role, with the number and the state of its living processes."""

    role: Role
    number: int
    """The number of living processes of the role."""
    seen_at: datetime | None
    """When the last heartbeat came; None if none came within a day."""
    waits: str | None
    """The reason, in French, why one of the processes cannot work now; None if all can work."""

    @property
    def tone(self) -> str:
        """Return the colour of the role:

        * `green` if all its processes can work, `yellow` if one cannot;
        * `red` if no process lives;
        * `secondary` (grey) if no process of the console lives: the hub works without it.
        """
        if not self.number:
            return "secondary" if self.role is Role.CONSOLE else "red"
        return "yellow" if self.waits else "green"


def running(facts: Vitals, now: datetime) -> Sequence[Running]:
    """Return the state of each role. The console comes last, because the hub works without it."""
    return [_running(facts, role, now) for role in (*AT_WORK, Role.CONSOLE)]


def watched(facts: Vitals, now: datetime) -> Iterator[Correspondent]:
    """Yield each partner in `facts`, with two facts filled in:

    * `is_watched`: whether the hub can find out now whether the partner can be reached. For a partner with a
      mailbox, the gateway must work for this; for any other partner, the dispatcher.
    * `reading.is_watched`, if the hub reads the partner's own server: whether the role `sources`, which reads
      this server, works now.
    """
    works = {role: any(not beat.attend for beat in live(facts.beats, role, now)) for role in WATCHING}
    for partner in facts.partners:
        is_watched = works[Role.DISPATCHER if partner.releve_h is None else Role.GATEWAY]
        reading = partner.reading and replace(partner.reading, is_watched=works[Role.SOURCES])
        yield replace(partner, is_watched=is_watched, reading=reading)


def unwatched(facts: Vitals, said: Verdict, now: datetime) -> str:
    """Return in French why it is unknown whether partners can be reached now, such as « inconnu :
    « dispatcher » à l'arrêt depuis 02:41 (19 min) ». Return an empty text if it is known."""
    if not (facts.knows(Asked.PARTENAIRES) and facts.knows(Asked.PROCESSUS)):
        return "inconnu : la base n'a pas répondu"
    stopped = stopped_of(said, now, WATCHING)
    return stopped and f"inconnu : {stopped}"


def stopped_of(said: Verdict, now: datetime, among: Collection[str] = MOVING) -> str:
    """Return in French which of the hub's parts in `among` have broken down, such as « « sources » à l'arrêt
    depuis 02:41 (19 min) ». Return an empty text if none has."""
    stops = said.breakdowns(among)
    names = ", ".join(f"« {part} »" for part in among if part in said.down)
    return f"{names} à l'arrêt {since(begun(stops), now)}".strip() if stops else ""


def next_attempt(partner: Correspondent, said: Verdict, now: datetime) -> datetime | Role | None:
    """Return when the hub next tries one of two things: to read a partner's own server after a failure, or to
    make the deliveries that wait for the partner. If both are to be tried, return the earlier time. If no
    time is known because the role that would try has broken down, return this role. Return None if there is
    nothing to try."""
    fails = partner.reading is not None and partner.reading.failing_since is not None
    reads = next_look(partner, said, now) if fails else None
    delivers = _by(Role.DISPATCHER, partner.next_try, said) if partner.waiting.number else None
    moments = (each for each in (reads, delivers) if isinstance(each, datetime))
    return min(moments, default=delivers or reads)


def next_look(partner: Correspondent, said: Verdict, now: datetime) -> datetime | Role | None:
    """Return when the hub next looks at a partner's own server; None if no look is planned. If the role
    `sources`, which makes these looks, has broken down, return this role instead of a time."""
    return _by(Role.SOURCES, partner.reading.next_try(now) if partner.reading else None, said)


def _by(role: Role, moment: datetime | None, said: Verdict) -> datetime | Role | None:
    return role if moment is not None and role in said.down else moment


def _running(facts: Vitals, role: Role, now: datetime) -> Running:
    alive = live(facts.beats, role, now)
    seen = max((beat.beat_at for beat in facts.beats if beat.role is role), default=None)
    return Running(role, len(alive), seen, next((beat.attend for beat in alive if beat.attend), None))
