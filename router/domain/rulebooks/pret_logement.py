"""Rule book of a household ready for housing.

The household is on the list until it is housed or withdrawn. The partners whose perimeter contains the
household have it on their lists, and are notified of changes (duties C5 and C6).
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
    """Return the transition for a household's withdrawal from the list. One that was housed elsewhere counts
    as housed."""
    return Evenement.RELOGER if contrat.motif is MotifRetrait.RELOGE else Evenement.RETIRER


def reponse(contrat: PretLogementRepondu, today: date) -> Evenement:
    """Return the transition for the SIAO's answer to a partner's declaration that a household is ready."""
    return REPONSES[contrat.reponse]


REPONSES = {
    ReponseDeclaration.CONFIRMEE: Evenement.CONFIRMER,
    ReponseDeclaration.REFUSEE: Evenement.REFUSER,
}
SUR_LA_LISTE = (Etat.DECLARE, Etat.ACTUALISE, Etat.PRESENTE)
SUIVIS = (Etat.A_CONFIRMER, *SUR_LA_LISTE)
"""States in which the household's SIAO still has something to do."""
FINIS = (Etat.RELOGE, Etat.RETIRE)
LABELS = (ReponseListe.LABELLISEE, ReponseListe.DESIGNEE)
"""Answers that give a household the label for the prefect's reserved housing."""
INFORMING = (Evenement.DIFFUSER, Evenement.REPONDRE)
"""Transitions that leave the household's state unchanged."""

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

A withdrawn or housed household may become ready again. A household declared by a partner is on no list until
its SIAO confirms it. Describing or presenting the household confirms it too; withdrawing it refuses it. In
any state, the household can be forgotten.
"""


@frozen(kw_only=True)
class MenagePret(Subject):
    """Household that is ready for housing, or that a partner has declared so."""

    NATURE: ClassVar[Nature] = Nature.MENAGE
    MACHINE: ClassVar[Machine] = MACHINE
    SEARCHED: ClassVar[tuple[str, ...]] = ("lecteurs_attendus",)

    etat: Etat | None = None
    emetteur: str
    menage: UUID
    """Id of the household, and of the subject."""
    departement: str | None = None
    """Département in which the household is to be housed. None before the household is on the list."""
    communes: tuple[str, ...] = ()
    """Communes in which the household wants to live. Empty if it would live anywhere in the département."""
    lecteurs: tuple[str, ...] = ()
    """Readers: partners that have the household on their list."""
    quittes: tuple[str, ...] = ()
    """Partners whose perimeter the household has left, and that are not notified of this yet."""
    candidatures: tuple[UUID, ...] = ()
    """Open candidacies of the household. When the last ends without a lease, it has to be presented again."""
    decrit_par: UUID | None = None
    """Event that last described the household."""
    decrit_le: datetime | None = None
    """Moment of the SIAO's last declaration or description."""
    renseigne: tuple[ChampDecrit, ...] = ()
    """Optional fields that the last description filled in."""
    ecartee: str | None = None
    """Fingerprint of the last declaration that left out fields of the description, so that the SIAO is not
    alerted twice about equal declarations."""
    evaluation_depuis: datetime | None = None
    """Moment from which the last evaluation is valid; None if unknown."""
    evaluation_valable_le: date | None = None
    """Last day on which the last evaluation is valid; None if the evaluation does not say."""
    inscriptions: Mapping[str, str] = field(default_factory=dict)
    """Last answer of each reader of the list about the present description."""
    labellisent: tuple[str, ...] | None = None
    """Partners that give the label for the prefect's reserved housing. None if no registry entry names any;
    then every reader may give the label."""
    designent: tuple[str, ...] = ()
    """Partners of `labellisent` that also designate the household."""
    avant_commission: tuple[str, ...] = ()
    """Partners whose label is due before a landlord's commission meets."""
    declarant: str | None = None
    """Partner that declared the household ready and waits for the SIAO's answer; else None."""
    declare_par: str | None = None
    """Partner that last declared the household ready in place of its SIAO. It may take the declaration back."""
    suivis: Mapping[UUID, date] = field(default_factory=dict)
    """First day of each accompaniment in force, by its id."""
    attendus_depuis: datetime | None = None
    """Moment at which the last partner was added to the partners that still have to answer (`attendus`); None
    while no partner has to answer."""

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
        """Return the partners that still have to answer: those that give the label, and have not answered
        about the present description. A partner that also designates the household has to do so too."""
        label = self.lecteurs if self.labellisent is None else self.labellisent
        return tuple(who for who in label if self._is_owed_by(who))

    @property
    def lecteurs_attendus(self) -> tuple[str, ...]:
        """Return the readers of the list that still owe an answer."""
        return self.attendus if self.attendus_depuis and self.etat in SUR_LA_LISTE else ()

    def _is_owed_by(self, partner: str) -> bool:
        said = self.inscriptions.get(partner)
        return said is None or (said == ReponseListe.LABELLISEE and partner in self.designent)

    @property
    def label(self) -> str | None:
        """Return the label that the household's own SIAO gives; None if it gives none."""
        said = self.inscriptions.get(self.emetteur)
        return said if said in LABELS else None

    @property
    def labels(self) -> Labels:
        """Return which partners label the household for the prefect's reserved housing, and which designate
        it."""
        return Labels(self.labellisent, self.designent, self.avant_commission)

    @property
    def label_du_depuis(self) -> datetime | None:
        """Return since when the household waits for a label that is due before a commission; None if it waits
        for none."""
        due = any(who not in self.inscriptions for who in self.avant_commission)
        return self.attendus_depuis if due else None

    @property
    def labelled_before_commission(self) -> bool:
        """Tell whether the household has every label that is due before a landlord's commission."""
        return all(self.inscriptions.get(who) in LABELS for who in self.avant_commission)

    @property
    def accompagne_depuis(self) -> date | None:
        """Return the first day of the earliest accompaniment in force; None if no accompaniment is in force."""
        return min(self.suivis.values(), default=None)

    def accompanied(self, suivi: UUID, since: date | None) -> Self:
        """Return the household with this accompaniment in force from `since`. If `since` is None, return it
        without this accompaniment."""
        others = {ident: day for ident, day in self.suivis.items() if ident != suivi}
        return replace(self, suivis=others if since is None else {**others, suivi: since})

    def described(self, contrat: PretLogementDecrit, event: UUID, at: datetime) -> Self:
        """Return the household as the event `event`, accepted at `at`, describes it. A reader that had asked
        for missing papers owes an answer again."""
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
        """Return the household with `attendus_depuis` updated at `at`. `before` lists the readers that owed
        an answer before."""
        since = self.attendus_depuis if set(self.attendus) <= set(before) else at
        return replace(self, attendus_depuis=since if self.attendus else None)

    @classmethod
    def noted(cls, ident: UUID, sender: str) -> Self:
        return cls(id=ident, version=1, emetteur=sender, menage=ident)

    def lieu(self, territoire: str) -> Lieu:
        return Lieu(territoire, self.departement, self.communes)
