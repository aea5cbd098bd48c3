"""Facts about a partner at one moment: whether it can be reached, what waits for it, and its last messages."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from contracts.partner import Partner, SortieBoite
from router.domain.beats import BEAT_SECONDS

TRUE_FOR = timedelta(hours=1)
"""Time for which a successful delivery counts as proof that the partner can be reached."""


class Contact(StrEnum):
    """Whether a partner can be reached, by the last attempts to deliver to it."""

    JOIGNABLE = "joignable"
    INJOIGNABLE = "injoignable"
    ACCES_REFUSE = "acces_refuse"
    REFUSE = "refuse"
    """The partner can be reached, but refuses every delivery."""


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


def collected_every_h(partner: Partner) -> float | None:
    """Return the number of hours in which a partner has to empty its mailbox. Return None if it has no
    mailbox."""
    return partner.sortie.releve_h if isinstance(partner.sortie, SortieBoite) else None
