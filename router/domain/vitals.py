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
from contracts.partner import Partner, SortieBoite
from router.domain.doubts import Doubt
from router.domain.halts import Halt
from router.domain.roles import Role

COUNTED = 10_000
"""Largest number up to which waiting rows are counted. A count of this number means this many, or more."""
BEAT_SECONDS = 10.0
"""Seconds between two heartbeats of a process."""
SILENT_BEAT = timedelta(seconds=3.5 * BEAT_SECONDS)
"""Age of the last heartbeat after which a process counts as dead, frozen, or cut off from PostgreSQL."""
TURNS_WITHIN = timedelta(days=30)
"""Longest time for which a master key is used before it is replaced.

Until a replaced key is destroyed, whoever has a copy of it and of the database can read the data of forgotten
households.
"""
LATE = timedelta(minutes=15)
"""Age from which the console shows an undelivered message as a task for a person."""


TRUE_FOR = timedelta(hours=1)
"""Time for which a successful delivery counts as proof that the partner can be reached."""


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


class Contact(StrEnum):
    """Whether a partner can be reached, by the last attempts to deliver to it."""

    JOIGNABLE = "joignable"
    INJOIGNABLE = "injoignable"
    ACCES_REFUSE = "acces_refuse"
    REFUSE = "refuse"
    """The partner can be reached, but refuses every delivery."""


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
    """Reason, in French, why the role cannot work at the moment. None while it works."""
    unknown_keys: int = 0
    """Number of requests in the hour before the heartbeat without an API key, or with a key that no partner
    ever had."""
    unknown_since: datetime | None = None
    unknown_last: datetime | None = None
    """Moment of the last request without an API key, or with a key that no partner ever had. None if there was
    no such request."""
    unknown_address: str | None = None
    """Address from which this request came."""


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
class Count:
    """Number of rows in one state, and the moment since which the oldest of them is in this state."""

    number: int = 0
    oldest: datetime | None = None


class Lecture(StrEnum):
    """Result of the hub's last attempts to read a partner's source (SFTP folder, service or topic)."""

    LISIBLE = "lisible"
    ILLISIBLE = "illisible"
    INCONNUE = "inconnue"
    """The last attempt to read the source is too long ago, or no attempt has yet come to the end of the source."""


@dataclass(frozen=True, slots=True)
class SourceState:
    """Result of the hub's attempts to read a partner's source: a folder, topic or service from which the hub
    fetches messages."""

    every_s: float
    """Seconds from one attempt to read the source to the next."""
    seen_at: datetime | None
    """End of the last attempt to read the source. None before the first attempt."""
    succeeded_at: datetime | None = None
    failing_since: datetime | None = None
    """Moment of the first failure since the last success. None if the last attempt succeeded."""
    failures: int = 0
    cause: str | None = None

    @property
    def next_try(self) -> datetime | None:
        """Return the moment by which the next attempt to read the source is due. Return None before the first
        attempt."""
        return self.seen_at and self.seen_at + timedelta(seconds=self.every_s)

    def state(self, now: datetime) -> Lecture:
        """Return whether the partner's source (SFTP folder, service or topic) could be read, as known at `now`.
        The result is `INCONNUE` if the last attempt is too long ago, or if no attempt has yet come to the end
        of the source."""
        beat = timedelta(seconds=self.every_s + BEAT_SECONDS)
        if self.seen_at is None or now - self.seen_at > 2 * beat:
            return Lecture.INCONNUE
        if self.succeeded_at is None and self.failing_since is None:
            return Lecture.INCONNUE
        return Lecture.LISIBLE if self.failing_since is None else Lecture.ILLISIBLE


@dataclass(frozen=True, slots=True)
class OldKey:
    """API key that an operator removed from a partner's entry, and that somebody still sends. The gateway
    refuses requests with this key."""

    retired_at: datetime
    since: datetime
    """Moment of the first refusal in the present series of refusals. An hour without a refusal ends a
    series."""
    last: datetime
    valid_used_at: datetime | None = None
    """Last use of one of the keys that the partner still has. None if none was used."""
    is_of_a_removed: bool = False
    """True if the partner is no longer in the registry."""


@dataclass(frozen=True, slots=True)
class Correspondent:
    """Facts about one partner: its last messages, the deliveries that wait for it, and whether it can be
    reached."""

    id: str
    nom: str
    """Name by which people know the partner. It is the partner's id if the registry lacks the partner."""
    telephone: str | None = None
    is_siao: bool = False
    rythme: str | None = None
    """Days and hours at which the hub expects messages of the partner, in French. None if it expects none."""
    silent_since: datetime | None = None
    """Moment by which the partner should have sent something and has not. None if it is on time."""
    releve_h: float | None = None
    """Number of hours in which the partner has to empty its mailbox, by its registry entry. None if it has no
    mailbox."""
    lot_s: float = 0.0
    """Seconds that a delivery may wait for further deliveries, to leave with them in one file."""
    known_since: datetime | None = None
    """Moment at which the hub last applied the partner's registry entry."""
    contact: Contact | None = None
    """Whether the partner can be reached. None before the first attempt. A partner with a mailbox is reached
    when it looks into the mailbox."""
    since: datetime | None = None
    cause: str | None = None
    failures: int = 0
    next_try: datetime | None = None
    refused_types: tuple[tuple[str, datetime], ...] = ()
    """Message types that the partner refuses every time, each with the moment of the first refusal."""
    seen_at: datetime | None = None
    """End of the last attempt to deliver, or the partner's last look into its mailbox."""
    succeeded_at: datetime | None = None
    """Moment of the last successful delivery."""
    one_server: bool = False
    """True if the hub delivers to the server from which it also reads."""
    reading: SourceState | None = None
    """Result of the hub's attempts to read the partner's source. None if the hub fetches no messages from
    this partner."""
    waiting: Count = Count()
    in_box: Count = Count()
    refused: Count = Count()
    uncertain: Count = Count()
    old_key: OldKey | None = None
    """Use of an API key that an operator removed from the partner's entry. None if nobody sent such a key in
    the last hour."""
    last_in: datetime | None = None
    last_poll: datetime | None = None
    messages_5_min: int = 0
    refusals_24_h: int = 0
    """Number of the partner's messages of the last 24 hours that were refused entirely."""
    partials_24_h: int = 0
    """Number of the partner's messages of the last 24 hours that were accepted in part."""
    partials_since: datetime | None = None
    """Moment of the earliest of the messages that were accepted in part in the last 24 hours. None if there
    is none."""
    rows_refused_24_h: int = 0
    """Number of refused rows in the messages counted in `partials_24_h`."""
    partial_causes: tuple[tuple[str, int], ...] = ()
    """Codes of the rejections of refused rows, each with its number, most frequent first. They come from the
    newest messages counted in `partials_24_h`."""
    partial_rows_read: int = 0
    """Number of refused rows whose rejections `partial_causes` counts."""

    @property
    def is_reached(self) -> bool:
        """Tell whether the last deliveries succeeded. A partner to which nothing was delivered yet counts as
        reached."""
        return self.contact in (None, Contact.JOIGNABLE)

    @property
    def is_shut_out(self) -> bool:
        """Tell whether a partner of the registry still sends a removed API key, and has sent no valid key since
        the key's first refusal."""
        old = self.old_key
        if old is None or old.is_of_a_removed:
            return False
        return old.valid_used_at is None or old.valid_used_at < old.since

    def is_read(self, now: datetime) -> bool:
        """Tell whether the partner's source (SFTP folder, service or topic) could be read, as known at `now`.
        Return True if the partner has no such source."""
        return self.reading is None or self.reading.state(now) is Lecture.LISIBLE

    @property
    def next_attempt(self) -> datetime | None:
        """Return the moment of the next retry: the next attempt to read the partner's failing source, or the
        next attempt to deliver, whichever is first. Return None if no retry is planned."""
        reads = self.reading.next_try if self.reading and self.reading.failing_since else None
        delivers = self.next_try if self.waiting.number else None
        return min((moment for moment in (reads, delivers) if moment), default=None)

    def is_quiet(self, now: datetime) -> bool:
        """Tell whether all goes well with the partner. It can be reached, its source can be read, and nobody
        sends an API key that was removed from its entry.

        No delivery to it waits, lies in its mailbox, was refused or has an unknown outcome. None of its
        messages of the last 24 hours was refused, even in part.
        """
        owed = (self.waiting, self.in_box, self.refused, self.uncertain)
        return (
            self.is_reached
            and self.is_read(now)
            and self.old_key is None
            and self.cause is None
            and not any(count.number for count in owed)
            and not self.refusals_24_h
            and not self.partials_24_h
        )

    @property
    def collect_by(self) -> datetime | None:
        """Return the moment before which the partner has to empty its mailbox. Return None if nothing lies in
        the mailbox, or if the partner has no time limit."""
        oldest = self.in_box.oldest
        return oldest + timedelta(hours=self.releve_h) if oldest and self.releve_h else None

    @property
    def has_failed_since(self) -> bool:
        """Tell whether the server to which the hub delivers has failed to be read since the last attempt to
        deliver. The outcome of that attempt then proves nothing any more."""
        failing_since = self.reading.failing_since if self.reading and self.one_server else None
        return failing_since is not None and (self.seen_at is None or self.seen_at < failing_since)

    def is_news(self, now: datetime) -> bool:
        """Tell whether the hub knows from a recent event that the partner can be reached or not. The event is
        the last attempt to deliver, or the partner's last look into its mailbox. It must be within the last
        `TRUE_FOR`, and reading from the same server must not have failed since."""
        return self.seen_at is not None and now - self.seen_at <= TRUE_FOR and not self.has_failed_since


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
class Act:
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
    acts: tuple[Act, ...] = ()
    """Newest actions of operators that changed settings of the hub."""
    acts_in_all: int | None = 0
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


def collected_every_h(partner: Partner) -> float | None:
    """Return the number of hours in which a partner has to empty its mailbox. Return None if it has no
    mailbox."""
    return partner.sortie.releve_h if isinstance(partner.sortie, SortieBoite) else None
