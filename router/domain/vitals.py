"""Describe the vitals: what is known of the hub's work at one moment.

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
"""Number at which counts stop. A count with this value means this number, or more."""
TURNS_WITHIN = timedelta(days=30)
"""Longest time for which a master key may be used before it is replaced. Whoever has the key and an old copy
of the database can read the data of households that were forgotten since the copy, until the key is
destroyed."""
LATE = timedelta(minutes=15)
"""Age from which an undelivered message is a task for a person."""


class Answer(StrEnum):
    """State of PostgreSQL or Kafka, as a test connection found it."""

    OK = "ok"
    ABSENT = "absent"
    """Nothing accepts connections at the address."""
    MUET = "muet"
    """The server accepts connections but does not answer, because it is frozen or overloaded."""
    REFUSE = "refuse"
    """The server refuses the hub, because of a wrong password, certificate or database name, or of missing
    rights."""
    LECTURE_SEULE = "lecture seule"
    """The server accepts no writes, because it is a standby (a copy of the database), or is starting or
    stopping."""
    PLEIN = "plein"
    """The server has no disk space, memory or connections left."""
    ATTEND = "attend"
    """PostgreSQL does not commit, because it waits for a replica that does not answer."""
    VIDE = "vide"
    """The database lacks the tables of this version."""
    ANCIENNE = "ancienne"
    """The server was the primary, but a standby has taken over from it."""


class Asked(StrEnum):
    """A group of facts that one query reads from PostgreSQL. If one group cannot be read, the other groups
    are still known."""

    PARTENAIRES = "partenaires, et ce qui leur est dû"
    PROCESSUS = "processus du hub"
    REPONSES = "réponses attendues"
    DECISIONS = "décisions à prendre"
    ACTES = "derniers actes, et réplique"


class Etape(StrEnum):
    """A stage at which accepted events or deliveries wait."""

    DIFFERE = "differe"
    """Deferred events."""
    A_APPLIQUER = "a_appliquer"
    """Pending events."""
    MIS_DE_COTE = "mis_de_cote"
    """Parked events."""
    A_LIVRER = "a_livrer"
    """Deliveries that were not yet attempted, or whose outcome is not yet recorded."""
    EN_BOITE = "en_boite"
    """Deliveries in a mailbox, not yet fetched."""


@dataclass(frozen=True, slots=True)
class CountedSince:
    """Number of events or deliveries by which a stage has changed since a moment. The figures of a stage
    (`Pile`) have two such numbers. `growth` says how many more wait now than at that moment (negative:
    fewer). `left` says how many have left the stage since then."""

    number: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Pile:
    """Number of events or deliveries that wait at one stage, and how this number changes."""

    etape: Etape
    number: int
    oldest: datetime | None = None
    growth: CountedSince | None = None
    """Change of `number` over the last minutes. None if not measured."""
    out_per_minute: float | None = None
    """Number of events or deliveries that leave the stage in a minute. None if not measured."""
    left: CountedSince | None = None
    """Number of events or deliveries that have left the stage over the last minutes. None if not measured."""
    in_per_minute: float | None = None
    """Number of events or deliveries that arrive at the stage in a minute. None if not measured."""
    sampled_at: datetime | None = None
    """Moment of the newest sample, with which later counts are compared. None if there is no sample of the
    last day."""

    @property
    def capped(self) -> bool:
        """Tell whether the count of this stage stopped at the limit (`COUNTED`), so that more events or
        deliveries than `number` may wait."""
        return self.number >= COUNTED


@dataclass(frozen=True, slots=True)
class Held:
    """Messages, events or deliveries of one partner that wait for a decision, all because of the same
    cause."""

    cause: str
    partner: str | None
    number: int
    since: datetime
    until: datetime | None = None
    """Moment since which the newest item has waited. None if unknown."""
    refused: bool = False
    """True for messages that were refused entirely. Such messages block nothing in the hub; only their sender
    waits."""
    also: Mapping[str, int] = field(default_factory=dict, hash=False)
    """Number of messages of this group that were also refused for a further cause, by this further cause. The
    first cause of a message decides its group."""
    run_since: datetime | None = None
    """Moment at which a message of this group was first refused after the hub last accepted a message of the
    sender in full. None if none was refused since then. Without meaning if `refused` is False."""

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
    """Number of these requests without a proof of receipt."""
    since: datetime
    """Moment of the last change of the request that has gone longest without a change."""
    overdue: int = 0
    """Number of requests whose recipient should have answered by now: a deadline of the recipient has
    passed."""
    overdue_since: datetime | None = None
    """Moment at which the earliest deadline of the requests in `overdue` passed. None if there is no such
    request."""
    past: int = 0
    """Number of requests with any passed deadline: those in `overdue`, and those that the hub itself should
    have delivered by now."""
    nature: str = Nature.ORIENTATION
    deadline: datetime | None = None
    """Moment at which the earliest deadline of the request `longest` ends: to answer it, or to receive it if
    that has not happened yet. None if no deadline runs."""
    longest: UUID | None = None
    """Id of the request that stands for all of them. Among requests whose deadline has passed or ends within
    the hour, it is the one with the earliest deadline. If there are none, it is the request that has waited
    longest."""
    longest_since: datetime | None = None
    longest_unproven: bool = False
    """True if there is no proof that `longest` was received."""
    longest_refused: bool = False
    """True if the delivery of `longest` was refused, and nobody has decided yet what to do about it."""
    refused: int = 0
    """Number of requests without a proof of receipt whose delivery was refused, and about which nobody has
    decided yet."""


@dataclass(frozen=True, slots=True)
class Change:
    """An action of an operator, as the audit records it."""

    at: datetime
    who: str
    what: str
    on: str
    others: int = 0
    """Number of further objects of the same action."""


class Taker(NamedTuple):
    """Person who has undertaken to deal with a task, and when."""

    nom: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Safeguard:
    """A safeguard of the hub, such as the replica of its keys. Its state is a French text."""

    name: str
    state: str
    holds: bool | None
    """True if the safeguard works. None if it is not configured."""


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
        """Return the moment at which lost events and deliveries have to be counted again."""
        return self.at + COUNTED_EVERY

    def is_old(self, now: datetime) -> bool:
        """Tell whether the next count is overdue. This is so when more than twice `COUNTED_EVERY` has passed
        since the last count."""
        return now - self.at > 2 * COUNTED_EVERY


@dataclass(frozen=True, slots=True)
class Behind:
    """The fact that the database went back to an earlier moment, because a backup was restored or a standby
    (a copy of the database) took over."""

    since: datetime
    """Moment to which the database went back, or the present if that moment is unknown. After the repair, it
    is the moment of the repair."""
    by_failover: bool
    """True if a standby took over: the hub then repairs everything by itself."""
    made_good: bool


AHEAD = timedelta(days=7)
"""Time before the due day of a data protection request (GDPR) from which the request is shown as a task."""


@dataclass(frozen=True, slots=True)
class PersonRequest:
    """A person's data protection request (GDPR) that nobody has answered yet. `droit` is the right that the
    person invokes."""

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
    """Unanswered data protection requests (GDPR) that are due within a week, or overdue."""
    unanswered: tuple[Unanswered, ...] = ()
    changes: tuple[Change, ...] = ()
    """Newest changes of settings by operators."""
    changes_in_all: int | None = 0
    """Number of all changes of settings by operators. None if there are too many to count."""
    takers: Mapping[str, Taker] = field(default_factory=dict)
    """Who last took on each task, by the task's key."""
    safeguards: tuple[Safeguard, ...] = ()
    last_count: LastCount | None = None
    """Result of the last count of losses. None before the first count, or if the viewer may not see all
    partners."""
    behind: Behind | None = None
    """Last time that the database went back. None if it never did, and from an hour after the repair."""
    began: Mapping[str, datetime] = field(default_factory=dict)
    """Moment at which each condition with an alarm began. A key is the code of the condition and what it
    concerns («bus kafka»)."""
    broke_at: datetime | None = None
    """Moment at which the newest breakdown with an alarm began, even if the breakdown is over."""
    unknown: tuple[Asked, ...] = ()
    """Groups of facts that could not be read from PostgreSQL."""

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
