"""List of a SIAO's referrals and candidacies that nobody has answered, each with the partner to call."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from contracts.envelope import HUB
from contracts.partner import Partner
from ops.desk.lines import Lines
from ops.desk.tasks import Ligne, soonest
from router.domain.books import AWAITED
from router.domain.partners import Registry
from router.store import standing
from router.store.database import Database

SHOWN = 1000
"""Limit on the unanswered referrals and candidacies of a page."""
UNREAD = "ouvrir sa boîte, où c'est remis"
"""French words for the act expected of a recipient who has not opened their mailbox."""


class Attente(NamedTuple):
    """Unanswered referral or candidacy, as the SIAO's page lists it."""

    ligne: Ligne
    chez: Partner | None
    """Partner that has to answer; None while the hub has not delivered the message."""
    attendu: str


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Search for unanswered referrals and candidacies. Raises BusUnavailable if the database does not answer."""

    database: Database
    lines: Lines

    async def of(self, partner: Partner, registry: Registry, now: datetime) -> list[Attente]:
        """Return the unanswered referrals and candidacies of a SIAO, late ones first, each with the partner to call."""
        async with self.database.transaction() as connection:
            sent = await standing.sent(connection, partner.id, AWAITED, SHOWN)
        lines = await self.lines.of(partner, sent, registry, now)
        waiting = [line for line in lines if line.turn.who not in (None, partner.id)]
        waiting.sort(key=lambda line: soonest(line.turn.until, late=line.turn.late))
        return [_awaited(line, registry) for line in waiting]


def _awaited(line: Ligne, registry: Registry) -> Attente:
    """Return a line with the partner to call and the act expected of it: the recipient, and opening the
    mailbox, if the message still lies there."""
    if line.turn.who == HUB and line.in_box:
        return Attente(line, registry.get(getattr(line.subject, "destinataire", "")), UNREAD)
    return Attente(line, registry.get(str(line.turn.who)), line.turn.expected or "")
