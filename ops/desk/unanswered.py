"""Find a SIAO's referrals and candidacies that wait for an answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.partner import Partner
from ops.desk.lines import Lines
from ops.desk.tasks import Ligne, soonest
from router.domain.books import AWAITED
from router.domain.partners import Registry
from router.domain.subjects import Candidature, Orientation
from router.store import standing, subjects
from router.store.database import Database

SHOWN = 1000
"""Maximum number of referrals and candidacies on a page."""


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Search for unanswered referrals and candidacies. Raises BusUnavailable if the database does not answer."""

    database: Database
    lines: Lines

    async def of(self, partner: Partner, registry: Registry, now: datetime) -> tuple[Sequence[Ligne], bool]:
        """Return a line for each referral or candidacy that the SIAO `partner` sent and on which another
        partner, or the hub, has to act: late ones first, then by deadline. The second value is True if some
        may be missing: only `SHOWN` referrals and candidacies on which somebody still has to act (`AWAITED`)
        are read, those with the nearest deadlines."""
        async with self.database.transaction() as connection:
            sent = await standing.sent(connection, partner.id, AWAITED, SHOWN)
        lines = await self.lines.of(partner, sent, registry, now)
        waiting = [line for line in lines if line.turn.who not in (None, partner.id)]
        waiting.sort(key=lambda line: soonest(line.turn.until, late=line.turn.late))
        return waiting, len(sent) == SHOWN

    async def sent(
        self, partner: Partner, idents: Sequence[UUID], registry: Registry, now: datetime
    ) -> list[Ligne]:
        """Return a line for each of the referrals and candidacies `idents` that the SIAO `partner` sent. Those
        whose message is still to be applied are left out."""
        async with self.database.transaction() as connection:
            known = await subjects.read(connection, idents)
        found = [
            each
            for each in known.values()
            if isinstance(each, Orientation | Candidature) and each.emetteur == partner.id
        ]
        return await self.lines.of(partner, found, registry, now)
