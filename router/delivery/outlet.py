"""A partner's way out: its sink, its breaker, what is in flight to it, and its outage in the log."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from contracts.errors import Throttled
from contracts.partner import ClasseLivraison, Partner, SortieBoite
from contracts.ports import Sink
from router.delivery.breaker import REFUSALS_TO_OPEN, Breaker
from router.domain.vitals import Contact
from router.process.leases import Lease
from router.store.heartbeat import Found
from router.telemetry.outages import OutageLog

SETTLING_SECONDS = 2.0
"""How long a partner that deduplicates is left with what a dead process may have sent last."""


def classe_of(partner: Partner) -> ClasseLivraison:
    """What may be done where nobody knows whether a delivery arrived. A mailbox is ours: what is put there twice is
    there once."""
    in_a_box = isinstance(partner.sortie, SortieBoite)
    return ClasseLivraison.DEDUPLIQUE if in_a_box else partner.livraison


def rests_of(partners: Iterable[Partner]) -> dict[str, float]:
    """Seconds after which the lanes of a process that is dead for certain may be claimed, by partner: what it has sent
    may still be under way. Who is asked first needs its time-out to know; who does neither keeps the whole lease, and
    is not among them."""
    rests = {}
    for partner in partners:
        if partner.sortie is not None and (classe := classe_of(partner)) is not ClasseLivraison.AUCUNE:
            deduplicates = classe is ClasseLivraison.DEDUPLIQUE
            rests[partner.id] = SETTLING_SECONDS if deduplicates else partner.sortie.delai_s
    return rests


@dataclass(slots=True)
class Outlet:
    """A changed entry gets a new one, for it may have mended what the breaker is open for."""

    partner: Partner
    probing: Lease
    """The lease of the one process that probes it while its breaker is open."""
    outage: OutageLog
    """Goes on with the next entry: only an answer ends it."""
    breaker: Breaker = field(default_factory=Breaker)
    flying: int = 0
    """Its lanes in flight."""
    crowded: bool = True
    """Whether more of its lanes may have been due than could be claimed, when this was last looked at."""
    contact: Contact | None = None
    """What the last attempts came to; None before the first."""
    turned: bool = False
    """Whether `contact` is another one since somebody asked for news."""
    _since: datetime | None = None
    _cause: str | None = None
    _fresh: bool = False
    _sink: Sink | None = None

    @property
    def delai_s(self) -> float:
        """How long an answer is waited for."""
        assert self.partner.sortie is not None, "only who has a way out has an outlet"
        return self.partner.sortie.delai_s

    @property
    def classe(self) -> ClasseLivraison:
        """What may be done where nobody knows whether a delivery arrived."""
        return classe_of(self.partner)

    async def permits(self, now: float) -> int:
        """How many more lanes may be claimed for it. While its breaker is open, one process at a time probes it."""
        assert self.partner.sortie is not None
        permits = self.breaker.permits(self.partner.sortie.en_vol - self.flying, self.flying, now)
        if self.breaker.open and (permits > 0 or self.flying):
            return permits if await self.probing.keep() else 0
        if self.probing.holds():
            await self.probing.release()
        return permits

    def sink(self, factory: Callable[[Partner], Sink]) -> Sink:
        """What takes its bytes, opened by the first that needs it. Raises Misconfigured."""
        if self._sink is None:
            self._sink = factory(self.partner)
        return self._sink

    def answered(self) -> None:
        """The partner took it, or says whether it has it."""
        self.breaker.succeeded(self.flying)
        self.outage.succeeded()
        if self.contact is not Contact.JOIGNABLE or self._cause is not None:
            self._found(Contact.JOIGNABLE, None)

    def refused(self, now: float, exc: Exception) -> None:
        """The partner is there, and said no."""
        self.breaker.refused(now)
        refuses = self.breaker.refusals >= REFUSALS_TO_OPEN
        self._found(Contact.REFUSE if refuses else Contact.JOIGNABLE, str(exc))
        if refuses:
            self.outage.failed(f"refuse tout ce qu'il reçoit : {exc}")
        else:
            self.outage.succeeded()

    def failed(self, now: float, exc: Exception) -> None:
        """The partner is not there, or did not answer."""
        self.breaker.failed(now)
        self._found(Contact.INJOIGNABLE if self.breaker.open else self.contact, str(exc))
        if self.breaker.open:
            self.outage.failed(str(exc))

    def denied(self, now: float, subject: UUID, exc: Exception) -> bool:
        """The partner did not let us in with a delivery of this subject; True when it is left alone for that."""
        self._found(Contact.ACCES_REFUSE, str(exc))
        self.outage.failed(str(exc))
        return self.breaker.denied(now, subject)

    def throttled(self, now: float, exc: Throttled) -> None:
        """The partner asks to wait."""
        self.breaker.pause(now, exc.retry_after_seconds)
        self._found(self.contact, str(exc))

    def news(self, now: float) -> Found | None:
        """What was found since this was last asked, at the monotonic time `now`; None where nothing was."""
        if not self._fresh or self.contact is None:
            return None
        self._fresh = self.turned = False
        alone_s = self.breaker.alone_until - now
        at = datetime.now(UTC)
        next_try = at + timedelta(seconds=alone_s) if alone_s > 0 else None
        since = self._since or at
        return Found(self.partner.id, self.contact, self._cause, self.breaker.failures, since, next_try)

    def _found(self, contact: Contact | None, cause: str | None) -> None:
        self._cause, self._fresh = cause, True
        if contact is not self.contact:
            self.contact, self._since, self.turned = contact, datetime.now(UTC), True

    async def close(self) -> None:
        """Close the sink, and let another process probe."""
        if self.probing.holds():
            await self.probing.release()
        if self._sink is not None:
            await self._sink.close()
