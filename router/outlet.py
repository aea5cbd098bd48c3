"""A partner's way out: its sink, its breaker, what is in flight to it, and what the log says of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

import structlog

from contracts.partner import ClasseLivraison, Partner, SortieBoite
from contracts.ports import Sink
from router.breaker import Breaker
from router.leases import Lease

logger = structlog.get_logger()


@dataclass(slots=True)
class Outlet:
    """A changed entry gets a new one, for it may have mended what the breaker is open for."""

    partner: Partner
    probing: Lease
    """Held by the one process that may try it while its breaker is open."""
    breaker: Breaker = field(default_factory=Breaker)
    flying: int = 0
    """Its lanes in flight."""
    _tried: bool = False
    """Whether our probe failed: another's turn comes."""
    _sink: Sink | None = None

    @property
    def delai_s(self) -> float:
        """How long an answer is waited for."""
        assert self.partner.sortie is not None, "only who has a way out has an outlet"
        return self.partner.sortie.delai_s

    @property
    def classe(self) -> ClasseLivraison:
        """What may be done where nobody knows whether a delivery arrived. What is laid into a mailbox of ours never
        left: to lay it there twice is to lay it there once."""
        in_a_box = isinstance(self.partner.sortie, SortieBoite)
        return ClasseLivraison.DEDUPLIQUE if in_a_box else self.partner.livraison

    async def room(self, now: float) -> int:
        """Lanes that may be claimed for it. While its breaker is open, one process at a time probes and waits, and then
        leaves it to the others: it may be the only one that cannot reach the partner."""
        assert self.partner.sortie is not None
        over = self._tried and now >= self.breaker.probe_at if self.breaker.open else self.probing.holds()
        if over:
            self._tried = False
            await self.probing.give_back()
        if self.breaker.open and not await self.probing.keep():
            return 0
        return self.breaker.room(self.partner.sortie.en_vol - self.flying, self.flying, now)

    def sink(self, factory: Callable[[Partner], Sink]) -> Sink:
        """What takes its bytes, opened by the first that needs it. Raises Misconfigured."""
        if self._sink is None:
            self._sink = factory(self.partner)
        return self._sink

    def answered(self) -> None:
        """The partner took it."""
        if self.breaker.open:
            logger.info("partner.back", partner=self.partner.id)
        self.breaker.succeeded(self.flying)

    def refused(self, now: float) -> None:
        """The partner is there, and said no."""
        was_open = self.breaker.open
        self.breaker.refused(now)
        self._tried = self.probing.holds()
        if self.breaker.open and not was_open:
            logger.error("partner.refuses", partner=self.partner.id, refusals=self.breaker.refusals)

    def failed(self, now: float, exc: Exception) -> None:
        """The partner is not there, or did not answer."""
        was_open = self.breaker.open
        self.breaker.failed(now)
        self._tried = self.probing.holds()
        if self.breaker.open and not was_open:
            logger.warning("partner.unavailable", partner=self.partner.id, reason=str(exc))

    def denied(self, now: float, subject: UUID, exc: Exception) -> bool:
        """The partner did not let us in with what concerns a subject; True when it is left alone for that."""
        logger.error("partner.misconfigured", partner=self.partner.id, reason=str(exc))
        return self.breaker.denied(now, subject)

    async def close(self) -> None:
        """Give the sink back, and to others the probing."""
        if self.probing.holds():
            await self.probing.give_back()
        if self._sink is not None:
            await self._sink.close()
