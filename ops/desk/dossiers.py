"""Open one subject for its partner's people: what they received about it, and what they may say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from contracts.base import Contrat
from contracts.partner import Partner
from contracts.ports import View
from contracts.v1 import CONTRATS
from contracts.v1.menage import Menage
from ops.desk import sql
from ops.desk.about import Pas, has_part, steps
from ops.desk.acts import Acte
from ops.desk.lines import Lines
from ops.desk.numbers import is_given
from ops.desk.reading import Reader, Recu
from ops.desk.speaking import Speaker
from ops.desk.words import worded
from ops.tracing import sql as tracing
from ops.tracing.whose_turn import NextAct
from router.delivery.mailbox import DeliveryMailbox
from router.domain.partners import Registry
from router.domain.rights import rights
from router.domain.subjects import Subject
from router.store import subjects
from router.store.database import Database

SHOWN_STEPS = 50
"""Limit on the steps of a subject on its page."""


class Dossier(NamedTuple):
    """Page of a subject, as the people of a partner that has a part in it see it."""

    subject: Subject
    turn: NextAct
    mine: bool
    """Whether the partner has to act next."""
    recus: Sequence[Recu]
    actes: Sequence[Acte]
    nom: str
    """Name that the partner itself gives the subject, else the hub's id."""
    au_sujet: str
    """Line that says about whom the subject is, from whom it came and to whom it goes."""
    menage: Menage | None
    """Household of the newest description that the partner has received."""
    pas: Sequence[Pas]
    """Steps that the parties of the subject have taken, newest first."""


@dataclass(frozen=True, slots=True)
class Dossiers:
    """Subjects in which a partner has a part. Each function raises BusUnavailable."""

    database: Database
    mailbox: DeliveryMailbox
    reader: Reader
    speaker: Speaker
    lines: Lines

    async def part_of(self, partner: Partner, ident: UUID) -> Subject | None:
        """Return a subject in which the partner has a part; None for any other subject. Reads nothing personal."""
        async with self.database.transaction() as connection:
            known = (await subjects.read(connection, [ident])).get(ident)
        return known if known is not None and has_part(known, partner.id) else None

    async def dossier(
        self, partner: Partner, ident: UUID, registry: Registry, now: datetime, actor: str
    ) -> Dossier | None:
        """Return the page of a subject to which the partner is a party, with the messages that it received about it;
        None for any other subject."""
        known = await self.part_of(partner, ident)
        if known is None:
            return None
        recus = await self.reader.about(partner, ident, actor)
        (line,) = await self.lines.of(partner, [known], registry, now)
        mine = line.turn.who == partner.id
        menage = next((recu.menage for recu in recus if recu.menage), None)
        if menage is None and (said := await self.reader.sent(partner, [ident])):
            await self.reader.seen(partner, [ident], actor)
            menage = said[ident].menage
        pas = await self._steps(partner, known, registry)
        name = str(ident) if is_given(partner, line.nom) else line.nom
        return Dossier(known, line.turn, mine, recus, line.actes, name, line.au_sujet, menage, pas)

    async def _steps(self, partner: Partner, subject: Subject, registry: Registry) -> Sequence[Pas]:
        """Return the steps of a subject. The motive of a step is shown to its author, and to a partner whose family may
        receive messages of this type."""
        async with self.database.transaction() as connection:
            told = await tracing.of_subject(connection, subject.id, SHOWN_STEPS)
            shown = [step.id for step in told if step.source == partner.id or _receives(partner, step.type)]
            said = await sql.clear(connection, shown)
        motives = {
            ident: worded("motif", str(clair["motif"])) for ident, clair in said.items() if "motif" in clair
        }
        return steps(told, subject, partner, motives, registry)

    async def confirm(self, partner: Partner, ident: UUID) -> None:
        """Confirm the receipt of everything that was sent to the partner about a subject. The partner's deadlines
        start then."""
        async with self.database.statement() as connection:
            waiting = await sql.unconfirmed(connection, partner.id, ident)
        for delivery in waiting:
            await self.mailbox.acknowledge(partner.id, str(delivery))
        if waiting:
            await self.speaker.applied(ident)

    async def view(self, partner: Partner, subject: Subject, contrat: Contrat) -> View:
        """Return the partner's own ids for a subject, for the subjects linked to it, and for the household
        that a message describes."""
        menage = getattr(contrat, "menage", None)
        described = (menage.id,) if isinstance(menage, Menage) else ()
        return await self.reader.view(partner, subject.id, *subject.linked, *described)


def _receives(partner: Partner, kind: str) -> bool:
    """Return whether a partner may receive messages of this type, in any state of their subject."""
    return kind in CONTRATS and rights(partner.famille).may_receive(CONTRATS[kind])
