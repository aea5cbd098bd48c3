"""List of a SIAO's referrals and candidacies that nobody has answered, each with the partner to call."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from contracts.envelope import HUB
from contracts.partner import Partner
from ops.desk.lines import Lines
from ops.desk.tasks import Ligne, soonest
from ops.tracing.whose_turn import once_received
from router.domain.books import AWAITED
from router.domain.deadlines import ANSWERS, running_of
from router.domain.partners import Registry
from router.domain.subjects import Candidature, Envoi, Orientation
from router.store import standing, subjects
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
    reponse_avant: datetime | None = None
    """Moment before which the answer is due, if a message that its recipient has not received is received now; None if
    no deadline runs."""


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

    async def sent(
        self, partner: Partner, idents: Sequence[UUID], registry: Registry, now: datetime
    ) -> list[Attente]:
        """Return those of these referrals and candidacies that a SIAO has made, each with the partner that owes the
        answer, and until when. What the hub has not applied yet is left out."""
        async with self.database.transaction() as connection:
            known = await subjects.read(connection, idents)
        found = [
            each
            for each in known.values()
            if isinstance(each, Orientation | Candidature) and each.emetteur == partner.id
        ]
        lines = await self.lines.of(partner, found, registry, now)
        return [
            _awaited(line, registry)._replace(reponse_avant=answer_due(envoi, registry, now))
            for line, envoi in zip(lines, found, strict=True)
        ]


def answer_due(envoi: Envoi, registry: Registry, now: datetime) -> datetime | None:
    """Return the moment before which the answer is due that closes a referral or candidacy. If the recipient has not
    received it, the time runs from now. None if no deadline runs."""
    received = once_received(envoi, envoi.destinataire, now)
    ends = (each.due_at for each in running_of(received, registry).values() if each.echeance in ANSWERS)
    return min(ends, default=None)


def _awaited(line: Ligne, registry: Registry) -> Attente:
    """Return a line with the partner to call and the act expected of it: the recipient, and opening the
    mailbox, if the message still lies there."""
    if line.turn.who == HUB and line.in_box:
        return Attente(line, registry.get(getattr(line.subject, "destinataire", "")), UNREAD)
    return Attente(line, registry.get(str(line.turn.who)), line.turn.expected or "")
