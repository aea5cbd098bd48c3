"""Read what the page of one subject shows to people of a partner: the messages received, and the possible
answers."""

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
from contracts.v1.demande import DemandeSuite
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
from ops.tracing.whose_turn import once_received
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
SHOWN_REFERRALS = 30

NAME_GONE, WITHOUT_NAME = "nom effacé après {}", "ménage sans nom"


class Dossier(NamedTuple):
    """All that the page of a subject shows to the reader, the partner that opened the page."""

    subject: Subject
    ligne: Ligne
    mine: bool
    """Whether the reader has to act next."""
    recus: Sequence[Recu]
    actes: Sequence[Bouton]
    menage: Menage | None
    """Household in the newest message that the reader received or, if there is none, in the newest that it
    sent; None if unknown."""
    fiche: Sequence[Fait]
    """Facts about the household; empty if one of the messages `recus` shows them, or if no message describes
    the household."""
    pas: Sequence[Pas]
    """Steps of the parties, newest first; empty for kinds of subject without steps."""
    orientations: Sequence[Ligne]
    """Other referrals of the household that the reader, a SIAO, has made; newest change first. Empty for any
    other reader."""
    a_reorienter: bool
    """Whether the reader, a SIAO, has to refer the household again. This is so if the referral on the page,
    or every referral of the demand or designation on the page, ended without arrival."""
    a_recevoir: bool
    """Whether an answer of the reader is awaited, and its time to answer starts only when it confirms
    receipt."""
    decision: Deadline | None
    """Running deadline for an answer of the reader; None if none runs."""

    @property
    def qui(self) -> str:
        """Return the household's names, or in French why they are not shown; an empty text if the page
        describes no member of the household."""
        if self.menage is None or not self.menage.personnes:
            return ""
        machine, etat = self.subject.MACHINE, self.subject.etat
        gone = machine is not None and etat in machine.set_aside
        after = NAME_GONE.format("le refus" if "REFUS" in str(etat) else "la clôture")
        return names_of(self.menage) or (after if gone else WITHOUT_NAME)

    @property
    def etat_non_prevenu(self) -> bool:
        """Return whether the SIAO that opened this page has referred its household, which the State
        designated, and still has to tell the State so."""
        return any(each.nom == TOLD_AGAIN for each in self.actes)

    @property
    def autres_attendues(self) -> Sequence[Ligne]:
        """Return a line for each referral of the household that the reader, a SIAO, made and that is still
        under way. If the page is about a referral, this referral is left out."""
        return [each for each in self.orientations if each.subject.etat in ATTENDUES]

    @property
    def chez_un_autre(self) -> bool:
        """Return whether the SIAO can only wait: the demand is referred, and no referral under way waits for
        the SIAO. Return False if the SIAO has no referral of the household under way."""
        if self.subject.etat is not EtatDemande.ORIENTEE or not self.autres_attendues:
            return False
        return all(each.turn.who != self.ligne.turn.who for each in self.autres_attendues)


@dataclass(frozen=True, slots=True)
class Dossiers:
    """Service behind the desk's pages of subjects. It reads what a page shows and which buttons it offers, and
    confirms receipt of deliveries. Its methods raise BusUnavailable if the database does not answer."""

    database: Database
    mailbox: DeliveryMailbox
    reader: Reader
    speaker: Speaker
    lines: Lines

    async def part_of(self, partner: Partner, ident: UUID, registry: Registry) -> Subject | None:
        """Return the subject `ident`, if it concerns the partner or waits for the partner's signature; else
        None. No personal data is read."""
        async with self.database.transaction() as connection:
            known = (await subjects.read(connection, [ident])).get(ident)
        return known if known is not None and opens(known, partner, registry) else None

    async def dossier(
        self, partner: Partner, ident: UUID, registry: Registry, now: datetime, actor: str
    ) -> Dossier | None:
        """Return what a subject's page shows the partner. Return None for a subject that neither concerns the
        partner nor waits for its signature. The audit records `actor` as reader."""
        known = await self.part_of(partner, ident, registry)
        if known is None:
            return None
        recus = _with_one_suite(await self.reader.about(partner, ident, actor))
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
        unreceived = mine and once_received(known, partner.id, now) is not known
        others, again = await self._referred(partner, known)
        lines = await self.lines.of(partner, others, registry, now)
        return Dossier(
            known, line, mine, recus, actes, menage, fiche, pas, lines, again, unreceived, decision
        )

    async def possible(
        self, partner: Partner, subject: Subject, registry: Registry, now: datetime, actor: str | None = None
    ) -> list[Bouton]:
        """Return the buttons for the messages that a partner may send about a subject now. `actor` is the
        person who will see the forms. Without `actor`, the forms name no household."""
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
        """Return the referrals that the SIAO `partner` made of a household, and whether this SIAO must refer
        the household again. `subject` is a demand, designation or referral of the household; the referrals
        returned do not include `subject` itself. At most 30 (`SHOWN_REFERRALS`) are returned, those changed
        last. For any other kind of subject, and for a partner that is no SIAO, return no referral and
        False."""
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

    async def homes(self, partner: Partner, subject: Subject) -> Mapping[UUID, str] | None:
        """Return the names, by id, of the partner's places in which a referred household lives; empty if the
        partner has not said. Return None if the household has not arrived or has left, or if the partner is
        not the recipient."""
        if subject.etat != Etat.ENTREE or not subject.played_by(partner.id, Party.DESTINATAIRE):
            return None
        async with self.database.transaction() as connection:
            found = await sql.homes(connection, partner.id, subject.id)
        return await self.reader.place_names(partner, [each for each in found if isinstance(each, Place)])

    async def open_referrals(
        self, partner: Partner, menage: UUID, demande: UUID | None
    ) -> Sequence[Orientation]:
        """Return the referrals under way that the SIAO `partner` made for the household `menage`, newest
        change first. With `demande`, the id of a demand, add this SIAO's referrals under way that answer the demand,
        even for another household."""
        async with self.database.transaction() as connection:
            found = await sql.referrals(connection, partner.id, menage, demande, SHOWN_REFERRALS)
        return [each for each in found if isinstance(each, Orientation) and each.etat in ATTENDUES]

    async def origin(self, partner: Partner, referral: Orientation) -> Subject | None:
        """Return the subject from which a SIAO may refer a household again after `referral` ended without
        arrival: the demand that the referral answered, else the State's designation of the household, else
        the referral itself. Return None:

        * if another SIAO sent the referral;
        * if the referral is still open, or led to an arrival;
        * if the demand is closed, or another SIAO's.
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
        """Return what happened to a subject, newest step first. If the sender of a demand has described the
        demand anew, only this sender is shown which facts changed."""
        async with self.database.transaction() as connection:
            told = await tracing.of_subject(connection, subject.id, SHOWN_STEPS)
            kinds = {step.id: step.type for step in told}
            shown = [step.id for step in told if step.source == partner.id or _receives(partner, step.type)]
            suites = [ident for ident, kind in kinds.items() if kind == DemandeSuite.TYPE]
            said = await sql.clear(connection, {*shown, *suites})
        theirs = isinstance(subject, Demande) and subject.emetteur == partner.id
        changes = await self.reader.changes(partner, subject.id) if theirs else {}
        dits = {
            ident: ", ".join([*dates_and_motive(kinds[ident], clair), *changes.get(ident, ())])
            for ident, clair in said.items()
        }
        etats = {ident: str(said[ident]["suite"]) for ident in suites}
        return steps(told, subject, partner, dits, etats, registry)

    async def confirm(self, partner: Partner, ident: UUID) -> None:
        """Confirm receipt of all deliveries to the partner about a subject: the partner's deadlines to answer
        then start. Wait until this is applied, but no longer than 3 seconds."""
        async with self.database.statement() as connection:
            waiting = await sql.unconfirmed(connection, partner.id, ident)
        for delivery in waiting:
            await self.mailbox.acknowledge(partner.id, str(delivery))
        if waiting:
            await self.speaker.applied(ident)

    async def view(self, partner: Partner, subject: Subject, contrat: Contrat) -> View:
        """Return what is needed to send `contrat`, a message of the partner about `subject`: the partner, and
        its own ids for `subject`, for the subjects linked to `subject` (such as a referral's places), and for
        all that `contrat` cites."""
        return await self.reader.view(partner, subject.id, *subject.linked, *ids_of(contrat))


def _with_one_suite(recus: Sequence[Recu]) -> list[Recu]:
    suites = [recu for recu in recus if recu.type == DemandeSuite.NOM]
    return [recu for recu in recus if recu not in suites[1:]]


def _receives(partner: Partner, kind: str) -> bool:
    return kind in CONTRATS and rights(partner.famille).may_receive(CONTRATS[kind])
