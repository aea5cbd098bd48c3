"""List of a SIAO's referrals and candidacies that wait for an answer, each with the partner to call."""

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
"""Limit on the unanswered referrals and candidacies that a page lists."""
UNREAD = "ouvrir sa boîte, où c'est remis"
"""French words for what is expected of a recipient that has not opened its mailbox."""


class Attente(NamedTuple):
    """Referral or candidacy that waits for an answer, as the SIAO's page lists it."""

    ligne: Ligne
    chez: Partner | None
    """Partner that has to answer; None while the message is not delivered."""
    attendu: str
    reponse_avant: datetime | None = None
    """Moment before which the answer is due; None if no deadline runs. For a message that its recipient has
    not received yet, the moment if it were received now."""


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Search for unanswered referrals and candidacies. Raises BusUnavailable if the database does not answer."""

    database: Database
    lines: Lines

    async def of(self, partner: Partner, registry: Registry, now: datetime) -> list[Attente]:
        """Return a SIAO's referrals and candidacies that wait for an answer, late ones first, then by
        deadline, each with the partner to call."""
        async with self.database.transaction() as connection:
            sent = await standing.sent(connection, partner.id, AWAITED, SHOWN)
        lines = await self.lines.of(partner, sent, registry, now)
        waiting = [line for line in lines if line.turn.who not in (None, partner.id)]
        waiting.sort(key=lambda line: soonest(line.turn.until, late=line.turn.late))
        return [_awaited(line, registry) for line in waiting]

    async def sent(
        self, partner: Partner, idents: Sequence[UUID], registry: Registry, now: datetime
    ) -> list[Attente]:
        """Return the given referrals and candidacies that a SIAO has made, each with the partner that has to
        answer and the moment before which the answer is due. Those that the hub has not applied yet are left
        out."""
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
    """Return the moment before which the recipient must give the answer that closes a referral or candidacy;
    None if no deadline runs. If the recipient has not received the message yet, the deadline is counted from
    `now`."""
    received = once_received(envoi, envoi.destinataire, now)
    ends = (each.due_at for each in running_of(received, registry).values() if each.echeance in ANSWERS)
    return min(ends, default=None)


def _awaited(line: Ligne, registry: Registry) -> Attente:
    """Return a list line, with the partner to call and what is expected of it. If the message still lies in
    the recipient's mailbox, the recipient has to open the mailbox."""
    if line.turn.who == HUB and line.in_box:
        return Attente(line, registry.get(getattr(line.subject, "destinataire", "")), UNREAD)
    return Attente(line, registry.get(str(line.turn.who)), line.turn.expected or "")
