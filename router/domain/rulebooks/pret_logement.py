"""Rule book of a household ready for housing.

Until the household is housed or withdrawn, it is on the list of each of its readers: the partners of certain
types whose perimeter contains the household. Readers are notified of changes (duties C5 and C6 in
docs/obligations.md). Some partners may give the household a label, which says that it may have reserved
dwellings.
"""

from collections.abc import Mapping
from dataclasses import field
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import ClassVar, Self
from uuid import UUID

from contracts.base import Nature
from contracts.frozen import frozen, replace
from contracts.v1.pret_logement import (
    ChampDecrit,
    MotifRetrait,
    PretLogementDecrit,
    PretLogementRepondu,
    PretLogementRetire,
    ReponseDeclaration,
    ReponseListe,
)
from router.domain.labels import Labels
from router.domain.parts import Party
from router.domain.rulebooks.machine import Machine, transitions
from router.domain.subjects import Envoi, Subject
from router.domain.territories import Lieu


class Etat(StrEnum):
    A_CONFIRMER = "A_CONFIRMER"
    DECLARE = "DECLARE"
    ACTUALISE = "ACTUALISE"
    PRESENTE = "PRESENTE"
    RELOGE = "RELOGE"
    RETIRE = "RETIRE"


class Evenement(StrEnum):
    PROPOSER = "proposer"
    CONFIRMER = "confirmer"
    REFUSER = "refuser"
    DECLARER = "declarer"
    ACTUALISER = "actualiser"
    PRESENTER = "presenter"
    RENDRE = "rendre"
    RELOGER = "reloger"
    RETIRER = "retirer"
    DIFFUSER = "diffuser"
    REPONDRE = "repondre"


def retrait(contrat: PretLogementRetire, today: date) -> Evenement:
    """Return the transition that the withdrawal of a household ready for housing makes. If the household is
    withdrawn because it found housing elsewhere, it counts as housed. `today` is not used."""
    return Evenement.RELOGER if contrat.motif is MotifRetrait.RELOGE else Evenement.RETIRER


def reponse(contrat: PretLogementRepondu, today: date) -> Evenement:
    """Return the transition that the SIAO's answer makes. The answer confirms or refuses the declaration by
    which a partner called a household ready for housing. `today` is not used."""
    return REPONSES[contrat.reponse]


REPONSES = {
    ReponseDeclaration.CONFIRMEE: Evenement.CONFIRMER,
    ReponseDeclaration.REFUSEE: Evenement.REFUSER,
}
SUR_LA_LISTE = (Etat.DECLARE, Etat.ACTUALISE, Etat.PRESENTE)
SUIVIS = (Etat.A_CONFIRMER, *SUR_LA_LISTE)
"""States in which the SIAO still has to act."""
FINIS = (Etat.RELOGE, Etat.RETIRE)
LABELS = (ReponseListe.LABELLISEE, ReponseListe.DESIGNEE)
"""Answers by which a partner gives a household its label."""
INFORMING = (Evenement.DIFFUSER, Evenement.REPONDRE)
"""Transitions whose messages only inform: the state stays."""

MACHINE = Machine(
    table=transitions(
        (Evenement.PROPOSER, Etat.A_CONFIRMER, (None, Etat.A_CONFIRMER, *FINIS)),
        (Evenement.CONFIRMER, Etat.DECLARE, (Etat.A_CONFIRMER,)),
        (Evenement.REFUSER, Etat.RETIRE, (Etat.A_CONFIRMER,)),
        (Evenement.DECLARER, Etat.DECLARE, (None, Etat.A_CONFIRMER, *FINIS)),
        (Evenement.DECLARER, Etat.ACTUALISE, (Etat.DECLARE, Etat.ACTUALISE)),
        (Evenement.DECLARER, Etat.PRESENTE, (Etat.PRESENTE,)),
        (Evenement.ACTUALISER, Etat.DECLARE, (Etat.A_CONFIRMER,)),
        (Evenement.ACTUALISER, Etat.ACTUALISE, (Etat.DECLARE, Etat.ACTUALISE)),
        (Evenement.ACTUALISER, Etat.PRESENTE, (Etat.PRESENTE,)),
        (Evenement.PRESENTER, Etat.PRESENTE, SUIVIS),
        (Evenement.RENDRE, Etat.DECLARE, (Etat.PRESENTE,)),
        (Evenement.RELOGER, Etat.RELOGE, SUIVIS),
        (Evenement.RETIRER, Etat.RETIRE, SUIVIS),
        *((said, etat, (etat,)) for said in INFORMING for etat in SUR_LA_LISTE),
    ),
    way=SUR_LA_LISTE,
    early=frozenset(),
    awaited=(),
    set_aside=FINIS,
)
"""States and transitions of a household ready for housing. A withdrawn or housed household may become ready
again. A partner's declaration waits for the SIAO. If the SIAO describes or presents the household, it
confirms the declaration; if it withdraws the household, it refuses the declaration."""


@frozen(kw_only=True)
class MenagePret(Subject):
    """A household that its SIAO, or another partner, has declared ready for housing. It also records the
    partners that have it on their list, the partners that may label it, and the latest answer of each partner
    about it."""

    NATURE: ClassVar[Nature] = Nature.MENAGE
    MACHINE: ClassVar[Machine] = MACHINE
    SEARCHED: ClassVar[tuple[str, ...]] = ("lecteurs_attendus",)

    etat: Etat | None = None
    emetteur: str
    menage: UUID
    """Id of the household, equal to `id`."""
    departement: str | None = None
    """Département in which the household is to be housed. None until the household is on the list."""
    communes: tuple[str, ...] = ()
    """Communes in which the household wants to live. Empty if every commune of the département suits."""
    lecteurs: tuple[str, ...] = ()
    """Ids of the household's readers."""
    quittes: tuple[str, ...] = ()
    """Former readers that are not yet notified that the household has left their perimeter."""
    candidatures: tuple[UUID, ...] = ()
    """Open candidacies of the household. When the last of them ends without a lease, the SIAO has to present
    the household again."""
    decrit_par: UUID | None = None
    """Id of the event that described the household last."""
    decrit_le: datetime | None = None
    """Moment of the latest declaration, description or confirmation."""
    renseigne: tuple[ChampDecrit, ...] = ()
    """Optional fields that the latest description filled in."""
    ecartee: str | None = None
    """SHA-256 hash of the latest declaration that was not applied because it left out fields. If the same
    declaration comes again, no second alert is sent. None after a new description."""
    evaluation_depuis: datetime | None = None
    """Day on which the latest evaluation was made, as 00:00 UTC. None if unknown."""
    evaluation_valable_le: date | None = None
    """Last day on which the latest evaluation is valid, if the evaluation names such a day."""
    inscriptions: Mapping[str, str] = field(default_factory=dict)
    """Latest answer of each partner about the household, by partner id. A new description drops only answers
    that called the earlier description incomplete."""
    labellisent: tuple[str, ...] | None = None
    """Partners that may give a label (`Labels.labellisent`)."""
    designent: tuple[str, ...] = ()
    """Partners that also designate the household to a landlord (`Labels.designent`)."""
    avant_commission: tuple[str, ...] = ()
    """Partners whose label is needed before a commission (`Labels.avant_commission`)."""
    declarant: str | None = None
    """Partner that still waits for the SIAO's answer to its declaration of the household. None if no partner
    waits."""
    declare_par: str | None = None
    """Partner, other than the SIAO, that last declared the household ready. This partner may withdraw its
    declaration."""
    suivis: Mapping[UUID, date] = field(default_factory=dict)
    """First day of each accompaniment in force, by the id of the accompaniment."""
    attendus_depuis: datetime | None = None
    """Moment at which `attendus` last got a new partner. None while `attendus` is empty."""

    def played_by(self, partner: str, party: Party) -> bool:
        if party is Party.DESTINATAIRE:
            return partner in (*self.lecteurs, *(self.labellisent or ()))
        if party is Party.DECLARANT:
            return partner == self.declare_par
        return Subject.played_by(self, partner, party)

    def player(self, party: Party) -> str | None:
        if party is Party.DECLARANT:
            return self.declarant
        return self.emetteur if party is Party.EMETTEUR else None

    @property
    def attendus(self) -> tuple[str, ...]:
        """Return the ids of the partners that still owe an answer about the household. Each partner that may
        label the household owes one answer. If this answer is a label, a partner that also designates
        households to landlords then owes the designation."""
        label = self.lecteurs if self.labellisent is None else self.labellisent
        return tuple(who for who in label if self._is_owed_by(who))

    @property
    def lecteurs_attendus(self) -> tuple[str, ...]:
        """Return the partners that still have to answer about the household (`attendus`). Return an empty tuple
        if the household is not on the list."""
        return self.attendus if self.attendus_depuis and self.etat in SUR_LA_LISTE else ()

    def _is_owed_by(self, partner: str) -> bool:
        said = self.inscriptions.get(partner)
        return said is None or (said == ReponseListe.LABELLISEE and partner in self.designent)

    @property
    def label(self) -> str | None:
        """Return the code of the answer by which the household's own SIAO gave its label: LABELLISEE or
        DESIGNEE. Return None if that SIAO has not answered, or has answered without giving its label."""
        said = self.inscriptions.get(self.emetteur)
        return said if said in LABELS else None

    @property
    def labels(self) -> Labels:
        """Return which partners may label the household, and which may designate it to a landlord."""
        return Labels(self.labellisent, self.designent, self.avant_commission)

    @property
    def label_du_depuis(self) -> datetime | None:
        """Return the moment since which the household has waited for a label that is needed before a
        landlord's allocation commission meets. Return None if all partners that give such labels
        (`avant_commission`) have answered."""
        due = any(who not in self.inscriptions for who in self.avant_commission)
        return self.attendus_depuis if due else None

    @property
    def labelled_before_commission(self) -> bool:
        """Tell whether all partners in `avant_commission` have given their label. Their labels are needed
        before a landlord's allocation commission meets."""
        return all(self.inscriptions.get(who) in LABELS for who in self.avant_commission)

    @property
    def accompagne_depuis(self) -> date | None:
        """Return the first day of the household's earliest accompaniment in force. Return None if no
        accompaniment is in force."""
        return min(self.suivis.values(), default=None)

    def accompanied(self, suivi: UUID, since: date | None) -> Self:
        """Return the household with the accompaniment `suivi`, in force from the day `since`. If `since` is
        None, return the household without this accompaniment."""
        others = {ident: day for ident, day in self.suivis.items() if ident != suivi}
        return replace(self, suivis=others if since is None else {**others, suivi: since})

    def described(self, contrat: PretLogementDecrit, event: UUID, at: datetime) -> Self:
        """Return the household with a new description. The answers of partners that found the previous
        description incomplete are dropped, so that these partners have to answer again."""
        evaluation = contrat.evaluation
        return replace(
            self,
            departement=contrat.departement,
            communes=contrat.communes,
            decrit_par=event,
            decrit_le=at,
            renseigne=contrat.renseigne or (),
            ecartee=None,
            evaluation_depuis=datetime.combine(evaluation.realisee_le, time(), UTC) if evaluation else None,
            evaluation_valable_le=evaluation.valable_jusqu_au if evaluation else None,
            inscriptions={
                who: said for who, said in self.inscriptions.items() if said != ReponseListe.INCOMPLETE
            },
        )

    def awaiting(self, before: tuple[str, ...], at: datetime) -> Self:
        """Return the household with `attendus_depuis` updated after an event. `before` are the partners that
        owed an answer about the household before the event, and `at` is the moment of the event. If the event
        added a partner to those that owe an answer, `attendus_depuis` becomes `at`. If no partner owes an
        answer any more, it becomes None. In any other case, it is unchanged."""
        since = self.attendus_depuis if set(self.attendus) <= set(before) else at
        return replace(self, attendus_depuis=since if self.attendus else None)

    @classmethod
    def noted(cls, ident: UUID, sender: str) -> Self:
        return cls(id=ident, version=1, emetteur=sender, menage=ident)

    def lieu(self, territoire: str) -> Lieu:
        return Lieu(territoire, self.departement, self.communes)


HouseholdSubject = Envoi | MenagePret
"""Type of a subject about one household. Its field `menage` is the household's id."""
