"""What is known of the hub's work at one moment: the facts that `verdict` judges, and that every view of it shows.

A number that was counted only so far (`COUNTED`) says so: it stands for that many or more.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from contracts.partner import Partner, SortieBoite
from router.domain.doubts import Doubt
from router.domain.halts import Halt
from router.domain.roles import Role

COUNTED = 10_000
"""Rows of one kind that a question counts at most."""
BEAT_SECONDS = 10.0
"""How often a process says that it lives."""
SILENT_BEAT = timedelta(seconds=3.5 * BEAT_SECONDS)
"""A process that has not said so for this long is dead, frozen, or cut off from PostgreSQL."""
LATE = timedelta(minutes=15)
"""Our own delivery is a task of somebody's after so long, whatever keeps it (domain: 15 min)."""


class Answer(StrEnum):
    """What a part of the hub answers to a probe."""

    OK = "ok"
    ABSENT = "absent"
    """Nobody takes connections there."""
    MUET = "muet"
    """Somebody takes connections, and does not answer: frozen, or out of its depth."""
    REFUSE = "refuse"
    """It answers that we may not come in, or that it takes no writes."""
    ATTEND = "attend"
    """What is written to it waits for a replica that is away."""
    ANCIENNE = "ancienne"
    """A standby has taken over from it."""


class Etape(StrEnum):
    """Where accepted work waits, on its way from the door to its recipient."""

    DIFFERE = "differe"
    """Messages whose events wait for a large file of the same sender, or for their own rows."""
    A_APPLIQUER = "a_appliquer"
    """Events that are accepted, and not yet applied."""
    MIS_DE_COTE = "mis_de_cote"
    """Events that wait behind one of their subject in quarantine."""
    A_LIVRER = "a_livrer"
    """Deliveries that have not left, or whose end is not on record."""
    EN_BOITE = "en_boite"
    """Deliveries that a partner has not collected from its mailbox."""


class Contact(StrEnum):
    """What the last attempts to deliver to a partner came to."""

    JOIGNABLE = "joignable"
    INJOIGNABLE = "injoignable"
    ACCES_REFUSE = "acces_refuse"
    REFUSE = "refuse"
    """It is there, and says no to all it is sent."""


@dataclass(frozen=True, slots=True)
class Beat:
    """A role of a process, as that process last told of it."""

    role: Role
    host: str
    pid: int
    version: str
    started_at: datetime
    beat_at: datetime
    attend: str | None
    """What the role waits for, in French; None while it works."""
    unknown_keys: int = 0
    """Requests without a known key that came to its process in the last hour before that."""


@dataclass(frozen=True, slots=True)
class Pile:
    """What waits at one stage."""

    etape: Etape
    number: int
    oldest: datetime | None = None
    per_minute: float | None = None
    """How fast it grows, in rows a minute; negative while it drains; None where nobody has measured."""
    out_per_minute: float | None = None
    """How many rows a minute left it, for the next stage or for good; None where nobody has measured."""
    in_per_minute: float | None = None
    """How many rows a minute came to it, also where it is not counted to its end; None where nobody has measured."""

    @property
    def capped(self) -> bool:
        """Whether there may be more than `number`."""
        return self.number >= COUNTED


@dataclass(frozen=True, slots=True)
class Waiting:
    """Deliveries to one partner in one kind of state: how many, since when the oldest."""

    number: int = 0
    oldest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Correspondent:
    """One partner: what it sent, what it is owed, and how its way out does."""

    id: str
    rythme: str | None = None
    """When it says something, in French; None where nothing is expected of it."""
    silent_since: datetime | None = None
    """By when it should have said something; None while it is within its rhythm."""
    releve_h: float | None = None
    """It empties its mailbox at least every so many hours; None where it has none."""
    lot_s: float = 0.0
    """How long a delivery to it may wait for others to leave with."""
    known_since: datetime | None = None
    """When its entry was applied."""
    contact: Contact | None = None
    """None before the first attempt."""
    since: datetime | None = None
    cause: str | None = None
    failures: int = 0
    next_try: datetime | None = None
    waiting: Waiting = Waiting()
    in_box: Waiting = Waiting()
    refused: Waiting = Waiting()
    uncertain: Waiting = Waiting()
    last_in: datetime | None = None
    last_poll: datetime | None = None
    messages_5_min: int = 0
    refusals_24_h: int = 0
    """Messages of which nothing was accepted."""


@dataclass(frozen=True, slots=True)
class Held:
    """What waits for a decision, of one cause and sender."""

    cause: str
    partner: str | None
    number: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Referrals or candidacies that a recipient owes an answer to, in one state."""

    recipient: str
    etat: str
    number: int
    unproven: int
    """Those of them that it has provably not received yet."""
    since: datetime


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody did."""

    at: datetime
    who: str
    what: str
    on: str


@dataclass(frozen=True, slots=True)
class Net:
    """A safety net: what it is, how it is, and whether it holds."""

    name: str
    state: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Behind:
    """The database went back to an earlier moment."""

    since: datetime
    """That moment, as far as is known; once all is made good, when that was."""
    by_failover: bool
    """A standby took over: the hub makes it good by itself."""
    made_good: bool


@dataclass(frozen=True, slots=True)
class Vitals:
    """All of it. Without PostgreSQL only the probes and the nets of this machine say anything."""

    base: Answer
    bus: Answer
    beats: tuple[Beat, ...] = ()
    piles: tuple[Pile, ...] = ()
    partners: tuple[Correspondent, ...] = ()
    quarantine: tuple[Held, ...] = ()
    orphans: tuple[Held, ...] = ()
    """Answers that match nothing, by sender."""
    doubts: tuple[Doubt, ...] = ()
    """What partners declare and nobody can rely on."""
    halts: tuple[Halt, ...] = ()
    """Where sources cannot be read on."""
    unanswered: tuple[Unanswered, ...] = ()
    acts: tuple[Act, ...] = ()
    nets: tuple[Net, ...] = field(default=())
    behind: Behind | None = None
    """The last time that the database went back, while anybody should know."""

    def pile(self, etape: Etape) -> Pile:
        """What waits at a stage."""
        return next((pile for pile in self.piles if pile.etape is etape), Pile(etape, 0))


def collected_every_h(partner: Partner) -> float | None:
    """How long what lies in a partner's mailbox may stay there, in hours; None where it has no mailbox."""
    return partner.sortie.releve_h if isinstance(partner.sortie, SortieBoite) else None
