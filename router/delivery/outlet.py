"""Outlet of one partner: the transport, the circuit breaker, the number of lanes in flight, and the outage log.
A lane is the deliveries to one partner about one subject, such as a referral."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from contracts.errors import Throttled
from contracts.partner import ClasseLivraison, Partner, SortieBoite
from contracts.ports import Sink
from router.delivery.breaker import Breaker
from router.delivery.refusals import Refusals
from router.domain.correspondents import Contact
from router.process.leases import Lease
from router.store.heartbeat import ContactNews
from router.telemetry.outages import OutageLog

SETTLING_SECONDS = 2.0
"""Seconds to wait after the death of a process, before another process claims its lanes. A lane is the
deliveries to one partner about one subject, such as a referral. In this time, the last delivery of the dead
process may still arrive. For partners that recognise repetitions only."""

TOLD_EVERY = timedelta(seconds=30)
"""Time after which the state of a reachable partner is written to the database again, even without a change."""
FAILS_FOR = timedelta(minutes=1)
"""A partner counts as unreachable when all its deliveries have failed for this time, counted from the first
failure."""


def utc_now() -> datetime:
    """Return the present time in UTC, timezone-aware."""
    return datetime.now(UTC)


def classe_of(partner: Partner) -> ClasseLivraison:
    """Return the partner's class of delivery: whether its system recognises repetitions, can be asked
    whether it has a delivery, or can do neither. A partner with a mailbox of the hub counts as
    recognising repetitions."""
    in_a_box = isinstance(partner.sortie, SortieBoite)
    return ClasseLivraison.DEDUPLIQUE if in_a_box else partner.livraison


def rests_of(partners: Iterable[Partner]) -> dict[str, float]:
    """Return, for each partner, how many seconds its lanes must rest after the death of the process that was
    sending them. A lane is the deliveries to one partner about one subject, such as a referral. In this time,
    the last delivery of the dead process may still arrive; then another process may claim the lanes.

    Two kinds of partners are left out. One kind gets no deliveries. The other neither recognises repetitions
    nor can be asked whether it has a delivery: its lanes rest until their lease ends.
    """
    rests = {}
    for partner in partners:
        if partner.sortie is not None and (classe := classe_of(partner)) is not ClasseLivraison.AUCUNE:
            deduplicates = classe is ClasseLivraison.DEDUPLIQUE
            rests[partner.id] = SETTLING_SECONDS if deduplicates else partner.sortie.delai_s
    return rests


@dataclass(slots=True)
class Outlet:
    """Everything that a process needs to deliver to one partner: transport, circuit breaker, limits, and
    whether the partner can be reached. If the partner's registry entry changes, a new outlet is made."""

    partner: Partner
    probing: Lease
    """Lease for probing. While the breaker is open, only the process that holds this lease sends trial
    deliveries (probes)."""
    outage: OutageLog
    """Log of the partner's outages. When a changed registry entry makes a new outlet, the log is passed on to
    it."""
    breaker: Breaker = field(default_factory=Breaker)
    refusals: Refusals = field(default_factory=Refusals)
    flying: int = 0
    """Number of lanes that are being sent now. A lane is the deliveries to one partner about one subject, such
    as a referral."""
    crowded: bool = True
    """True if the last claim of the partner's deliveries reached a limit, so that more deliveries to the
    partner may be due."""
    contact: Contact | None = None
    """Whether the partner can be reached, according to the last attempts. None before the first attempt."""
    turned: bool = False
    """True if, since the last report to the database, the partner became reachable or unreachable (`contact`),
    or began or stopped to refuse message types."""
    _since: datetime | None = None
    _failing_since: datetime | None = None
    _seen_at: datetime = field(default_factory=utc_now)
    _succeeded_at: datetime | None = None
    _cause: str | None = None
    _fresh: bool = False
    _types: dict[str, datetime | None] = field(default_factory=dict)
    """Moment of the first refusal of each message type. The moment is None for a type that the partner has
    accepted since."""
    _sink: Sink | None = None

    @property
    def delai_s(self) -> float:
        """Return the longest time, in seconds, to wait for the partner's response to a delivery."""
        assert self.partner.sortie is not None, "only who has a way out has an outlet"
        return self.partner.sortie.delai_s

    @property
    def classe(self) -> ClasseLivraison:
        """Return what the partner's system can do: recognise repetitions, answer whether it has a delivery, or
        neither."""
        return classe_of(self.partner)

    async def permits(self, now: float) -> int:
        """Return how many more lanes may be sent now. A lane is the deliveries to one partner about one
        subject, such as a referral. While the circuit breaker is open, only the process with the lease
        `probing` may send a lane, as a probe."""
        permits = self._permits(now)
        if self.breaker.open and (permits > 0 or self.flying):
            return permits if await self.probing.keep() else 0
        if self.probing.holds():
            await self.probing.release()
        return permits

    def permits_at_once(self, now: float) -> int:
        """Return how many more lanes may be sent now, without asking the database. A lane is the deliveries
        to one partner about one subject, such as a referral. Return 0 while the circuit breaker is open."""
        return 0 if self.breaker.open or self.probing.holds() else self._permits(now)

    def _permits(self, now: float) -> int:
        assert self.partner.sortie is not None, "only who has a way out has an outlet"
        return self.breaker.permits(self.partner.sortie.en_vol - self.flying, self.flying, now)

    def sink(self, factory: Callable[[Partner], Sink]) -> Sink:
        """Return the partner's transport. `factory` makes it at the first call. Raises Misconfigured if the
        partner's registry entry is wrong."""
        if self._sink is None:
            self._sink = factory(self.partner)
        return self._sink

    def answered(self, types: Collection[str] = ()) -> None:
        """Record that the partner accepted a delivery of these message types, or that it answered the
        question whether it has a delivery."""
        self.breaker.succeeded(self.flying)
        self.refusals.accepted(types)
        self.outage.succeeded()
        now = utc_now()
        said_lately = self._succeeded_at is not None and now - self._succeeded_at < TOLD_EVERY
        if any(self._types.get(each, now) for each in types):  # refused before, or never tried
            said_lately, self.turned = False, self.turned or any(map(self._types.get, types))
            self._types.update(dict.fromkeys(types))
        if self.contact is not Contact.JOIGNABLE or self._cause is not None or not said_lately:
            self._succeeded_at = now
            self._found(Contact.JOIGNABLE, None)

    def refused(self, now: float, types: Collection[str], exc: Exception) -> None:
        """Record that the partner responded to a delivery of these message types, and refused it."""
        self.breaker.answered()
        self.refusals.refused(types, now, utc_now())
        held = {each: row.since for each, row in self.refusals.held.items()}
        self.turned = self.turned or not held.items() <= self._types.items()
        self._types.update(held)
        self._found(Contact.REFUSE if self.refusals.of_all else Contact.JOIGNABLE, str(exc))
        if self.refusals.of_all:
            self.outage.failed(f"refuse tout ce qu'il reçoit : {exc}")
        else:
            self.outage.succeeded()

    def failed(self, now: float, exc: Exception) -> None:
        """Record that the partner could not be reached, or did not respond to a delivery."""
        self.breaker.failed(now)
        self._failing_since = self._failing_since or utc_now()
        away = self.breaker.open or utc_now() - self._failing_since > FAILS_FOR
        self._found(Contact.INJOIGNABLE if away else self.contact, str(exc), self._failing_since)
        if away:
            self.outage.failed(str(exc))

    def denied(self, now: float, subject: UUID, exc: Exception) -> bool:
        """Record that a delivery about `subject` (such as a referral) failed because the partner refused the
        hub's credentials, or because the partner's registry entry is wrong. Return True if deliveries to the
        partner now pause."""
        self._found(Contact.ACCES_REFUSE, str(exc))
        self.outage.failed(str(exc))
        return self.breaker.denied(now, subject)

    def throttled(self, now: float, exc: Throttled) -> None:
        """Record that the partner asks the hub to wait before the next delivery."""
        self.breaker.pause(now, exc.retry_after_seconds)
        self._found(self.contact, str(exc))

    def news(self, now: float) -> ContactNews | None:
        """Return what the last attempts show about the partner: whether it can be reached, since when, and the
        next attempt. Return None if nothing new is to be written to the database. `now` is the monotonic time,
        in seconds."""
        if not self._fresh or self.contact is None:
            return None
        self._fresh = self.turned = False
        alone_s = self.breaker.alone_until - now
        at = utc_now()
        next_try = at + timedelta(seconds=alone_s) if alone_s > 0 else None
        since, failures = self._since or at, self.breaker.failures
        ends = self._seen_at, self._succeeded_at
        return ContactNews(
            self.partner.id, self.contact, self._cause, failures, since, next_try, *ends, dict(self._types)
        )

    def try_now(self) -> None:
        """Allow the next deliveries at once, because an operator says that the partner can be reached
        again."""
        self.breaker.try_now()
        self.refusals.try_now()

    def _found(self, contact: Contact | None, cause: str | None, since: datetime | None = None) -> None:
        self._cause, self._fresh, self._seen_at, self._failing_since = cause, True, utc_now(), since
        if contact is not self.contact:
            self.contact, self._since, self.turned = contact, since or self._seen_at, True

    async def close(self) -> None:
        """Close the partner's transport, and give back the lease for trial deliveries."""
        if self.probing.holds():
            await self.probing.release()
        if self._sink is not None:
            await self._sink.close()
