"""Facts about the work of the hub at one moment, for the console and for commands.

Counts of waiting rows stop at `COUNTED`: this number means "this many, or more".
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
"""Largest number up to which waiting rows are counted. A count of this number means this many, or more."""
TURNS_WITHIN = timedelta(days=30)
"""Longest time for which a master key is used before it is replaced.

Until a replaced key is destroyed, whoever has a copy of it and of the database can read the data of forgotten
households.
"""
LATE = timedelta(minutes=15)
"""Age from which the console shows an undelivered message as a task for a person."""


class Answer(StrEnum):
    """State of a server on which the hub depends (PostgreSQL or Kafka), as found by a probe."""

    OK = "ok"
    ABSENT = "absent"
    """No server accepts connections at the address."""
    MUET = "muet"
    """The server accepts connections but does not answer, because it is frozen or overloaded."""
    REFUSE = "refuse"
    """The server refuses the hub: the password, certificate, database name or rights are wrong."""
    LECTURE_SEULE = "lecture seule"
    """The server accepts no writes, because it is a standby, or is starting or stopping."""
    PLEIN = "plein"
    """The server has no disk space, memory or connections left."""
    ATTEND = "attend"
    """PostgreSQL does not commit, because it waits for a synchronous replica that is absent."""
    VIDE = "vide"
    """The database answers, but lacks the tables of this version of the hub."""
    ANCIENNE = "ancienne"
    """The server is a former primary: a standby has taken over."""


class Asked(StrEnum):
    """Group of facts that are read from PostgreSQL together. If reading one group fails, the other facts are
    still known."""

    PARTENAIRES = "partenaires, et ce qui leur est dû"
    PROCESSUS = "processus du hub"
    REPONSES = "réponses attendues"
    DECISIONS = "décisions à prendre"
    ACTES = "derniers actes, et réplique"


class Etape(StrEnum):
    """Stage at which accepted events or deliveries wait, on the way from the sender to the recipient."""

    DIFFERE = "differe"
    """Events of a message that is not yet read to its end, or that waits for an earlier large file of its
    sender."""
    A_APPLIQUER = "a_appliquer"
    """Events that are accepted and not yet applied."""
    MIS_DE_COTE = "mis_de_cote"
    """Events that are parked, because an earlier event about the same referral, demand… is in quarantine."""
    A_LIVRER = "a_livrer"
    """Deliveries that were not yet attempted, or whose attempt has no recorded outcome."""
    EN_BOITE = "en_boite"
    """Deliveries that wait in a mailbox until the partner fetches them."""


@dataclass(frozen=True, slots=True)
class Pile:
    """Number of rows that wait at one stage between sender and recipient, and how the number changes."""

    etape: Etape
    number: int
    oldest: datetime | None = None
    per_minute: float | None = None
    """Growth of `number` in the last five minutes, in rows a minute: negative if it falls, None if not measured
    for so long."""
    out_per_minute: float | None = None
    """Rows a minute that leave the stage (a step between sender and recipient). None if not measured."""
    out_5_min: float | None = None
    """Rows that left the stage (a step between sender and recipient) in the last five minutes. None if not
    measured."""
    in_per_minute: float | None = None
    """Rows a minute that arrive at the stage (a step between sender and recipient). None if not measured."""

    @property
    def is_measured_soon(self) -> bool:
        """Tell whether the growth is unknown only because it has not been measured for five minutes yet."""
        return self.per_minute is None and not self.capped

    @property
    def capped(self) -> bool:
        """Tell whether `number` is only a lower limit: counting stopped there, and there may be more rows."""
        return self.number >= COUNTED


@dataclass(frozen=True, slots=True)
class Held:
    """Group of messages, events or deliveries of one partner that have one cause, and wait for a person's
    decision."""

    cause: str
    partner: str | None
    number: int
    since: datetime
    until: datetime | None = None
    """Moment of the newest message, event or delivery in the group. None if unknown."""
    refused: bool = False
    """True if the group consists of messages that were refused entirely. They block nothing in the hub: only
    their sender waits for a decision."""
    also: Mapping[str, int] = field(default_factory=dict, hash=False)
    """A message refused for several causes belongs to the group of its first cause. For each further cause:
    the number of messages in this group that were refused for it too."""

    @property
    def latest(self) -> datetime:
        """Return the moment of the newest item (message, event or delivery) in the group. If only the oldest
        item's moment is known, return that moment."""
        return self.until or self.since

    @property
    def lasts(self) -> timedelta:
        """Return the time between the oldest and the newest item (message, event or delivery) in the group."""
        return self.latest - self.since


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Group of requests (referrals, candidacies…) that one recipient has not yet answered. They have one type
    and one state."""

    recipient: str
    etat: str
    number: int
    unproven: int
    """Number of the unanswered requests for which the hub has no proof of receipt."""
    since: datetime
    overdue: int = 0
    """Number of the unanswered requests whose deadline has passed."""
    overdue_since: datetime | None = None
    """Moment at which the earliest of the passed deadlines ended. None if no deadline has passed."""
    nature: str = Nature.ORIENTATION
    """Type of the unanswered requests (referral, candidacy…)."""
    deadline: datetime | None = None
    """Moment before which the request `longest` is to be answered. While this request is not yet received, the
    moment before which it is to be received. None if it has no deadline."""
    longest: UUID | None = None
    """Id of the most overdue request. If no deadline has passed, id of the request that has waited longest."""
    longest_since: datetime | None = None
    longest_unproven: bool = False
    """True if the hub has no proof that the request `longest` was received."""


@dataclass(frozen=True, slots=True)
class Change:
    """Action of an operator of the hub, from the audit."""

    at: datetime
    who: str
    what: str
    on: str
    others: int = 0
    """Number of further objects that the operator changed by the same action."""


class Taker(NamedTuple):
    """Person who undertook to deal with a task, and the moment at which the person said so."""

    nom: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Safeguard:
    """Safeguard of the hub, such as the replica of its keys: its name, its state in French, and whether it
    works."""

    name: str
    state: str
    holds: bool | None
    """Whether the safeguard works. None if it is not configured."""


COUNTED_EVERY = timedelta(minutes=10)
"""Interval between two counts of lost messages and deliveries."""


@dataclass(frozen=True, slots=True)
class LastCount:
    """Result of the last count of lost events and deliveries: of those between `since` and `at`, `lost` were
    lost."""

    since: datetime
    at: datetime
    lost: int

    @property
    def next_at(self) -> datetime:
        """Return the moment at which lost events and deliveries are counted next."""
        return self.at + COUNTED_EVERY

    def is_old(self, now: datetime) -> bool:
        """Tell whether the count is too old to be shown as recent: more than two intervals between counts
        have passed since it was made."""
        return now - self.at > 2 * COUNTED_EVERY


@dataclass(frozen=True, slots=True)
class Behind:
    """Event in which the database went back to an earlier moment: a backup was restored, or a standby took
    over."""

    since: datetime
    """Moment to which the database went back. If that is unknown, it is the present moment. After the repair,
    it is the moment of the repair."""
    by_failover: bool
    """True if a standby took over. The hub then repairs everything by itself."""
    made_good: bool


AHEAD = timedelta(days=7)
"""Time before the due day from which the console shows a person's GDPR request as a task."""


@dataclass(frozen=True, slots=True)
class PersonRequest:
    """Unanswered GDPR request of a person about the personal data that the hub has of that person. `droit` is
    the right that the person uses."""

    id: str
    droit: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Vitals:
    """All facts about the hub at one moment. If PostgreSQL cannot be reached, only a few facts are known:
    those that this machine finds out without it."""

    base: Answer
    bus: Answer
    beats: tuple[Beat, ...] = ()
    piles: tuple[Pile, ...] = ()
    partners: tuple[Correspondent, ...] = ()
    quarantine: tuple[Held, ...] = ()
    orphans: tuple[Held, ...] = ()
    """Answers for which the hub found no matching request, grouped by the partner that sent them."""
    doubts: tuple[Doubt, ...] = ()
    """Doubts about the occupancy and the vacancies that partners declare."""
    halts: tuple[Halt, ...] = ()
    """Halts: positions at which the hub cannot read partners' sources."""
    requests: tuple[PersonRequest, ...] = ()
    """GDPR requests about personal data that nobody has answered yet, and whose answer is due within a week or
    overdue."""
    unanswered: tuple[Unanswered, ...] = ()
    changes: tuple[Change, ...] = ()
    """Newest actions of operators that changed settings of the hub."""
    changes_in_all: int | None = 0
    """Number of actions that changed settings of the hub. None if there are too many to count."""
    takers: Mapping[str, Taker] = field(default_factory=dict)
    """Person who last took on each task, by the task's key."""
    safeguards: tuple[Safeguard, ...] = ()
    last_count: LastCount | None = None
    """Result of the last count of lost messages. None before the first count, or if the viewer may not see
    all partners."""
    behind: Behind | None = None
    """Last time that the database went back to an earlier moment, shown until an hour after the repair. None
    if there was none."""
    began: Mapping[str, datetime] = field(default_factory=dict)
    """Moment at which each condition with an alarm began. The key is the condition's code and what it concerns
    («bus kafka»)."""
    unknown: tuple[Asked, ...] = ()
    """Groups of facts that PostgreSQL did not return. These facts are unknown."""

    def knows(self, what: Asked) -> bool:
        """Tell whether the hub could read this group of facts from PostgreSQL."""
        return self.base is Answer.OK and what not in self.unknown

    @property
    def names(self) -> Mapping[str, str]:
        """Return the names of the partners, by id."""
        return {partner.id: partner.nom for partner in self.partners}

    def pile(self, etape: Etape) -> Pile:
        """Return the number of rows that wait at a stage between sender and recipient, and how this number
        changes."""
        return next((pile for pile in self.piles if pile.etape is etape), Pile(etape, 0))
