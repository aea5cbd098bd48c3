"""Outlet: all that deliveries to one partner need. It has the transport, the breaker, the lanes in flight and
the outage log."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from contracts.errors import Throttled
from contracts.partner import ClasseLivraison, Partner, SortieBoite
from contracts.ports import Sink
from router.delivery.breaker import Breaker
from router.delivery.refusals import Refusals
from router.domain.vitals import Contact
from router.process.leases import Lease
from router.store.heartbeat import ContactNews
from router.telemetry.outages import OutageLog

SETTLING_SECONDS = 2.0
"""Seconds from the death of a process until its lanes may be claimed again: its last delivery may still be
under way. For partners that recognise repetitions."""

TOLD_EVERY = timedelta(seconds=30)
"""Time after which the state of a reachable partner is written down again, even if it has not changed."""
FAILS_FOR = timedelta(minutes=1)
"""Time after which a partner that does not accept any delivery counts as away."""


def utc_now() -> datetime:
    """Return the present time, with its time zone (UTC)."""
    return datetime.now(UTC)


def classe_of(partner: Partner) -> ClasseLivraison:
    """Return the partner's class of delivery: whether its system recognises a repeated delivery, can be asked
    about one, or neither. A mailbox of the hub recognises repetitions."""
    in_a_box = isinstance(partner.sortie, SortieBoite)
    return ClasseLivraison.DEDUPLIQUE if in_a_box else partner.livraison


def rests_of(partners: Iterable[Partner]) -> dict[str, float]:
    """Return, by partner, how many seconds to wait before another process takes over the deliveries of a dead
    process, whose last delivery may still be under way.

    Partners that neither recognise repetitions nor answer questions about a delivery are left out. Their
    deliveries wait for the end of the whole lease.
    """
    rests = {}
    for partner in partners:
        if partner.sortie is not None and (classe := classe_of(partner)) is not ClasseLivraison.AUCUNE:
            deduplicates = classe is ClasseLivraison.DEDUPLIQUE
            rests[partner.id] = SETTLING_SECONDS if deduplicates else partner.sortie.delai_s
    return rests


@dataclass(slots=True)
class Outlet:
    """State of the deliveries to a partner under its present registry entry. A changed entry gets a new
    outlet."""

    partner: Partner
    probing: Lease
    """Lease of the only process that probes the partner while its breaker is open."""
    outage: OutageLog
    """Log of the partner's outage, kept when the entry changes."""
    breaker: Breaker = field(default_factory=Breaker)
    refusals: Refusals = field(default_factory=Refusals)
    flying: int = 0
    """Number of the partner's lanes (deliveries about one subject) in flight."""
    crowded: bool = True
    """Whether the partner may have more deliveries due than the last claim allowed."""
    contact: Contact | None = None
    """Result of the last attempts to deliver; None before the first."""
    turned: bool = False
    """Whether the partner's `contact` has changed since it was last reported."""
    _since: datetime | None = None
    _failing_since: datetime | None = None
    """Time of the first failure since the last success; None if there is none."""
    _seen_at: datetime = field(default_factory=utc_now)
    _succeeded_at: datetime | None = None
    _cause: str | None = None
    _fresh: bool = False
    _types: dict[str, datetime | None] = field(default_factory=dict)
    """Time of the first refusal of each message type; None for a type that the partner has accepted since."""
    _sink: Sink | None = None

    @property
    def delai_s(self) -> float:
        """Return the longest time to wait for the partner's answer to a delivery, in seconds."""
        assert self.partner.sortie is not None, "only who has a way out has an outlet"
        return self.partner.sortie.delai_s

    @property
    def classe(self) -> ClasseLivraison:
        """Return the partner's class of delivery: whether it recognises repetitions."""
        return classe_of(self.partner)

    async def permits(self, now: float) -> int:
        """Return how many more deliveries to the partner may begin. While its breaker is open, only the
        process with the lease `probing` may begin one."""
        permits = self._permits(now)
        if self.breaker.open and (permits > 0 or self.flying):
            return permits if await self.probing.keep() else 0
        if self.probing.holds():
            await self.probing.release()
        return permits

    def permits_at_once(self, now: float) -> int:
        """Return how many more deliveries to the partner may begin without waiting: none while its breaker is
        open."""
        return 0 if self.breaker.open or self.probing.holds() else self._permits(now)

    def _permits(self, now: float) -> int:
        assert self.partner.sortie is not None, "only who has a way out has an outlet"
        return self.breaker.permits(self.partner.sortie.en_vol - self.flying, self.flying, now)

    def sink(self, factory: Callable[[Partner], Sink]) -> Sink:
        """Return the partner's transport, opened by `factory` at the first call. Raises Misconfigured if the
        partner's entry does not allow a transport."""
        if self._sink is None:
            self._sink = factory(self.partner)
        return self._sink

    def answered(self, types: Collection[str] = ()) -> None:
        """Record that the partner accepted a delivery of these types, or answered a question about one."""
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
        """Record that the partner answered, and refused a delivery of these types."""
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
        """Record that the partner cannot be reached, or did not answer a delivery."""
        self.breaker.failed(now)
        self._failing_since = self._failing_since or utc_now()
        away = self.breaker.open or utc_now() - self._failing_since > FAILS_FOR
        self._found(Contact.INJOIGNABLE if away else self.contact, str(exc), self._failing_since)
        if away:
            self.outage.failed(str(exc))

    def denied(self, now: float, subject: UUID, exc: Exception) -> bool:
        """Record that the partner refused our credentials for a delivery of this subject. Return True if the
        partner is now paused."""
        self._found(Contact.ACCES_REFUSE, str(exc))
        self.outage.failed(str(exc))
        return self.breaker.denied(now, subject)

    def throttled(self, now: float, exc: Throttled) -> None:
        """Record that the partner asks the hub to wait before the next delivery."""
        self.breaker.pause(now, exc.retry_after_seconds)
        self._found(self.contact, str(exc))

    def news(self, now: float) -> ContactNews | None:
        """Return whether and how the partner can be reached. Return None if nothing has changed and no
        regular report is due. `now` is monotonic."""
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
        """Allow the next deliveries at once, because a person says that the partner is back."""
        self.breaker.try_now()
        self.refusals.try_now()

    def _found(self, contact: Contact | None, cause: str | None, since: datetime | None = None) -> None:
        self._cause, self._fresh, self._seen_at, self._failing_since = cause, True, utc_now(), since
        if contact is not self.contact:
            self.contact, self._since, self.turned = contact, since or self._seen_at, True

    async def close(self) -> None:
        """Close the partner's sink, and give up the lease for probing the partner."""
        if self.probing.holds():
            await self.probing.release()
        if self._sink is not None:
            await self._sink.close()
