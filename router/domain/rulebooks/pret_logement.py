"""Rule book of a household ready for housing.

The household is on the list until it is housed or withdrawn. The partners whose perimeter contains the
household read it on their own lists, and are notified of changes at once (duties C5 and C6).
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
    """Return the transition that the withdrawal of a household from the list makes. A household that was
    housed elsewhere counts as housed."""
    return Evenement.RELOGER if contrat.motif is MotifRetrait.RELOGE else Evenement.RETIRER


def reponse(contrat: PretLogementRepondu, today: date) -> Evenement:
    """Return the transition of a household when its SIAO answers another partner's declaration that the
    household is ready."""
    return REPONSES[contrat.reponse]


REPONSES = {
    ReponseDeclaration.CONFIRMEE: Evenement.CONFIRMER,
    ReponseDeclaration.REFUSEE: Evenement.REFUSER,
}
SUR_LA_LISTE = (Etat.DECLARE, Etat.ACTUALISE, Etat.PRESENTE)
SUIVIS = (Etat.A_CONFIRMER, *SUR_LA_LISTE)
"""States of a household ready for housing in which its SIAO still has something to do."""
FINIS = (Etat.RELOGE, Etat.RETIRE)
LABELS = (ReponseListe.LABELLISEE, ReponseListe.DESIGNEE)
"""Answers by which a reader gives a household the label for the prefect's reserved housing."""
INFORMING = (Evenement.DIFFUSER, Evenement.REPONDRE)
"""Transitions by messages that leave the state of a household ready for housing unchanged."""

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
"""Transitions of a household ready for housing.

A withdrawn or housed household may become ready again. A second declaration updates the household, because a
system without events only sends states. A household that a partner declares is on no list until its SIAO
confirms it. To describe or present the household is to confirm it, to withdraw it is to refuse it. If the
household is on the list already, the SIAO's description stays. No state keeps a household from being
forgotten: after two years without news it no longer counts as ready.
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
    """Département in which the household is to be housed, from its last description; None before the
    household is on the list."""
    communes: tuple[str, ...] = ()
    """Communes in which the household wants to live; empty means anywhere in the département."""
    lecteurs: tuple[str, ...] = ()
    """Readers: partners that have the household on their list."""
    quittes: tuple[str, ...] = ()
    """Partners that had the household on their list until the household left their perimeter, and that have
    not been notified of this yet."""
    candidatures: tuple[UUID, ...] = ()
    """Open candidacies of the household. Once the last of them ends without a lease, the household has to be
    presented again."""
    decrit_par: UUID | None = None
    """Event that last described the household."""
    decrit_le: datetime | None = None
    """Moment at which the household's SIAO last declared or described it as ready."""
    renseigne: tuple[ChampDecrit, ...] = ()
    """Optional fields that the last description of the household filled in."""
    ecartee: str | None = None
    """Fingerprint of the clear half of the last declaration that left out fields of the description. The SIAO
    is not alerted again about an equal declaration."""
    evaluation_depuis: datetime | None = None
    """Moment from which the household's last evaluation is valid; None if that moment is unknown."""
    evaluation_valable_le: date | None = None
    """Last day on which the household's last evaluation is valid; None if the author of the evaluation has
    not said one."""
    inscriptions: Mapping[str, str] = field(default_factory=dict)
    """Last answer of each reader of the list about the household's present description, by partner id of the
    reader."""
    labellisent: tuple[str, ...] | None = None
    """Partners that give the household the label for the prefect's reserved housing, perhaps with its SIAO.
    None if no entry in the registry names any: then every reader may."""
    designent: tuple[str, ...] = ()
    """Partners of `labellisent` that also designate the labelled household for housing."""
    avant_commission: tuple[str, ...] = ()
    """Partners whose label for the prefect's reserved housing is due before a landlord's commission meets."""
    declarant: str | None = None
    """Partner that has declared the household ready, while that partner waits for the SIAO's answer; else
    None."""
    declare_par: str | None = None
    """Partner that last declared the household ready in the place of its SIAO, and that may take the
    declaration back."""
    suivis: Mapping[UUID, date] = field(default_factory=dict)
    """First day of each accompaniment in force, by the id of the accompaniment."""
    attendus_depuis: datetime | None = None
    """Moment at which the last partner was added to those that owe an answer (`attendus`); None while no
    partner owes one."""

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
        """Return the partners that owe an answer about the household: those that give the label for the
        prefect's reserved housing, and have not answered about the present description or have not designated
        the household yet."""
        label = self.lecteurs if self.labellisent is None else self.labellisent
        return tuple(who for who in label if self._is_owed_by(who))

    @property
    def lecteurs_attendus(self) -> tuple[str, ...]:
        """Return the partners with the household on their list that still owe an answer about the
        household."""
        return self.attendus if self.attendus_depuis and self.etat in SUR_LA_LISTE else ()

    def _is_owed_by(self, partner: str) -> bool:
        said = self.inscriptions.get(partner)
        return said is None or (said == ReponseListe.LABELLISEE and partner in self.designent)

    @property
    def label(self) -> str | None:
        """Return the label for the prefect's reserved housing that the household's own SIAO gives; None if
        the SIAO gives none."""
        said = self.inscriptions.get(self.emetteur)
        return said if said in LABELS else None

    @property
    def labels(self) -> Labels:
        """Return which partners label the household for the prefect's reserved housing, and which of them
        designate the household."""
        return Labels(self.labellisent, self.designent, self.avant_commission)

    @property
    def label_du_depuis(self) -> datetime | None:
        """Return since when the household waits for a label that is due before a landlord's commission; None
        if the household waits for none. The label is for the prefect's reserved housing."""
        due = any(who not in self.inscriptions for who in self.avant_commission)
        return self.attendus_depuis if due else None

    @property
    def labelled_before_commission(self) -> bool:
        """Tell whether the household has every label that is due before a landlord's commission. The labels
        are for the prefect's reserved housing."""
        return all(self.inscriptions.get(who) in LABELS for who in self.avant_commission)

    @property
    def accompagne_depuis(self) -> date | None:
        """Return the first day of the earliest accompaniment in force; None while no operator accompanies the
        household."""
        return min(self.suivis.values(), default=None)

    def accompanied(self, suivi: UUID, since: date | None) -> Self:
        """Return the household with this accompaniment in force from the day `since`, or without it if
        `since` is None."""
        others = {ident: day for ident, day in self.suivis.items() if ident != suivi}
        return replace(self, suivis=others if since is None else {**others, suivi: since})

    def described(self, contrat: PretLogementDecrit, event: UUID, at: datetime) -> Self:
        """Return the household as the event `event`, accepted at `at`, describes it. A reader that had
        answered that papers were missing owes an answer again, because the new description may name them."""
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
        """Return the household with `attendus_depuis` updated after a change at `at`. `before` lists the
        readers awaited before that change."""
        since = self.attendus_depuis if set(self.attendus) <= set(before) else at
        return replace(self, attendus_depuis=since if self.attendus else None)

    @classmethod
    def noted(cls, ident: UUID, sender: str) -> Self:
        return cls(id=ident, version=1, emetteur=sender, menage=ident)

    def lieu(self, territoire: str) -> Lieu:
        return Lieu(territoire, self.departement, self.communes)
