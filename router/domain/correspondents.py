"""Describe what the hub knows of a partner at one moment: whether it can be reached, what waits for it, and
its last messages."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from contracts.partner import Partner, SortieBoite
from router.domain.beats import BEAT_SECONDS

TRUE_FOR = timedelta(seconds=2 * BEAT_SECONDS)
"""Time for which the last attempt to deliver, or the partner's last look into its mailbox, shows whether the
partner can be reached. After this time, nobody knows: the hub calls a partner only to deliver something."""
OUR_FAULT = "une faute du hub : le journal dit où"
"""French text for the cause of a failed look at a partner's own server, if only the hub's team can mend
it."""


class Contact(StrEnum):
    """State of the connection to a partner, as the last attempts to deliver show it. A partner with a mailbox
    counts as reached when it looks into its mailbox."""

    JOIGNABLE = "joignable"
    INJOIGNABLE = "injoignable"
    ACCES_REFUSE = "acces_refuse"
    REFUSE = "refuse"
    """The partner can be reached, but refuses every delivery."""


@dataclass(frozen=True, slots=True)
class Count:
    """Number of events or deliveries in one state, and since when the oldest of them is in this state."""

    number: int = 0
    oldest: datetime | None = None


class Lecture(StrEnum):
    """Result of the last look at a partner's own server: whether the hub could read the server."""

    LISIBLE = "lisible"
    ILLISIBLE = "illisible"
    INCONNUE = "inconnue"
    """The last look is too long ago, or no look has ended yet."""


@dataclass(frozen=True, slots=True)
class SourceState:
    """Result of the last looks at a partner's own server, from which the hub fetches messages."""

    every_s: float
    """Seconds from one look to the next."""
    seen_at: datetime | None
    """Moment at which a look last began, went on or ended. None before the first look."""
    succeeded_at: datetime | None = None
    failing_since: datetime | None = None
    """Moment of the first failure since the last success. None if the last look succeeded, or has already
    fetched a message that the hub accepted or refused."""
    failures: int = 0
    cause: str | None = None
    lasts_s: float = 0.0
    """Longest duration of a look at a server that does not answer, in seconds."""
    is_watched: bool = True
    """True if the role that looks at the server works now, in any process."""

    def next_try(self, now: datetime) -> datetime | None:
        """Return when the hub looks at the partner's server next. Return None before the first look. If that
        moment has passed at `now`, a look is assumed to be running: return the latest moment at which this
        look ends."""
        if self.seen_at is None:
            return None
        due = self.seen_at + timedelta(seconds=self.every_s)
        return due if now <= due else max(due, self.seen_at + timedelta(seconds=self.lasts_s))

    def state(self, now: datetime) -> Lecture:
        """Return whether the hub can read the partner's server, as known at `now`. Return `INCONNUE` if no
        look has ended, if the last look is too long ago, or if no process looks at the server now
        (`is_watched`)."""
        longest = timedelta(seconds=2 * (self.every_s + BEAT_SECONDS) + self.lasts_s)
        if self.seen_at is None or not self.is_watched or now - self.seen_at > longest:
            return Lecture.INCONNUE
        if self.succeeded_at is None and self.failing_since is None:
            return Lecture.INCONNUE
        return Lecture.LISIBLE if self.failing_since is None else Lecture.ILLISIBLE


@dataclass(frozen=True, slots=True)
class OldKey:
    """An API key that an operator removed from a partner's registry entry, but that somebody still sends. The
    hub refuses requests with this key."""

    retired_at: datetime
    since: datetime
    """Moment of the first refusal of the present series. An hour without a refusal ends a series."""
    last: datetime
    valid_used_at: datetime | None = None
    """Last use of a key that the partner still has, if any."""
    is_of_a_removed: bool = False
    """True if the partner has left the registry."""


@dataclass(frozen=True, slots=True)
class Correspondent:
    """All that the hub knows at one moment of its exchanges with one partner."""

    id: str
    nom: str
    """Name by which people know the partner, or its id if the registry lacks it."""
    telephone: str | None = None
    is_siao: bool = False
    rythme: str | None = None
    """Days and hours at which messages are expected, in French. None if no rhythm is known."""
    silent_since: datetime | None = None
    """Moment by which the partner should have sent something and has not. None if it is on time."""
    releve_h: float | None = None
    """Hours within which the partner has to empty its mailbox. None if it has no mailbox, or if no time is
    set."""
    lot_s: float = 0.0
    """Seconds that a delivery may wait for other deliveries, to leave with them in one lot."""
    known_since: datetime | None = None
    """Moment at which the hub last applied a version of the partner's registry entry."""
    contact: Contact | None = None
    """State of the connection to the partner. None before the first attempt to deliver."""
    since: datetime | None = None
    cause: str | None = None
    failures: int = 0
    next_try: datetime | None = None
    refused_types: tuple[tuple[str, datetime], ...] = ()
    """Message types that the partner refuses every time, each with the moment of the first refusal."""
    seen_at: datetime | None = None
    """Moment at which the last attempt to deliver ended, or at which the partner last looked into its
    mailbox."""
    is_watched: bool = True
    """True if the role that notices a change of `contact` works now, in any process. It is the dispatcher or,
    for a partner with a mailbox, the gateway."""
    succeeded_at: datetime | None = None
    one_server: bool = False
    """True if the hub delivers to the server from which it also reads."""
    reading: SourceState | None = None
    """Result of the last looks at the partner's own server. None if the hub fetches no messages from this
    partner."""
    waiting: Count = Count()
    in_box: Count = Count()
    refused: Count = Count()
    uncertain: Count = Count()
    old_key: OldKey | None = None
    """Removed API key that somebody has sent in the last hour. None if nobody has."""
    last_in: datetime | None = None
    last_poll: datetime | None = None
    messages_5_min: int = 0
    refusals_24_h: int = 0
    """Number of messages of the last 24 hours that were refused entirely."""
    partials_24_h: int = 0
    """Number of messages of the last 24 hours that were accepted in part."""
    partials_since: datetime | None = None
    """Moment of the earliest message counted in `partials_24_h`. None if there is no such message."""
    rows_refused_24_h: int = 0
    """Number of refused rows in the messages counted in `partials_24_h`."""
    partial_causes: tuple[tuple[str, int], ...] = ()
    """Codes of the rejections in the newest messages of `partials_24_h`, each with the number of rejections.
    The most frequent code is first."""
    partial_rows_read: int = 0
    """Number of refused rows whose rejections `partial_causes` counts."""

    @property
    def is_reached(self) -> bool:
        """Tell whether the partner can be reached, as `contact` says. Return True if the hub has not yet
        tried to deliver."""
        return self.contact in (None, Contact.JOIGNABLE)

    @property
    def is_shut_out(self) -> bool:
        """Tell whether the partner's software sends a removed API key, and has sent no valid key since it
        began to do so. Return False for a partner that has left the registry."""
        old = self.old_key
        if old is None or old.is_of_a_removed:
            return False
        return old.valid_used_at is None or old.valid_used_at < old.since

    def is_read(self, now: datetime) -> bool:
        """Tell whether the hub can read the partner's own server, as known at `now`. Return True if the hub
        reads no server of this partner."""
        return self.reading is None or self.reading.state(now) is Lecture.LISIBLE

    def is_quiet(self, now: datetime) -> bool:
        """Tell whether nothing is to be reported about the partner: no failure, no removed API key in use, no
        delivery that waits or went wrong, and no message refused, even in part, in the last 24 hours."""
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
        """Return the moment before which the partner has to empty its mailbox. Return None if the mailbox is
        empty, or if no time is set for emptying it."""
        oldest = self.in_box.oldest
        return oldest + timedelta(hours=self.releve_h) if oldest and self.releve_h else None

    @property
    def has_failed_since(self) -> bool:
        """Tell whether the hub's looks at the partner's server fail now, and the hub has not tried to deliver
        there since the first of these failures. The last attempt to deliver then no longer shows whether the
        partner can be reached. Return False if the hub does not deliver to the server from which it reads."""
        failing_since = self.reading.failing_since if self.reading and self.one_server else None
        return failing_since is not None and (self.seen_at is None or self.seen_at < failing_since)

    def is_news(self, now: datetime) -> bool:
        """Tell whether `contact` is recent enough to be shown as the present state of the connection to the
        partner. Return False in three cases:

        * the hub has not tried to deliver, and the partner has not looked into its mailbox;
        * no living process watches the connection;
        * the hub also reads the server to which it delivers, and reading began to fail after the last attempt
          to deliver.

        Otherwise, return True for two heartbeats after the last attempt, or after the partner last looked into
        its mailbox. If the hub also reads the server to which it delivers, return True as long as reading
        works, however old the last attempt is.
        """
        if self.seen_at is None or not self.is_watched or self.has_failed_since:
            return False
        return (self.one_server and self.is_read(now)) or now - self.seen_at <= TRUE_FOR


def collected_every_h(partner: Partner) -> float | None:
    """Return how many hours a partner has to empty its mailbox. Return None if the partner has no mailbox, or
    if no time is set."""
    return partner.sortie.releve_h if isinstance(partner.sortie, SortieBoite) else None
