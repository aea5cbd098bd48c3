"""Keep what a process needs to deliver to one partner: the partner's outlet. It has the transport, the breaker,
the number of lanes in flight, and the outage log."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from contracts.errors import Misconfigured, Throttled
from contracts.partner import ClasseLivraison, Partner, SortieBoite
from contracts.ports import Sink
from router.delivery.breaker import Breaker
from router.delivery.refusals import Refusals
from router.domain.correspondents import Contact
from router.process.leases import Lease
from router.store.heartbeat import ContactNews
from router.telemetry.outages import OutageLog

SETTLING_SECONDS = 2.0
"""Seconds that a lane rests after the process that held it has died: the last delivery of that process may still
arrive. This is for partners that recognise repetitions."""

TOLD_EVERY = timedelta(seconds=30)
"""Time after which the state of a reachable partner is written again, even unchanged."""
FAILS_FOR = timedelta(minutes=1)
"""Time after which a partner counts as unreachable, if all deliveries to it have failed meanwhile. If the breaker
opens, the partner counts as unreachable at once."""


def utc_now() -> datetime:
    """Return the present time in UTC."""
    return datetime.now(UTC)


def classe_of(partner: Partner) -> ClasseLivraison:
    """Return whether the partner recognises repetitions, can be asked whether it has a delivery, or can do
    neither. A mailbox of the hub counts as recognising repetitions."""
    in_a_box = isinstance(partner.sortie, SortieBoite)
    return ClasseLivraison.DEDUPLIQUE if in_a_box else partner.livraison


def rests_of(partners: Iterable[Partner]) -> dict[str, float]:
    """Return, by partner, how many seconds the partner's lanes rest after the process that held them has died.
    Only then may another process claim them: the last delivery of the dead process may still arrive before. A
    partner that can neither recognise a repetition nor say whether it has a delivery is left out: its lanes stay
    claimed until their lease ends."""
    rests = {}
    for partner in partners:
        if partner.sortie is not None and (classe := classe_of(partner)) is not ClasseLivraison.AUCUNE:
            deduplicates = classe is ClasseLivraison.DEDUPLIQUE
            rests[partner.id] = SETTLING_SECONDS if deduplicates else partner.sortie.delai_s
    return rests


@dataclass(slots=True)
class Outlet:
    """Everything that a process needs to deliver to one partner. A partner whose registry entry changes gets
    a new outlet."""

    partner: Partner
    probing: Lease
    """Lease of the probe, the one delivery that tells whether the partner is back. While the breaker is open,
    only the holder of this lease sends."""
    outage: OutageLog
    """Log of the partner's outages. If the registry entry changes, the new outlet takes this log over."""
    breaker: Breaker = field(default_factory=Breaker)
    refusals: Refusals = field(default_factory=Refusals)
    flying: int = 0
    """Number of lanes in flight."""
    crowded: bool = True
    """True if the last claim reached a limit: more deliveries may be due."""
    contact: Contact | None = None
    """Result of the last attempts to reach the partner. None before the first attempt."""
    turned: bool = False
    """True if `contact`, or the set of message types that are held back, has changed since the last report to the
    database."""
    _since: datetime | None = None
    _failing_since: datetime | None = None
    _seen_at: datetime = field(default_factory=utc_now)
    _succeeded_at: datetime | None = None
    _cause: str | None = None
    _fresh: bool = False
    _types: dict[str, datetime | None] = field(default_factory=dict)
    """Moment of the first refusal of each message type that is held back. None for an accepted type."""
    _unreported: dict[str, datetime | None] = field(default_factory=dict)
    """The part of `_types` about which the partner has responded since the last report to the database. Another
    process may have newer responses about the other types."""
    _sink: Sink | None = None

    @property
    def delai_s(self) -> float:
        """Return the longest wait for the partner's response, in seconds."""
        assert self.partner.sortie is not None, "only who has a way out has an outlet"
        return self.partner.sortie.delai_s

    @property
    def classe(self) -> ClasseLivraison:
        """Return whether the partner's system recognises repetitions, can be asked whether it has a delivery,
        or can do neither."""
        return classe_of(self.partner)

    async def permits(self, now: float) -> int:
        """Return how many more lanes may start now. While the breaker is open, the result is 0 in any process
        without the lease `probing`, so that only one process probes."""
        permits = self._permits(now)
        if self.breaker.open and (permits > 0 or self.flying):
            return permits if await self.probing.keep() else 0
        if self.probing.holds():
            await self.probing.release()
        return permits

    def permits_at_once(self, now: float) -> int:
        """Return how many more lanes may start now, without asking the database. Return 0 while the breaker is open,
        or while this process has the lease `probing`: only the database can tell which process may send a probe.
        """
        return 0 if self.breaker.open or self.probing.holds() else self._permits(now)

    def _permits(self, now: float) -> int:
        assert self.partner.sortie is not None, "only who has a way out has an outlet"
        return self.breaker.permits(self.partner.sortie.en_vol - self.flying, self.flying, now)

    def sink(self, factory: Callable[[Partner], Sink]) -> Sink:
        """Return the partner's transport, which `factory` makes at the first call. Raises Misconfigured if
        the registry entry is wrong."""
        if self._sink is None:
            self._sink = factory(self.partner)
        return self._sink

    def answered(self, types: Collection[str] = ()) -> None:
        """Record that the partner accepted a delivery or lot with the message types `types`. Without `types`,
        record only that the partner said whether it has a certain delivery, when the hub asked."""
        self.breaker.succeeded(self.flying)
        self.refusals.accepted(types)
        self.outage.succeeded()
        now = utc_now()
        said_lately = self._succeeded_at is not None and now - self._succeeded_at < TOLD_EVERY
        if any(self._types.get(each, now) for each in types):  # refused before, or never tried
            said_lately, self.turned = False, self.turned or any(map(self._types.get, types))
            self._types.update(dict.fromkeys(types))
        self._unreported.update(dict.fromkeys(types))
        if self.contact is not Contact.JOIGNABLE or self._cause is not None or not said_lately:
            self._succeeded_at = now
            self._found(Contact.JOIGNABLE, None)

    def refused(self, now: float, types: Collection[str], exc: Exception) -> None:
        """Record that the partner refused a delivery or lot with the message types `types`. `exc` is the error.
        A message type that is refused too often is held back from now on. `now` is monotonic, in seconds."""
        self.breaker.answered()
        self.refusals.refused(types, now, utc_now())
        held = {each: row.since for each, row in self.refusals.held.items()}
        self.turned = self.turned or not held.items() <= self._types.items()
        self._types.update(held)
        self._unreported.update({each: held[each] for each in types if each in held})
        self._found(Contact.REFUSE if self.refusals.of_all else Contact.JOIGNABLE, str(exc))
        if self.refusals.of_all:
            self.outage.failed(f"refuse tout ce qu'il reçoit : {exc}")
        else:
            self.outage.succeeded()

    def failed(self, now: float, exc: Exception) -> None:
        """Record that the partner could not be reached, or did not respond."""
        self.breaker.failed(now)
        self._failing_since = self._failing_since or utc_now()
        away = self.breaker.open or utc_now() - self._failing_since > FAILS_FOR
        self._found(Contact.INJOIGNABLE if away else self.contact, str(exc), self._failing_since)
        if away:
            self.outage.failed(str(exc))

    def denied(self, now: float, subject: UUID, exc: Misconfigured) -> bool:
        """Record that a delivery about `subject` failed because the partner refused our credentials, or because
        its registry entry is wrong. Return True if all deliveries to this partner now pause. They pause after
        two such failures in a row about different subjects, and after five in a row about one subject. `now` is
        monotonic, in seconds."""
        self._found(Contact.ACCES_REFUSE, exc.noted)
        self.outage.failed(str(exc))
        return self.breaker.denied(now, subject)

    def throttled(self, now: float, exc: Throttled) -> None:
        """Record that the partner asked the hub to wait before the next delivery. Deliveries pause for the
        time that the partner asked for."""
        self.breaker.pause(now, exc.retry_after_seconds)
        self._found(self.contact, str(exc))

    def news(self, now: float) -> ContactNews | None:
        """Return the partner's contact after the last attempts, for the caller to store. Return None if there is
        nothing new to store. `now` is monotonic, in seconds."""
        if not self._fresh or self.contact is None:
            return None
        self._fresh = self.turned = False
        wait_s = self.breaker.wait_until - now
        at = utc_now()
        next_try = at + timedelta(seconds=wait_s) if wait_s > 0 else None
        since, failures = self._since or at, self.breaker.failures
        ends, types = (self._seen_at, self._succeeded_at), self._unreported
        self._unreported = {}
        return ContactNews(
            self.partner.id, self.contact, self._cause, failures, since, next_try, *ends, types
        )

    def try_now(self) -> None:
        """Allow the next deliveries at once, because an operator has asked for it. They wait no longer for the
        end of a pause, for the breaker's next probe, or for the next trial of a type that is held back."""
        self.breaker.try_now()
        self.refusals.try_now()

    def _found(self, contact: Contact | None, cause: str | None, since: datetime | None = None) -> None:
        self._cause, self._fresh, self._seen_at, self._failing_since = cause, True, utc_now(), since
        if contact is not self.contact:
            self.contact, self._since, self.turned = contact, since or self._seen_at, True

    async def close(self) -> None:
        """Close the transport, and release the lease of the probe."""
        if self.probing.holds():
            await self.probing.release()
        if self._sink is not None:
            await self._sink.close()
