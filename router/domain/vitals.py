"""Vitals: what is known of the work of the hub at one moment.

Counts of waiting rows stop at `COUNTED`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from contracts.base import Nature
from router.domain.beats import Beat
from router.domain.correspondents import Correspondent
from router.domain.doubts import Doubt
from router.domain.halts import Halt

COUNTED = 10_000
"""A count of this number means this number, or more."""
TURNS_WITHIN = timedelta(days=30)
"""Longest time for which a master key may be used. Together with an old copy of the database, the key reveals
the data of households forgotten since, until it is replaced and destroyed."""
LATE = timedelta(minutes=15)
"""Age from which an undelivered message is a task for a person."""


class Answer(StrEnum):
    """State of PostgreSQL or Kafka, as a test connection found it."""

    OK = "ok"
    ABSENT = "absent"
    """Nothing accepts connections at the address."""
    MUET = "muet"
    """The server accepts connections but does not answer: frozen or overloaded."""
    REFUSE = "refuse"
    """The server refuses the hub: wrong password, certificate, database name or rights."""
    LECTURE_SEULE = "lecture seule"
    """The server accepts no writes: a standby, or starting or stopping."""
    PLEIN = "plein"
    """No disk space, memory or connections are left."""
    ATTEND = "attend"
    """PostgreSQL does not commit: it waits for an absent synchronous replica."""
    VIDE = "vide"
    """The database lacks the tables of this version."""
    ANCIENNE = "ancienne"
    """Former primary: a standby has taken over."""


class Asked(StrEnum):
    """Group of facts that one query reads from PostgreSQL. If one group cannot be read, the others are still
    known."""

    PARTENAIRES = "partenaires, et ce qui leur est dû"
    PROCESSUS = "processus du hub"
    REPONSES = "réponses attendues"
    DECISIONS = "décisions à prendre"
    ACTES = "derniers actes, et réplique"


class Etape(StrEnum):
    """Stage at which accepted events or deliveries wait."""

    DIFFERE = "differe"
    """Deferred events."""
    A_APPLIQUER = "a_appliquer"
    """Pending events."""
    MIS_DE_COTE = "mis_de_cote"
    """Parked events."""
    A_LIVRER = "a_livrer"
    """Deliveries not yet attempted, or without a recorded outcome."""
    EN_BOITE = "en_boite"
    """Deliveries in a mailbox, not yet fetched."""


@dataclass(frozen=True, slots=True)
class CountedSince:
    """Number of events or deliveries by which a stage has changed since a moment. The figures of a stage
    (`Pile`) have two such numbers: `growth` says how many more wait than then (negative: fewer), `left` how
    many have left since then."""

    number: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Pile:
    """Number of events or deliveries that wait at one stage, and how this number changes."""

    etape: Etape
    number: int
    oldest: datetime | None = None
    growth: CountedSince | None = None
    """Growth of `number` over the last minutes. None if not measured."""
    out_per_minute: float | None = None
    """Rows a minute that leave. None if not measured."""
    left: CountedSince | None = None
    """Rows that have left over the last minutes. None if not measured."""
    in_per_minute: float | None = None
    """Rows a minute that arrive. None if not measured."""
    sampled_at: datetime | None = None
    """Moment of the newest sample, with which later numbers are compared. None if there is no sample within a
    day."""

    @property
    def capped(self) -> bool:
        """Tell whether the count of this stage stopped at the limit (`COUNTED`), so that more events or
        deliveries than `number` may wait."""
        return self.number >= COUNTED


@dataclass(frozen=True, slots=True)
class Held:
    """Messages, events or deliveries of one partner that wait for a decision for the same cause."""

    cause: str
    partner: str | None
    number: int
    since: datetime
    until: datetime | None = None
    """Moment of the newest item, if known."""
    refused: bool = False
    """True for messages that were refused entirely. Such messages block nothing in the hub: only their sender
    waits."""
    also: Mapping[str, int] = field(default_factory=dict, hash=False)
    """Messages of this group that were refused for a further cause too, by that cause. The first cause
    decides the group."""
    run_since: datetime | None = None
    """First refused message of this group since the sender's last accepted message. None if a message was accepted
    after all of them, or for other groups than refused messages."""

    @property
    def latest(self) -> datetime:
        """Return the moment since which the newest held item (message, event or delivery) has waited for a
        decision. If this moment is unknown, return that of the oldest item."""
        return self.until or self.since

    @property
    def lasts(self) -> timedelta:
        """Return how much time lies between the oldest and the newest of the messages, events or deliveries
        that wait for a decision."""
        return self.latest - self.since


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Requests of one type, in one state, that one recipient has not yet answered."""

    recipient: str
    etat: str
    number: int
    unproven: int
    """Requests without a proof of receipt."""
    since: datetime
    """Last change of the request that has not changed for longest."""
    overdue: int = 0
    """Requests whose recipient has not answered before the deadline."""
    overdue_since: datetime | None = None
    """When the earliest of these deadlines ended, if any."""
    past: int = 0
    """Requests with a passed deadline: the overdue ones, and those that the hub had to deliver."""
    nature: str = Nature.ORIENTATION
    deadline: datetime | None = None
    """When `longest` is to be answered, or to be received if it has not yet been received. None without a
    deadline."""
    longest: UUID | None = None
    """Request with the nearest deadline, past or due within the hour. If there is none, the request that has
    waited longest."""
    longest_since: datetime | None = None
    longest_unproven: bool = False
    """True if there is no proof that `longest` was received."""
    longest_refused: bool = False
    """True if the delivery of `longest` was refused, and nobody has decided yet what to do about it."""
    refused: int = 0
    """Requests without a proof of receipt whose delivery was refused, and about which nobody has decided
    yet."""


@dataclass(frozen=True, slots=True)
class Change:
    """Action of an operator, as the audit records it."""

    at: datetime
    who: str
    what: str
    on: str
    others: int = 0
    """Further objects of the same action."""


class Taker(NamedTuple):
    """Person who has undertaken to deal with a task, and when."""

    nom: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Safeguard:
    """Safeguard of the hub, such as the replica of its keys, with its state in French."""

    name: str
    state: str
    holds: bool | None
    """Whether the safeguard works. None if it is not configured."""


COUNTED_EVERY = timedelta(minutes=10)
"""Time between two counts of lost messages and deliveries."""


@dataclass(frozen=True, slots=True)
class LastCount:
    """Result of the last count of losses: how many of the events and deliveries between `since` and `at` were
    lost."""

    since: datetime
    at: datetime
    lost: int

    @property
    def next_at(self) -> datetime:
        """Return when lost events and deliveries are next to be counted."""
        return self.at + COUNTED_EVERY

    def is_old(self, now: datetime) -> bool:
        """Tell whether the next count is overdue. This is so when more than twice `COUNTED_EVERY` has passed
        since the last count."""
        return now - self.at > 2 * COUNTED_EVERY


@dataclass(frozen=True, slots=True)
class Behind:
    """Fact that the database went back to an earlier moment, because a backup was restored or a standby took
    over."""

    since: datetime
    """Moment to which the database went back, or the present if this moment is unknown. After the repair, the
    moment of the repair."""
    by_failover: bool
    """True if a standby took over: the hub then repairs everything by itself."""
    made_good: bool


AHEAD = timedelta(days=7)
"""Time before the due day of a GDPR request from which the request is shown as a task."""


@dataclass(frozen=True, slots=True)
class PersonRequest:
    """GDPR request of a person that nobody has answered yet. `droit` is the right that the person invokes."""

    id: str
    droit: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Vitals:
    """All that is known of the hub's work at one moment. If PostgreSQL does not answer, these are only the
    facts that this machine finds without asking PostgreSQL."""

    base: Answer
    bus: Answer
    beats: tuple[Beat, ...] = ()
    piles: tuple[Pile, ...] = ()
    partners: tuple[Correspondent, ...] = ()
    quarantine: tuple[Held, ...] = ()
    orphans: tuple[Held, ...] = ()
    """Orphan answers, by sender."""
    doubts: tuple[Doubt, ...] = ()
    halts: tuple[Halt, ...] = ()
    requests: tuple[PersonRequest, ...] = ()
    """Unanswered GDPR requests that are due within a week or overdue."""
    unanswered: tuple[Unanswered, ...] = ()
    changes: tuple[Change, ...] = ()
    """Newest changes of settings by operators."""
    changes_in_all: int | None = 0
    """Number of all such changes. None if there are too many to count."""
    takers: Mapping[str, Taker] = field(default_factory=dict)
    """Who last took on each task, by the task's key."""
    safeguards: tuple[Safeguard, ...] = ()
    last_count: LastCount | None = None
    """None before the first count, or if the viewer may not see all partners."""
    behind: Behind | None = None
    """Last time that the database went back, until an hour after the repair."""
    began: Mapping[str, datetime] = field(default_factory=dict)
    """When each condition with an alarm began, by its code and what it concerns («bus kafka»)."""
    broke_at: datetime | None = None
    """When the newest breakdown with an alarm began, even if it is over."""
    unknown: tuple[Asked, ...] = ()
    """Groups that PostgreSQL did not return."""

    def knows(self, what: Asked) -> bool:
        """Tell whether the facts of the group `what` could be read."""
        return self.base is Answer.OK and what not in self.unknown

    @property
    def names(self) -> Mapping[str, str]:
        """Return the names of the partners, by partner id."""
        return {partner.id: partner.nom for partner in self.partners}

    def pile(self, etape: Etape) -> Pile:
        """Return how many events or deliveries wait at a stage. The number is 0 if nothing is known of this
        stage."""
        return next((pile for pile in self.piles if pile.etape is etape), Pile(etape, 0))
