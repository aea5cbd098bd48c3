"""Page of one subject (place, referral…) for people of a partner: the messages received about the subject, and
the possible answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from contracts.base import Contrat
from contracts.ids import ids_of
from contracts.partner import Famille, Partner
from contracts.ports import View
from contracts.v1 import CONTRATS
from contracts.v1.daho import DahoOriente
from contracts.v1.menage import Menage
from ops.desk import sql
from ops.desk.about import Pas, opens, steps
from ops.desk.acts import TOLD_AGAIN, Bouton, possible, to_the_state
from ops.desk.lines import Lines
from ops.desk.reading import Reader, Recu
from ops.desk.speaking import Speaker
from ops.desk.tasks import Ligne
from ops.desk.words import Fait, dates_and_motive, facts_of_household, names_of
from ops.tracing import sql as tracing
from ops.tracing.whose_turn import started_by_receipt
from router.delivery.mailbox import DeliveryMailbox
from router.domain.calendar import day_in
from router.domain.deadlines import ANSWERS, Deadline, awaited_of, running_of
from router.domain.partners import Registry
from router.domain.parts import Party
from router.domain.rights import rights
from router.domain.rulebooks.daho import EN_COURS, Daho
from router.domain.rulebooks.demande import OUVERTES
from router.domain.rulebooks.demande import Etat as EtatDemande
from router.domain.rulebooks.orientation import ATTENDUES, FINIES_SANS_ENTREE, Etat
from router.domain.subjects import Demande, Orientation, Place, Subject
from router.store import subjects
from router.store.database import Database

SHOWN_STEPS = 50
"""Maximum number of steps that the page of a subject (place, referral…) lists."""
SHOWN_REFERRALS = 30
"""Maximum number of referrals of a household that the page of a subject lists."""

NAME_GONE, WITHOUT_NAME = "nom effacé après {}", "ménage sans nom"


class Dossier(NamedTuple):
    """Contents of a subject's page, for a partner that the subject (place, referral…) concerns."""

    subject: Subject
    ligne: Ligne
    mine: bool
    """Whether the partner that reads the page has to act next."""
    recus: Sequence[Recu]
    actes: Sequence[Bouton]
    menage: Menage | None
    """Household as described in the newest message that the reading partner received or sent; None if
    unknown."""
    fiche: Sequence[Fait]
    """Facts about the household, if only a message sent by the reading partner describes it; else empty."""
    pas: Sequence[Pas]
    """Steps that the parties to the subject (such as its sender and recipient) have taken, newest first. Empty
    for kinds of subject without such steps."""
    orientations: Sequence[Ligne]
    """Other referrals of the same household by the SIAO that reads the page, last changed first."""
    a_reorienter: bool
    """Whether the SIAO that reads the page has to refer the household again. For a referral, this is so if
    the referral ended without an arrival. For an open demand or designation, it is so if every referral made
    for it ended without an arrival."""
    ensuite: Sequence[Deadline] | None
    """Deadlines that start for the reading partner if it confirms receipt now, first to end first. None if it
    has no receipt to confirm."""
    decision: Deadline | None
    """Running deadline for an answer that the reading partner owes about the subject (place, referral…); None
    if it owes none."""

    @property
    def qui(self) -> str:
        """Return the names of the household in French, or a French text that says why they are not shown.
        Return an empty text if no message describes the household's members."""
        if self.menage is None or not self.menage.personnes:
            return ""
        machine, etat = self.subject.MACHINE, self.subject.etat
        gone = machine is not None and etat in machine.set_aside
        after = NAME_GONE.format("le refus" if "REFUS" in str(etat) else "la clôture")
        return names_of(self.menage) or (after if gone else WITHOUT_NAME)

    @property
    def etat_non_prevenu(self) -> bool:
        """Return whether the SIAO still has to tell the State that it has referred the household. The SIAO is
        the reader of this page."""
        return any(each.nom == TOLD_AGAIN for each in self.actes)

    @property
    def autres_attendues(self) -> Sequence[Ligne]:
        """Return the household's other referrals that are still under way."""
        return [each for each in self.orientations if each.subject.etat in ATTENDUES]

    @property
    def chez_un_autre(self) -> bool:
        """Return whether other partners have to act next on every open referral of this demand, so that the
        SIAO only has to follow them."""
        if self.subject.etat is not EtatDemande.ORIENTEE or not self.autres_attendues:
            return False
        return all(each.turn.who != self.ligne.turn.who for each in self.autres_attendues)


@dataclass(frozen=True, slots=True)
class Dossiers:
    """Access to the pages of subjects (places, referrals…). Raises BusUnavailable if the database does not
    answer."""

    database: Database
    mailbox: DeliveryMailbox
    reader: Reader
    speaker: Speaker
    lines: Lines

    async def part_of(self, partner: Partner, ident: UUID, registry: Registry) -> Subject | None:
        """Return a subject (place, referral…) that concerns the partner or that waits for the partner's
        signature; None for any other subject. Reads no personal data."""
        async with self.database.transaction() as connection:
            known = (await subjects.read(connection, [ident])).get(ident)
        return known if known is not None and opens(known, partner, registry) else None

    async def dossier(
        self, partner: Partner, ident: UUID, registry: Registry, now: datetime, actor: str
    ) -> Dossier | None:
        """Return the page of a subject (place, referral…) that concerns the partner, with the messages received
        about it; None for any other subject. The audit records `actor` as the reader. Raises BusUnavailable if
        the database does not answer."""
        known = await self.part_of(partner, ident, registry)
        if known is None:
            return None
        recus = await self.reader.about(partner, ident, actor)
        (line,) = await self.lines.of(partner, [known], registry, now)
        mine = line.turn.who == partner.id
        menage = next((recu.menage for recu in recus if recu.menage), None)
        fiche: Sequence[Fait] = ()
        if menage is None and (said := await self.reader.menages(partner, [ident])):
            await self.reader.seen(partner, [ident], actor)
            menage = said[ident]
            fiche = [*facts_of_household(menage, View(partner, {}))]
        pas = await self._steps(partner, known, registry)
        actes = await self.possible(partner, known, registry, now, actor)
        owed = (each for each in running_of(known, registry).values() if each.echeance in ANSWERS)
        decision = next((each for each in owed if partner.id in awaited_of(known, each)), None)
        then = started_by_receipt(known, partner.id, registry, now)
        others, again = await self._referred(partner, known)
        lines = await self.lines.of(partner, others, registry, now)
        return Dossier(known, line, mine, recus, actes, menage, fiche, pas, lines, again, then, decision)

    async def possible(
        self, partner: Partner, subject: Subject, registry: Registry, now: datetime, actor: str | None = None
    ) -> list[Bouton]:
        """Return the messages that a partner may send about a subject (place, referral…) now, each with its
        form. If the State designated the household, and does not know yet that the SIAO has referred it, the
        message that says so to the State comes first.

        `actor` is the person who will see the forms. Without `actor`, the forms do not name households.
        """
        arrivals: Mapping[str, str] = {}
        if isinstance(subject, Place):
            arrivals = await self.lines.arrivals(partner, registry, now, actor)
        actes = possible(subject, partner.id, registry, arrivals)
        if not isinstance(subject, Daho):
            return actes
        async with self.database.transaction() as connection:
            untold = await sql.untold(connection, partner.id, subject.id, 1)
        told = [
            to_the_state(each.orientation, day_in(partner.territoire, each.oriente_le)) for each in untold
        ]
        return [*told, *(each for each in actes if not told or each.contrat is not DahoOriente)]

    async def _referred(self, partner: Partner, subject: Subject) -> tuple[Sequence[Subject], bool]:
        """Return the SIAO's other referrals of the subject's household, and whether the SIAO has to refer the
        household again. For a partner that is no SIAO, return no referrals and False."""
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

    async def lives_nowhere(self, partner: Partner, subject: Subject) -> bool:
        """Return whether a household that was referred to the partner has arrived, but the partner has not
        yet said in which of its places the household lives."""
        if subject.etat != Etat.ENTREE or not subject.played_by(partner.id, Party.DESTINATAIRE):
            return False
        async with self.database.transaction() as connection:
            found = await sql.arrivals(connection, partner.id, [Etat.ENTREE])
        return any(each.id == subject.id for each in found)

    async def open_referrals(
        self, partner: Partner, menage: UUID, demande: UUID | None
    ) -> Sequence[Orientation]:
        """Return a SIAO's referrals of a household that are still under way, last changed first: the referrals
        of the household with the id `menage`, and the referrals of the demand with the id `demande`."""
        async with self.database.transaction() as connection:
            found = await sql.referrals(connection, partner.id, menage, demande, SHOWN_REFERRALS)
        return [each for each in found if isinstance(each, Orientation) and each.etat in ATTENDUES]

    async def origin(self, partner: Partner, referral: Orientation) -> Subject | None:
        """Return the subject from which a SIAO may refer a household again after its referral ended without an
        arrival: the demand, else the designation by the State, else the referral itself.

        Return None if the referral is another SIAO's, or has not ended without an arrival. Return None too if
        the referral's demand is closed or belongs to another SIAO.
        """
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
        """Return the history of a subject as the partner may see it, newest step first. The dates and motive
        of a step are added for the partner that sent its message, and for partners whose type may receive
        such messages. Only the sender of a demand also sees what each new description changed."""
        async with self.database.transaction() as connection:
            told = await tracing.of_subject(connection, subject.id, SHOWN_STEPS)
            shown = [step.id for step in told if step.source == partner.id or _receives(partner, step.type)]
            said = await sql.clear(connection, shown)
        kinds = {step.id: step.type for step in told}
        theirs = isinstance(subject, Demande) and subject.emetteur == partner.id
        changes = await self.reader.changes(partner, subject.id) if theirs else {}
        dits = {
            ident: ", ".join([*dates_and_motive(kinds[ident], clair), *changes.get(ident, ())])
            for ident, clair in said.items()
        }
        return steps(told, subject, partner, dits, registry)

    async def confirm(self, partner: Partner, ident: UUID) -> None:
        """Confirm receipt of every unconfirmed delivery to the partner about a subject (place, referral…), and
        wait until the hub has applied the confirmations. The partner's deadlines then start."""
        async with self.database.statement() as connection:
            waiting = await sql.unconfirmed(connection, partner.id, ident)
        for delivery in waiting:
            await self.mailbox.acknowledge(partner.id, str(delivery))
        if waiting:
            await self.speaker.applied(ident)

    async def view(self, partner: Partner, subject: Subject, contrat: Contrat) -> View:
        """Return a View with the partner's own ids of a subject (place, referral…), of its linked subjects, and
        of the subjects named in `contrat`."""
        return await self.reader.view(partner, subject.id, *subject.linked, *ids_of(contrat))


def _receives(partner: Partner, kind: str) -> bool:
    """Return whether the privacy matrix lets a partner of this type (`famille`) receive messages of type
    `kind`."""
    return kind in CONTRATS and rights(partner.famille).may_receive(CONTRATS[kind])
