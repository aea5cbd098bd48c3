"""A partner's way out: its sink, its breaker, what is in flight to it, and its outage in the log."""

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from contracts.partner import ClasseLivraison, Partner, SortieBoite
from contracts.ports import Sink
from router.delivery.breaker import Breaker
from router.leases import Lease
from router.telemetry.outages import OutageLog


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
    _sink: Sink | None = None

    @property
    def delai_s(self) -> float:
        """How long an answer is waited for."""
        assert self.partner.sortie is not None, "only who has a way out has an outlet"
        return self.partner.sortie.delai_s

    @property
    def classe(self) -> ClasseLivraison:
        """What may be done where nobody knows whether a delivery arrived. A mailbox is ours: what is put there twice
        is there once."""
        in_a_box = isinstance(self.partner.sortie, SortieBoite)
        return ClasseLivraison.DEDUPLIQUE if in_a_box else self.partner.livraison

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
        """The partner took it."""
        self.breaker.succeeded(self.flying)
        self.outage.succeeded()

    def refused(self, now: float) -> None:
        """The partner is there, and said no."""
        self.breaker.refused(now)
        if self.breaker.open:
            self.outage.failed("Le partenaire refuse tout ce qui part")
        else:
            self.outage.succeeded()

    def failed(self, now: float, exc: Exception) -> None:
        """The partner is not there, or did not answer."""
        self.breaker.failed(now)
        if self.breaker.open:
            self.outage.failed(str(exc))

    def denied(self, now: float, subject: UUID, exc: Exception) -> bool:
        """The partner did not let us in with a delivery of this subject; True when it is left alone for that."""
        self.outage.failed(str(exc))
        return self.breaker.denied(now, subject)

    async def close(self) -> None:
        """Close the sink, and let another process probe."""
        if self.probing.holds():
            await self.probing.release()
        if self._sink is not None:
            await self._sink.close()
