"""List the messages of a SIAO that nobody has answered, each with the partner to call."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from contracts.partner import Partner
from ops.desk.lines import Lines
from ops.desk.tasks import Ligne, soonest
from router.domain.books import AWAITED
from router.domain.partners import Registry
from router.domain.parts import HUB
from router.store import standing
from router.store.database import Database

SHOWN = 1000
"""Limit on the referrals and candidacies without an answer on a page."""
UNREAD = "ouvrir sa boîte, où c'est remis"
"""French words for what is expected of an addressee that has not collected a message from its mailbox."""


class Attente(NamedTuple):
    """A referral or candidacy without an answer, as the SIAO's page lists it."""

    ligne: Ligne
    chez: Partner | None
    """Partner that has to answer; None if the hub itself has to deliver first."""
    attendu: str


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Referrals and candidacies without an answer. It raises BusUnavailable."""

    database: Database
    lines: Lines

    async def of(self, partner: Partner, registry: Registry, now: datetime) -> list[Attente]:
        """Return the unanswered referrals and candidacies of a SIAO, late ones first, each with the partner to
        call."""
        async with self.database.transaction() as connection:
            sent = await standing.sent(connection, partner.id, AWAITED, SHOWN)
        lines = await self.lines.of(partner, sent, registry, now)
        waiting = [line for line in lines if line.turn.who not in (None, partner.id)]
        waiting.sort(key=lambda line: soonest(line.turn.until, late=line.turn.late))
        return [_awaited(line, registry) for line in waiting]


def _awaited(line: Ligne, registry: Registry) -> Attente:
    """Return a line with the partner to call, and what is expected of that partner. While the message lies in
    the mailbox of its addressee, call the addressee, who has to collect it."""
    if line.turn.who == HUB and line.in_box:
        return Attente(line, registry.get(getattr(line.subject, "destinataire", "")), UNREAD)
    return Attente(line, registry.get(str(line.turn.who)), line.turn.expected or "")
