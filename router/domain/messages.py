"""One row of facts a message type: what the hub knows of a type stands here and nowhere else.

Nothing has a default, and a contract without its row fails at import. A new type is one contract and one row.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from contracts.base import Contrat, Nature
from contracts.errors import InvalidContract, Unroutable
from contracts.partner import Famille
from contracts.topics import ALERTE, ATTRIBUTION, LIVRAISON, OFFRE, ORIENTATION, Topic
from contracts.v1 import CONTRATS
from contracts.v1.alerte import AlerteAnomalie, AlerteConflit
from contracts.v1.attribution import (
    BailSigne,
    CandidatureAccusee,
    CandidatureInscrite,
    CandidaturePresentee,
    CandidatureRetiree,
    ConditionLevee,
    DecisionCommission,
    DesignationContingent,
    EligibiliteReconnue,
    InstanceAvis,
    PropositionAcceptee,
    PropositionRefusee,
    RadiationSne,
)
from contracts.v1.livraison import LivraisonRemise
from contracts.v1.orientation import (
    OrientationAcceptee,
    OrientationAccusee,
    OrientationAnnulee,
    OrientationMiseEnAttente,
    OrientationPreadmissionPlanifiee,
    OrientationProposee,
    OrientationRefusee,
)
from contracts.v1.place import (
    GroupePlacesModifie,
    PlaceDeclaree,
    PlaceDisponible,
    PlaceFermee,
    PlaceIndisponible,
    PlaceLiberee,
    PlaceOccupee,
    PlaceReservee,
    PlaceVacancePrevisible,
    PlaceVacante,
)
from contracts.v1.suite import (
    AccompagnementDemande,
    AccompagnementRepondu,
    AdmissionDirecte,
    AdmissionPrononcee,
    EntreeConstatee,
    PresentationAbsence,
    SejourProlonge,
    SortieDeclaree,
)
from router.domain.parts import Part, Role
from router.domain.rulebooks import candidature, orientation, place
from router.domain.rulebooks.book import SansLivre as S

Move = StrEnum | Callable[[Any, date], StrEnum]
"""A move of a rule book; a function of the message and the day it is there, where these decide which."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is true of every message of one type."""

    contrat: type[Contrat]
    topic: Topic
    said_by: tuple[Part, ...]
    """Who may say it (duties C1, C5 to C9): whoever plays one of these parts."""
    heard_by: Role
    """Whom it is meant for; where that is who says it, the other side."""
    needs_key: bool
    """Whether its sender must make a repetition recognisable: to take it twice is to send two households."""
    owed_an_answer: bool
    """Whether its proven receipt starts the recipient's deadlines."""
    also: tuple[str, ...]
    """Its fields that name other subjects, which it reads or moves too."""
    move: Move

    def move_of(self, contrat: Contrat, today: Callable[[], date]) -> StrEnum:
        """The move that one message is."""
        return self.move if isinstance(self.move, StrEnum) else self.move(contrat, today())


P, O, C = place.Evenement, orientation.Evenement, candidature.Evenement  # noqa: E741  a column of a table

MANAGER = (Role.GESTIONNAIRE, Role.PREMIER)
MANAGER_HUB = (*MANAGER, Role.HUB)
RESERVER = (Role.GESTIONNAIRE, Role.SIAO)
A_SIAO = (Famille.SIAO,)
ADDRESSEE = (Role.DESTINATAIRE,)
WHO_SENT = (Role.EMETTEUR,)
EITHER = (Role.EMETTEUR, Role.DESTINATAIRE)
OPERATOR = (Role.DESTINATAIRE, Role.OPERATEUR)
BODY = (Role.DESTINATAIRE, Famille.CONTINGENT, Famille.COLLECTIVITE)
PREFECT = (Famille.CONTINGENT,)
THE_HUB = (Role.HUB,)

SIAO = Role.SIAO  # or, where the SIAO says it, the manager
SIDES = Role.EMETTEUR  # or, where who sent the referral or candidacy says it, the addressee
NOBODY = Role.HUB

KEY, FREE = True, False
OWED, TOLD = True, False
PLACE: tuple[str, ...] = ("place",)
ALONE: tuple[str, ...] = ()

# fmt: off
_ROWS = (
    #     message                           topic        said by      heard   key?  owed? also   move
    Facts(PlaceDeclaree,                    OFFRE,       MANAGER,     SIAO,   FREE, TOLD, ALONE, P.DECLARER),
    Facts(PlaceVacante,                     OFFRE,       MANAGER,     SIAO,   FREE, TOLD, ALONE, P.VACANTE),
    Facts(PlaceVacancePrevisible,           OFFRE,       MANAGER,     SIAO,   FREE, TOLD, ALONE, P.VACANCE_PREVISIBLE),
    Facts(PlaceReservee,                    OFFRE,       RESERVER,    SIAO,   FREE, TOLD, ALONE, S.DIRE),
    Facts(PlaceLiberee,                     OFFRE,       MANAGER_HUB, SIAO,   FREE, TOLD, ALONE, P.LIBERER),
    Facts(PlaceOccupee,                     OFFRE,       MANAGER,     SIAO,   FREE, TOLD, ALONE, P.OCCUPER),
    Facts(PlaceIndisponible,                OFFRE,       MANAGER,     SIAO,   FREE, TOLD, ALONE, P.INDISPONIBLE),
    Facts(PlaceDisponible,                  OFFRE,       MANAGER_HUB, SIAO,   FREE, TOLD, ALONE, P.DISPONIBLE),
    Facts(PlaceFermee,                      OFFRE,       MANAGER,     SIAO,   FREE, TOLD, ALONE, P.FERMER),
    Facts(GroupePlacesModifie,              OFFRE,       MANAGER,     SIAO,   FREE, TOLD, ALONE, S.DIRE),
    Facts(AdmissionDirecte,                 OFFRE,       MANAGER,     SIAO,   FREE, TOLD, ALONE, P.ADMETTRE),
    Facts(OrientationProposee,              ORIENTATION, A_SIAO,      SIDES,  KEY,  OWED, PLACE, O.PROPOSER),
    Facts(OrientationAccusee,               ORIENTATION, ADDRESSEE,   SIDES,  FREE, TOLD, ALONE, O.ACCUSER),
    Facts(OrientationMiseEnAttente,         ORIENTATION, ADDRESSEE,   SIDES,  FREE, TOLD, ALONE, O.METTRE_EN_ATTENTE),
    Facts(OrientationPreadmissionPlanifiee, ORIENTATION, ADDRESSEE,   SIDES,  FREE, TOLD, ALONE, O.PREADMISSION),
    Facts(OrientationAcceptee,              ORIENTATION, ADDRESSEE,   SIDES,  FREE, TOLD, ALONE, O.ACCEPTER),
    Facts(OrientationRefusee,               ORIENTATION, ADDRESSEE,   SIDES,  FREE, TOLD, ALONE, orientation.refus),
    Facts(OrientationAnnulee,               ORIENTATION, WHO_SENT,    SIDES,  FREE, TOLD, ALONE, O.ANNULER),
    Facts(AdmissionPrononcee,               ORIENTATION, ADDRESSEE,   SIDES,  FREE, TOLD, ALONE, O.ADMETTRE),
    Facts(EntreeConstatee,                  ORIENTATION, ADDRESSEE,   SIDES,  FREE, TOLD, ALONE, O.ENTRER),
    Facts(PresentationAbsence,              ORIENTATION, ADDRESSEE,   SIDES,  FREE, TOLD, ALONE, O.ABSENCE),
    Facts(SejourProlonge,                   ORIENTATION, ADDRESSEE,   SIDES,  FREE, TOLD, ALONE, O.PROLONGER),
    Facts(SortieDeclaree,                   ORIENTATION, ADDRESSEE,   SIDES,  FREE, TOLD, ALONE, orientation.sortie),
    Facts(AccompagnementDemande,            ORIENTATION, EITHER,      SIDES,  FREE, TOLD, ALONE, O.ACCOMPAGNER),
    Facts(AccompagnementRepondu,            ORIENTATION, OPERATOR,    SIDES,  FREE, TOLD, ALONE, O.ACCOMPAGNER),
    Facts(CandidaturePresentee,             ATTRIBUTION, A_SIAO,      SIDES,  KEY,  OWED, ALONE, C.PRESENTER),
    Facts(CandidatureAccusee,               ATTRIBUTION, ADDRESSEE,   SIDES,  FREE, TOLD, ALONE, C.ACCUSER),
    Facts(CandidatureInscrite,              ATTRIBUTION, ADDRESSEE,   SIDES,  FREE, TOLD, ALONE, C.INSCRIRE),
    Facts(CandidatureRetiree,               ATTRIBUTION, WHO_SENT,    SIDES,  FREE, TOLD, ALONE, C.RETIRER),
    Facts(EligibiliteReconnue,              ATTRIBUTION, BODY,        SIDES,  FREE, TOLD, ALONE, C.INFORMER),
    Facts(InstanceAvis,                     ATTRIBUTION, BODY,        SIDES,  FREE, TOLD, ALONE, C.INFORMER),
    Facts(DesignationContingent,            ATTRIBUTION, PREFECT,     SIDES,  FREE, TOLD, ALONE, C.INFORMER),
    Facts(DecisionCommission,               ATTRIBUTION, ADDRESSEE,   SIDES,  FREE, TOLD, ALONE, candidature.decision),
    Facts(ConditionLevee,                   ATTRIBUTION, ADDRESSEE,   SIDES,  FREE, TOLD, ALONE, C.LEVER_LA_CONDITION),
    Facts(PropositionAcceptee,              ATTRIBUTION, ADDRESSEE,   SIDES,  FREE, TOLD, ALONE, C.ACCEPTER),
    Facts(PropositionRefusee,               ATTRIBUTION, ADDRESSEE,   SIDES,  FREE, TOLD, ALONE, C.REFUSER),
    Facts(BailSigne,                        ATTRIBUTION, ADDRESSEE,   SIDES,  FREE, TOLD, ALONE, C.SIGNER),
    Facts(RadiationSne,                     ATTRIBUTION, BODY,        SIDES,  FREE, TOLD, ALONE, C.INFORMER),
    Facts(AlerteConflit,                    ALERTE,      THE_HUB,     SIAO,   FREE, TOLD, ALONE, S.ALERTER),
    Facts(AlerteAnomalie,                   ALERTE,      THE_HUB,     SIAO,   FREE, TOLD, ALONE, S.ALERTER),
    Facts(LivraisonRemise,                  LIVRAISON,   THE_HUB,     NOBODY, FREE, TOLD, ALONE, S.RECEVOIR),
)
# fmt: on


def by_contract(rows: Sequence[Facts]) -> Mapping[type[Contrat], Facts]:
    """The rows by their contracts. Raises LookupError unless each contract has exactly one."""
    number = Counter(row.contrat for row in rows)
    wrong = {contrat for contrat in (*CONTRATS.values(), *number) if number[contrat] != 1}
    if wrong or len(rows) != len(CONTRATS):
        raise LookupError(f"une ligne, et une seule, par message : {sorted(c.__name__ for c in wrong)}")
    return {row.contrat: row for row in rows}


FACTS = by_contract(_ROWS)

ADDRESSEES: Mapping[Famille, Nature] = {
    Famille.HEBERGEMENT: Nature.ORIENTATION,
    Famille.LOGEMENT_ACCOMPAGNE: Nature.ORIENTATION,
    Famille.BAILLEUR: Nature.CANDIDATURE,
    Famille.CIL: Nature.CANDIDATURE,
}
"""What the SIAO addresses to each family; one that is not here receives nothing yet."""


def heard_by(famille: Famille) -> list[type[Contrat]]:
    """The messages that a partner of a family may be sent."""
    return [row.contrat for row in _ROWS if _hears(famille, row)]


def _hears(famille: Famille, row: Facts) -> bool:
    by_siao = bool({Famille.SIAO, Role.EMETTEUR} & set(row.said_by))
    if famille is Famille.SIAO:
        return row.heard_by is Role.SIAO or (row.heard_by is Role.EMETTEUR and not by_siao)
    return row.heard_by is Role.EMETTEUR and by_siao and row.contrat.NATURE is ADDRESSEES.get(famille)


def facts_of(contrat: Contrat | type[Contrat]) -> Facts:
    """The facts of a message. Raises Unroutable where there are none."""
    kind = contrat if isinstance(contrat, type) else type(contrat)
    if kind not in FACTS:
        raise Unroutable(f"aucune règle pour {kind.TYPE}")
    return FACTS[kind]


def topic_of(event_type: str) -> Topic:
    """The topic of a CloudEvents type. Raises InvalidContract for an unknown one."""
    contrat = CONTRATS.get(event_type)
    if contrat is None:
        raise InvalidContract(f"aucun topic pour le type « {event_type} »")
    return facts_of(contrat).topic
