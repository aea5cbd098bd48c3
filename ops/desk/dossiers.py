"""Page of one subject for people of a partner: messages received about it, and possible answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from contracts.base import Contrat
from contracts.ids import ids_of
from contracts.partner import Famille, Partner
from contracts.ports import View
from contracts.v1 import CONTRATS
from contracts.v1.menage import Menage
from ops.desk import sql
from ops.desk.about import Pas, opens, steps
from ops.desk.acts import Acte, possible
from ops.desk.lines import Lines
from ops.desk.numbers import is_given
from ops.desk.reading import Reader, Recu
from ops.desk.speaking import Speaker
from ops.desk.tasks import Ligne
from ops.desk.words import worded
from ops.tracing import sql as tracing
from ops.tracing.whose_turn import NextAct, once_received, situation_of, turn_of
from router.delivery.mailbox import DeliveryMailbox
from router.domain.partners import Registry
from router.domain.rights import rights
from router.domain.rulebooks.daho import EN_COURS, Daho
from router.domain.rulebooks.demande import OUVERTES
from router.domain.rulebooks.orientation import ATTENDUES, FINIES_SANS_ENTREE
from router.domain.subjects import Demande, Orientation, Subject
from router.store import subjects
from router.store.database import Database

SHOWN_STEPS = 50
"""Limit on the steps that the page of a subject shows."""
SHOWN_REFERRALS = 30
"""Limit on the referrals of a household that the page of a subject shows."""


class Dossier(NamedTuple):
    """Page of a subject, for a partner that it concerns."""

    subject: Subject
    turn: NextAct
    mine: bool
    """Whether that partner has to act next."""
    recus: Sequence[Recu]
    actes: Sequence[Acte]
    nom: str
    """That partner's own name for the subject, else the hub's id."""
    au_sujet: str
    """French line about the household, the sender and the recipient of the subject."""
    menage: Menage | None
    """Household, as the partner last received its description."""
    pas: Sequence[Pas]
    """Steps that the parties of the subject have taken, newest first."""
    orientations: Sequence[Ligne]
    """Referrals of the household by the reading SIAO, newest change first, without the one that the page is about."""
    a_reorienter: bool
    """Whether the reading SIAO has to refer the household again, because the referral, or every referral under an open
    demand or designation, has ended without an arrival."""
    ensuite: NextAct | None
    """Act that the reading partner owes once it confirms receipt, with the deadline if it does so now; None if its
    receipt starts no deadline."""

    @property
    def autres_attendues(self) -> bool:
        """Return whether another referral of the household still waits for its outcome."""
        return any(each.subject.etat in ATTENDUES for each in self.orientations)


@dataclass(frozen=True, slots=True)
class Dossiers:
    """Access to the pages of subjects. Raises BusUnavailable if the database does not answer."""

    database: Database
    mailbox: DeliveryMailbox
    reader: Reader
    speaker: Speaker
    lines: Lines

    async def part_of(self, partner: Partner, ident: UUID, registry: Registry) -> Subject | None:
        """Return a subject that concerns the partner, or that the partner has to sign; None for any other
        subject. Reads nothing personal."""
        async with self.database.transaction() as connection:
            known = (await subjects.read(connection, [ident])).get(ident)
        return known if known is not None and opens(known, partner, registry) else None

    async def dossier(
        self, partner: Partner, ident: UUID, registry: Registry, now: datetime, actor: str
    ) -> Dossier | None:
        """Return the page of a subject for a party to it, with the messages that it received; None for any
        other subject."""
        known = await self.part_of(partner, ident, registry)
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
        actes = possible(known, partner.id, registry)
        received = once_received(known, partner.id, now)
        then = None if received is known else turn_of(situation_of(received, (), registry), partner.id, now)
        others, again = await self._referred(partner, known)
        lines = await self.lines.of(partner, others, registry, now)
        return Dossier(
            known, line.turn, mine, recus, actes, name, line.au_sujet, menage, pas, lines, again, then
        )

    async def _referred(self, partner: Partner, subject: Subject) -> tuple[Sequence[Subject], bool]:
        """Return the SIAO's other referrals of the household of a subject, and whether the household has to be referred
        again; nothing for a partner that is no SIAO."""
        if partner.famille is not Famille.SIAO or not isinstance(subject, Demande | Daho | Orientation):
            return (), False
        async with self.database.transaction() as connection:
            if isinstance(subject, Orientation):
                found = await sql.referrals(
                    connection, partner.id, subject.menage, subject.demande, SHOWN_REFERRALS
                )
                again = subject.emetteur == partner.id and await sql.is_without_place(connection, subject.id)
                return [each for each in found if each.id != subject.id], again
            found = await sql.referrals(connection, partner.id, subject.menage, subject.id, SHOWN_REFERRALS)
        ours = subject.destinataire == partner.id
        ours &= subject.etat in (EN_COURS if isinstance(subject, Daho) else OUVERTES)
        return found, ours and bool(found) and all(each.etat in FINIES_SANS_ENTREE for each in found)

    async def origin(self, partner: Partner, referral: Orientation) -> Subject | None:
        """Return the subject under which a SIAO refers the household of its earlier referral again: its demand, its
        designation by the State, or else the referral itself. None if the demand is closed or with another SIAO, or if
        the referral is another SIAO's or has not ended without an arrival."""
        if referral.emetteur != partner.id or referral.etat not in FINIES_SANS_ENTREE:
            return None
        async with self.database.transaction() as connection:
            if referral.demande is not None:
                demand = (await subjects.read(connection, [referral.demande])).get(referral.demande)
                if isinstance(demand, Demande):
                    ours = demand.destinataire == partner.id and demand.etat in OUVERTES
                    return demand if ours else None
            return await sql.designation(connection, partner.id, referral.menage) or referral

    async def _steps(self, partner: Partner, subject: Subject, registry: Registry) -> Sequence[Pas]:
        """Return the steps of a subject. A motive is shown only to its author, and to families that may
        receive that message."""
        async with self.database.transaction() as connection:
            told = await tracing.of_subject(connection, subject.id, SHOWN_STEPS)
            shown = [step.id for step in told if step.source == partner.id or _receives(partner, step.type)]
            said = await sql.clear(connection, shown)
        motives = {
            ident: worded("motif", str(clair["motif"])) for ident, clair in said.items() if "motif" in clair
        }
        return steps(told, subject, partner, motives, registry)

    async def confirm(self, partner: Partner, ident: UUID) -> None:
        """Confirm receipt of every delivery to the partner about a subject. The partner's deadlines then start."""
        async with self.database.statement() as connection:
            waiting = await sql.unconfirmed(connection, partner.id, ident)
        for delivery in waiting:
            await self.mailbox.acknowledge(partner.id, str(delivery))
        if waiting:
            await self.speaker.applied(ident)

    async def view(self, partner: Partner, subject: Subject, contrat: Contrat) -> View:
        """Return the partner's own ids for a subject, for the subjects linked to it, and for the subjects in
        `contrat`."""
        return await self.reader.view(partner, subject.id, *subject.linked, *ids_of(contrat))


def _receives(partner: Partner, kind: str) -> bool:
    """Return whether a partner's family may receive messages of type `kind`, in any state of the subject."""
    return kind in CONTRATS and rights(partner.famille).may_receive(CONTRATS[kind])
