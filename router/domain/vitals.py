"""Facts about the hub's work at one moment, for pages, commands and `verdict`.

Counts stop at `COUNTED`, which means that many or more.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from contracts.base import Nature
from contracts.partner import Partner, SortieBoite
from router.domain.doubts import Doubt
from router.domain.halts import Halt
from router.domain.roles import Role

COUNTED = 10_000
"""Number at which the counting of waiting rows stops."""
BEAT_SECONDS = 10.0
"""Seconds between two heartbeats of a process."""
SILENT_BEAT = timedelta(seconds=3.5 * BEAT_SECONDS)
"""Age of the last heartbeat from which a process counts as dead, frozen, or cut off from PostgreSQL."""
TURNS_WITHIN = timedelta(days=30)
"""Longest time for which a master key is used. A stolen copy of a forgotten household's keys can be opened
until its master key is destroyed."""
LATE = timedelta(minutes=15)
"""Age at which an undelivered message becomes a task for a person."""


TRUE_FOR = timedelta(hours=1)
"""Age up to which a successful delivery proves that the partner can be reached."""


class Answer(StrEnum):
    """Answer of a part of the hub, such as PostgreSQL, to the question whether it works."""

    OK = "ok"
    ABSENT = "absent"
    """Nobody accepts connections at the server's address."""
    MUET = "muet"
    """The server accepts connections and does not answer: it is frozen or overloaded."""
    REFUSE = "refuse"
    """Our access is refused, by password, certificate, name of the database or rights."""
    LECTURE_SEULE = "lecture seule"
    """The server accepts no writes: it is a standby, or starts or stops."""
    PLEIN = "plein"
    """The server has no disk space, memory or connection left."""
    ATTEND = "attend"
    """PostgreSQL waits for an absent replica before it commits."""
    VIDE = "vide"
    """The database answers, but does not have the tables of this version."""
    ANCIENNE = "ancienne"
    """The server is no longer the primary: a standby has taken over."""


class Asked(StrEnum):
    """Question that the hub asks PostgreSQL about its own work. Without an answer, only its figures are
    unknown."""

    PARTENAIRES = "partenaires, et ce qui leur est dû"
    PROCESSUS = "processus du hub"
    REPONSES = "réponses attendues"
    DECISIONS = "décisions à prendre"
    ACTES = "derniers actes, et réplique"


class Etape(StrEnum):
    """Stage at which accepted work waits on its way to the recipient."""

    DIFFERE = "differe"
    """Messages held back until the last row is read: their own, or that of an earlier large file of their
    sender."""
    A_APPLIQUER = "a_appliquer"
    """Events that are accepted, and not yet applied."""
    MIS_DE_COTE = "mis_de_cote"
    """Events that are parked, because an earlier event of their subject is in quarantine."""
    A_LIVRER = "a_livrer"
    """Deliveries not sent yet, or sent without a recorded result."""
    EN_BOITE = "en_boite"
    """Deliveries that a partner has not fetched from its mailbox."""


class Contact(StrEnum):
    """Result of the last attempts to deliver to a partner."""

    JOIGNABLE = "joignable"
    INJOIGNABLE = "injoignable"
    ACCES_REFUSE = "acces_refuse"
    REFUSE = "refuse"
    """The partner is reachable, and refuses everything."""


@dataclass(frozen=True, slots=True)
class Beat:
    """State of one role of a process at its last heartbeat."""

    role: Role
    host: str
    pid: int
    version: str
    started_at: datetime
    beat_at: datetime
    attend: str | None
    """Reason why the role waits, in French; None while it works."""
    unknown_keys: int = 0
    """Requests without a known API key in the hour before the heartbeat."""


@dataclass(frozen=True, slots=True)
class Pile:
    """Number of rows that wait at one stage, and its change."""

    etape: Etape
    number: int
    oldest: datetime | None = None
    per_minute: float | None = None
    """Growth in rows a minute, negative if the number falls; None if not measured."""
    out_per_minute: float | None = None
    """Rows a minute that left the stage; None if not measured."""
    in_per_minute: float | None = None
    """Rows a minute that came to the stage; None if not measured."""

    @property
    def capped(self) -> bool:
        """Tell whether there may be more rows than `number`."""
        return self.number >= COUNTED


@dataclass(frozen=True, slots=True)
class Count:
    """Number of rows in one state, and the moment since which the oldest is in it."""

    number: int = 0
    oldest: datetime | None = None


class Lecture(StrEnum):
    """Result of reading a partner's source."""

    LISIBLE = "lisible"
    ILLISIBLE = "illisible"
    INCONNUE = "inconnue"
    """Result unknown: the last look at the source was too long ago, or none read it to its end."""


@dataclass(frozen=True, slots=True)
class SourceState:
    """Outcome of the last reading of a partner's source."""

    every_s: float
    """Seconds between two looks at the partner's source."""
    seen_at: datetime | None
    """End of the last look at the partner's source; None before the first."""
    succeeded_at: datetime | None = None
    failing_since: datetime | None = None
    """Moment of the first failure in a row; None while the source can be read."""
    failures: int = 0
    cause: str | None = None

    @property
    def next_try(self) -> datetime | None:
        """Return the latest moment of the next look at the source; None before the first look."""
        return self.seen_at and self.seen_at + timedelta(seconds=self.every_s)

    def state(self, now: datetime) -> Lecture:
        """Return whether the source can be read at `now`; unknown if the last look is too old, or if the source was
        never read to its end."""
        beat = timedelta(seconds=self.every_s + BEAT_SECONDS)
        if self.seen_at is None or now - self.seen_at > 2 * beat:
            return Lecture.INCONNUE
        if self.succeeded_at is None and self.failing_since is None:
            return Lecture.INCONNUE
        return Lecture.LISIBLE if self.failing_since is None else Lecture.ILLISIBLE


@dataclass(frozen=True, slots=True)
class Correspondent:
    """Partner with its last messages, its waiting deliveries, and whether it can be reached."""

    id: str
    nom: str = ""
    telephone: str | None = None
    is_siao: bool = False
    rythme: str | None = None
    """Days and hours by which the partner sends something, in French; None if nothing is expected."""
    silent_since: datetime | None = None
    """Moment by which the partner should have sent something. None if the partner is on time."""
    releve_h: float | None = None
    """Hours within which the partner empties its mailbox; None if it has none."""
    lot_s: float = 0.0
    """Seconds for which a delivery may wait for others, to be sent together."""
    known_since: datetime | None = None
    """Moment at which the partner's entry was applied."""
    contact: Contact | None = None
    """Result of the last attempts to deliver; None before the first. A mailbox is reached once its owner has looked
    into it."""
    since: datetime | None = None
    cause: str | None = None
    failures: int = 0
    next_try: datetime | None = None
    refused_types: tuple[tuple[str, datetime], ...] = ()
    """Message types that the partner always refuses, with the moment of the first refusal."""
    seen_at: datetime | None = None
    """Moment at which the last attempt to deliver ended, or of the partner's last look into its mailbox."""
    succeeded_at: datetime | None = None
    """Moment at which a delivery last arrived."""
    reading: SourceState | None = None
    """Result of the attempts to read the partner's source; None if the hub fetches nothing from it."""
    waiting: Count = Count()
    in_box: Count = Count()
    refused: Count = Count()
    uncertain: Count = Count()
    last_in: datetime | None = None
    last_poll: datetime | None = None
    messages_5_min: int = 0
    refusals_24_h: int = 0
    """Number of the partner's messages in the last 24 hours that were refused altogether."""
    partials_24_h: int = 0
    """Number of the partner's messages in the last 24 hours that were accepted in part."""
    rows_refused_24_h: int = 0
    """Number of refused rows in these partly accepted messages."""

    @property
    def is_reached(self) -> bool:
        """Tell whether the last deliveries arrived. True if none was tried."""
        return self.contact in (None, Contact.JOIGNABLE)

    def is_read(self, now: datetime) -> bool:
        """Tell whether the partner's source can be read at `now`. True if nothing is fetched from it."""
        return self.reading is None or self.reading.state(now) is Lecture.LISIBLE

    @property
    def next_attempt(self) -> datetime | None:
        """Return the moment of the next attempt to read the partner's source, if the last one failed;
        otherwise of the next attempt to deliver. Return None if no attempt is planned."""
        reads = self.reading.next_try if self.reading and self.reading.failing_since else None
        delivers = self.next_try if self.waiting.number else None
        return min((moment for moment in (reads, delivers) if moment), default=None)

    def is_news(self, now: datetime) -> bool:
        """Tell whether `seen_at` is recent (`TRUE_FOR`). False for a partner to which nothing is sent."""
        return self.seen_at is not None and now - self.seen_at <= TRUE_FOR


@dataclass(frozen=True, slots=True)
class Held:
    """Group of messages, events or deliveries that wait for a person's decision, with one cause and one
    sender."""

    cause: str
    partner: str | None
    number: int
    since: datetime
    until: datetime | None = None
    """Moment of the newest item; None if unknown."""
    refused: bool = False
    """Whether the items are messages that were refused altogether: then only their sender waits."""

    @property
    def latest(self) -> datetime:
        """Return the moment of the newest item; if unknown, of the oldest."""
        return self.until or self.since

    @property
    def lasts(self) -> timedelta:
        """Return the time between the oldest and the newest item of the group."""
        return self.latest - self.since


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Referrals or candidacies in one state that one recipient still has to answer."""

    recipient: str
    etat: str
    number: int
    unproven: int
    """Number of the unanswered subjects without a proof of receipt."""
    since: datetime
    overdue: int = 0
    """Number of the unanswered subjects past their deadline."""
    overdue_since: datetime | None = None
    """Moment at which the first overdue deadline ended; None if none is over."""
    nature: str = Nature.ORIENTATION
    """Kind of the unanswered subjects."""


@dataclass(frozen=True, slots=True)
class Act:
    """Action of a person on the hub, as the audit records it."""

    at: datetime
    who: str
    what: str
    on: str
    others: int = 0
    """Number of further objects of the same act."""


class Taker(NamedTuple):
    """Person who has taken on a task, and when."""

    nom: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Safeguard:
    """Safeguard of the hub: its name, its state, and whether it works."""

    name: str
    state: str
    holds: bool | None
    """Whether the safeguard works; None if it is not installed."""


COUNTED_EVERY = timedelta(minutes=10)
"""Interval between two regular counts of lost messages."""


@dataclass(frozen=True, slots=True)
class LastCount:
    """Result of the last regular count of lost messages and deliveries."""

    since: datetime
    at: datetime
    lost: int

    @property
    def next_at(self) -> datetime:
        """Return the moment at which the next regular count is due."""
        return self.at + COUNTED_EVERY

    def is_old(self, now: datetime) -> bool:
        """Tell whether the next regular count is overdue."""
        return now - self.at > 2 * COUNTED_EVERY


@dataclass(frozen=True, slots=True)
class Behind:
    """Return of the database to an earlier moment, by a restored backup or a standby that took over."""

    since: datetime
    """Moment to which the database returned, if known. Once everything is repaired: the moment of repair."""
    by_failover: bool
    """True if a standby took over: then the hub repairs everything without help."""
    made_good: bool


AHEAD = timedelta(days=7)
"""Time before its due day from which a person's request is shown as a finding."""


@dataclass(frozen=True, slots=True)
class PersonRequest:
    """Unanswered request of a person about her data."""

    id: str
    droit: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Vitals:
    """All facts about the hub at one moment. Without PostgreSQL, only the probes and safeguards of this
    machine are known."""

    base: Answer
    bus: Answer
    beats: tuple[Beat, ...] = ()
    piles: tuple[Pile, ...] = ()
    partners: tuple[Correspondent, ...] = ()
    quarantine: tuple[Held, ...] = ()
    orphans: tuple[Held, ...] = ()
    """Answers of partners without a matching request, grouped by sender."""
    doubts: tuple[Doubt, ...] = ()
    """Doubts about what partners declare on occupancy and vacancies."""
    halts: tuple[Halt, ...] = ()
    """Positions at which partners' sources cannot be read any further."""
    requests: tuple[PersonRequest, ...] = ()
    """Requests of persons that are due within a week, or overdue."""
    unanswered: tuple[Unanswered, ...] = ()
    acts: tuple[Act, ...] = ()
    """Newest acts that changed the hub's settings."""
    acts_in_all: int | None = 0
    """Number of acts that changed the hub's settings; None if they are too many to be counted."""
    takers: Mapping[str, Taker] = field(default_factory=dict)
    """Person who has lately taken on each task, by the task's name."""
    safeguards: tuple[Safeguard, ...] = ()
    last_count: LastCount | None = None
    """Last count of lost messages; None before the first, and for a viewer who does not see all partners."""
    behind: Behind | None = None
    """Last return of the database to an earlier moment, until it is repaired and for an hour after. None if
    there was none."""
    unknown: tuple[Asked, ...] = ()
    """Questions that PostgreSQL did not answer. Their figures are unknown."""

    def knows(self, what: Asked) -> bool:
        """Tell whether PostgreSQL answered this question."""
        return self.base is Answer.OK and what not in self.unknown

    def pile(self, etape: Etape) -> Pile:
        """Return how much work waits at a stage."""
        return next((pile for pile in self.piles if pile.etape is etape), Pile(etape, 0))


def collected_every_h(partner: Partner) -> float | None:
    """Return the hours for which a delivery may wait in a partner's mailbox. Return None if the partner has
    no mailbox."""
    return partner.sortie.releve_h if isinstance(partner.sortie, SortieBoite) else None
