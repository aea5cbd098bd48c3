"""Rule book of a household ready for housing.

The household is on the list of each partner that works in its commune (the communes of a partner are its
perimeter). It stays there until it is housed or withdrawn. These partners are notified of changes (duties C5
and C6 in docs/obligations.md).
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
from router.domain.subjects import Subject
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
    """Return the transition for a withdrawal of a household that was ready for housing. A household that
    found housing elsewhere counts as housed."""
    return Evenement.RELOGER if contrat.motif is MotifRetrait.RELOGE else Evenement.RETIRER


def reponse(contrat: PretLogementRepondu, today: date) -> Evenement:
    """Return the transition made by the SIAO's answer to a partner's declaration that a household is ready: it
    is confirmed or refused."""
    return REPONSES[contrat.reponse]


REPONSES = {
    ReponseDeclaration.CONFIRMEE: Evenement.CONFIRMER,
    ReponseDeclaration.REFUSEE: Evenement.REFUSER,
}
SUR_LA_LISTE = (Etat.DECLARE, Etat.ACTUALISE, Etat.PRESENTE)
SUIVIS = (Etat.A_CONFIRMER, *SUR_LA_LISTE)
"""States of a household ready for housing in which its SIAO still has to act."""
FINIS = (Etat.RELOGE, Etat.RETIRE)
LABELS = (ReponseListe.LABELLISEE, ReponseListe.DESIGNEE)
"""Answers by which a partner gives a household its label: access to reserved housing."""
INFORMING = (Evenement.DIFFUSER, Evenement.REPONDRE)
"""Transitions whose messages only give information: the household's state stays the same."""

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
"""State machine of a household ready for housing.

A withdrawn or housed household may become ready again. A household that a partner other than the SIAO declared
is on no list of households ready for housing until the SIAO confirms the declaration. The SIAO also confirms by
describing or presenting the household, and refuses by withdrawing it. The data of the household may be
forgotten in any state.
"""


@frozen(kw_only=True)
class MenagePret(Subject):
    """Household that its SIAO, or another partner, has declared ready for housing."""

    NATURE: ClassVar[Nature] = Nature.MENAGE
    MACHINE: ClassVar[Machine] = MACHINE
    SEARCHED: ClassVar[tuple[str, ...]] = ("lecteurs_attendus",)

    etat: Etat | None = None
    emetteur: str
    menage: UUID
    """Id of the household. The list entry itself has the same id (`id`)."""
    departement: str | None = None
    """Département in which the household is to be housed. None before the household is on the list of
    households ready for housing."""
    communes: tuple[str, ...] = ()
    """Communes in which the household wants to live. Empty if any commune of the département suits."""
    lecteurs: tuple[str, ...] = ()
    """Ids of the partners that have the household on their list of households ready for housing (readers)."""
    quittes: tuple[str, ...] = ()
    """Ids of partners that no longer receive the household and have not yet been notified of this. The
    household has left their perimeter (the communes in which they work)."""
    candidatures: tuple[UUID, ...] = ()
    """Open candidacies of the household. When the last one ends without a lease, the SIAO has to present the
    household again."""
    decrit_par: UUID | None = None
    """Id of the event with the latest description of the household."""
    decrit_le: datetime | None = None
    """Moment of the latest declaration or description of the household, or of the SIAO's confirmation that the
    household is ready."""
    renseigne: tuple[ChampDecrit, ...] = ()
    """Names of the optional fields that the latest description filled in."""
    ecartee: str | None = None
    """Fingerprint of the latest declaration that was not applied because it left out fields of the description.
    If the same declaration comes again, no second alert is sent. None after a new description."""
    evaluation_depuis: datetime | None = None
    """Moment from which the latest evaluation is valid. None if unknown."""
    evaluation_valable_le: date | None = None
    """Last day on which the latest evaluation is valid. None if the evaluation does not say."""
    inscriptions: Mapping[str, str] = field(default_factory=dict)
    """Latest answer of each partner about the household's present description, by the partner's id."""
    labellisent: tuple[str, ...] | None = None
    """Ids of the partners that may give the household a label (access to reserved housing). None if no
    registry entry names such partners; then every partner that has the household on its list of households
    ready for housing may give it."""
    designent: tuple[str, ...] = ()
    """Ids of those partners in `labellisent` that also designate the household to a landlord themselves."""
    avant_commission: tuple[str, ...] = ()
    """Ids of the partners from which the household needs a label (access to reserved housing) before a
    landlord's allocation commission meets."""
    declarant: str | None = None
    """Id of the partner that declared the household ready and still has no answer from the SIAO. None if there
    is no such partner."""
    declare_par: str | None = None
    """Id of the partner, other than the SIAO, that last declared the household ready. This partner may
    withdraw the declaration."""
    suivis: Mapping[UUID, date] = field(default_factory=dict)
    """First day of each accompaniment in force, by the id of the accompaniment."""
    attendus_depuis: datetime | None = None
    """Moment at which `attendus` (the partners that have to answer) last got a new partner. None while no
    partner has to answer."""

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
        """Return the ids of the partners that may give the household a label (access to reserved housing) and
        still have to answer about its present description.

        A partner that also designates households for this housing still has to answer after giving the label.
        """
        label = self.lecteurs if self.labellisent is None else self.labellisent
        return tuple(who for who in label if self._is_owed_by(who))

    @property
    def lecteurs_attendus(self) -> tuple[str, ...]:
        """Return the ids of the partners that still have to answer about the household. Return an empty tuple
        if the household is not on the list of households ready for housing."""
        return self.attendus if self.attendus_depuis and self.etat in SUR_LA_LISTE else ()

    def _is_owed_by(self, partner: str) -> bool:
        said = self.inscriptions.get(partner)
        return said is None or (said == ReponseListe.LABELLISEE and partner in self.designent)

    @property
    def label(self) -> str | None:
        """Return the answer by which the household's own SIAO gave it a label (access to reserved housing).
        Return None if this SIAO has given no label."""
        said = self.inscriptions.get(self.emetteur)
        return said if said in LABELS else None

    @property
    def labels(self) -> Labels:
        """Return which partners may give the household a label, or designate it, for the prefect's reserved
        housing."""
        return Labels(self.labellisent, self.designent, self.avant_commission)

    @property
    def label_du_depuis(self) -> datetime | None:
        """Return the moment since which the hub waits for partners to label the household (a label gives
        access to reserved housing). Only labels that are needed before a landlord's allocation commission
        meets count. Return None if none of these is missing."""
        due = any(who not in self.inscriptions for who in self.avant_commission)
        return self.attendus_depuis if due else None

    @property
    def labelled_before_commission(self) -> bool:
        """Tell whether the household has every label (access to reserved housing) that is needed before a
        landlord's allocation commission meets."""
        return all(self.inscriptions.get(who) in LABELS for who in self.avant_commission)

    @property
    def accompagne_depuis(self) -> date | None:
        """Return the first day of the earliest accompaniment in force. Return None if there is none."""
        return min(self.suivis.values(), default=None)

    def accompanied(self, suivi: UUID, since: date | None) -> Self:
        """Return the household with the accompaniment `suivi`, in force from `since`. If `since` is None,
        return the household without it."""
        others = {ident: day for ident, day in self.suivis.items() if ident != suivi}
        return replace(self, suivis=others if since is None else {**others, suivi: since})

    def described(self, contrat: PretLogementDecrit, event: UUID, at: datetime) -> Self:
        """Return the household with the new description `contrat`, sent in the event `event` and accepted at
        `at`. If a partner has answered that the old description is incomplete, this answer is removed: the
        partner has to answer again."""
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
        """Return the household with its `attendus_depuis` updated: the moment since which the hub waits for
        answers of partners.

        The moment becomes `at` if a partner outside `before` has to answer now. It becomes None if no partner
        has to answer. Otherwise it is unchanged.
        """
        since = self.attendus_depuis if set(self.attendus) <= set(before) else at
        return replace(self, attendus_depuis=since if self.attendus else None)

    @classmethod
    def noted(cls, ident: UUID, sender: str) -> Self:
        return cls(id=ident, version=1, emetteur=sender, menage=ident)

    def lieu(self, territoire: str) -> Lieu:
        return Lieu(territoire, self.departement, self.communes)
