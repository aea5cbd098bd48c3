"""Hold the facts about every message type, in one row for each type: who may send it, who receives it, what
it needs.

No fact has a default, and importing this module fails if a message type has no row. To add a message type,
write its contract and its row. If it changes a state, also give it a transition in a rule book
(`router/domain/books.py`).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from contracts.base import Contrat
from contracts.errors import InvalidContract, Unroutable
from contracts.partner import DECLARING, Famille
from contracts.reference.codes import MotifRefus
from contracts.topics import OF_NATURE, TOPICS, Topic
from contracts.v1 import CONTRATS
from contracts.v1.aide_sociale import (
    AideSocialeCompletee,
    AideSocialeDemandee,
    AideSocialeEcheance,
    AideSocialeProlongationDemandee,
    AideSocialeRecue,
    AideSocialeRepondue,
    AideSocialeReputeeAcceptee,
)
from contracts.v1.alerte import AlerteAnomalie, AlerteConflit, AlerteEcheance, AlerteSilence
from contracts.v1.attribution import (
    BailSigne,
    CandidatureAccompagnement,
    CandidatureAccusee,
    CandidatureInscrite,
    CandidaturePresentee,
    CandidatureRetiree,
    CandidatureSurListe,
    ConditionLevee,
    DecisionCommission,
    DesignationContingent,
    EligibiliteReconnue,
    InstanceAvis,
    PropositionAcceptee,
    PropositionRefusee,
    RadiationAnnulee,
    RadiationSne,
)
from contracts.v1.convention import (
    ConventionBilan,
    ConventionContestee,
    ConventionDenoncee,
    ConventionEcheance,
    ConventionExpiree,
    ConventionQuart,
    ConventionSignee,
    DerogationAccordee,
    DerogationContestee,
    DerogationDenoncee,
    DerogationEcheance,
    DerogationExpiree,
)
from contracts.v1.daho import (
    DahoAccueilli,
    DahoAttribue,
    DahoDesigne,
    DahoEcheance,
    DahoHorsDelai,
    DahoOriente,
    DahoRetire,
)
from contracts.v1.demande import (
    DemandeActualisee,
    DemandeAnnulee,
    DemandeCompletee,
    DemandeEvaluee,
    DemandeNonPourvue,
    DemandePlaceTrouvee,
    DemandeRecue,
    DemandeSuite,
    DemandeTransferee,
    EvaluationDemandee,
    EvaluationRealisee,
    SignalementRecu,
    SignalementTraite,
)
from contracts.v1.echeance import (
    CandidatureEcheance,
    DemandeEcheance,
    MenageEcheance,
    OrientationEcheance,
    PlaceEcheance,
    SignalementEcheance,
)
from contracts.v1.examen import ExamenAvis, ExamenEcheance, ExamenInscrit
from contracts.v1.livraison import LivraisonRemise
from contracts.v1.observation import ObservationEnregistrement, ObservationIndicateur
from contracts.v1.occupation import OccupationReleve
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
    PlaceRetenue,
    PlaceVacancePrevisible,
    PlaceVacante,
)
from contracts.v1.pret_logement import (
    DoublonConfirme,
    DoublonEcarte,
    DoublonSuspecte,
    ListeDemandee,
    ListeRepondue,
    MenageReuni,
    MenageSepare,
    PretLogementActualise,
    PretLogementDeclare,
    PretLogementDiffuse,
    PretLogementRepondu,
    PretLogementRetire,
)
from contracts.v1.suite import (
    AccompagnementDemande,
    AccompagnementRepondu,
    AccompagnementSansContact,
    AdmissionDirecte,
    AdmissionHorsSiao,
    AdmissionPrononcee,
    EntreeConstatee,
    PresentationAbsence,
    SejourProlonge,
    SortieDeclaree,
)
from contracts.v1.suivi import SuiviDemande, SuiviEcheance, SuiviRepondu, SuiviRetire, SuiviSansContact
from contracts.v1.transfert import DemandeTransfertAccepte, DemandeTransfertRefuse, DemandeTransfertRetire
from router.domain.parts import Part, Party


@dataclass(frozen=True, slots=True)
class Beside:
    """The partners that receive the messages of one type besides their addressee, and the cases in which the
    addressee does not receive them."""

    around: tuple[Famille, ...] = ()
    """Types of partners that are notified too. All partners of these types in the subject's territory are
    notified, whether they are a party of the subject or not (duties C3, C6, C12 and C15 of
    `docs/obligations.md`)."""
    motif: MotifRefus | None = None
    """Motive of a refusal. If it is given, `around` is notified only of refusals with this motive; if it is
    None, of every message."""
    named: Famille | None = None
    """Type of a partner that a field of the message names. This partner receives the message too. If the
    addressee itself sent the message, only the named partner receives it."""
    only: Famille | None = None
    """Type of partner that the addressee must have to receive the message. None if an addressee of any type
    receives it."""
    siao: bool = False
    """True if the responsible SIAO is notified too (duty C10 in `docs/obligations.md`)."""
    optional: bool = False
    """True if the addressee is skipped when it receives no deliveries, or when it is also the subject's
    recipient. If False, the event fails with Unroutable when the addressee receives no deliveries."""


class SansLivre(StrEnum):
    """A way to treat messages whose type is in no rule book. For example, the hub only sends the message to
    its recipients, or applies a deadline's stage."""

    DIRE = "dire"  # send it on
    RECOMPOSER = "recomposer"  # alert the partners of a household that split or joined another
    ALERTER = "alerter"  # send it on, also to the partner that caused it
    SUIVRE = "suivre"  # send it on; its subject must exist, and is not changed
    ECHOIR = "echoir"  # apply a deadline's stage, if the deadline still runs
    TRANSMETTRE = "transmettre"  # send it on, without changing any subject
    EXTRAIRE = "extraire"  # send a reader its whole list
    RECEVOIR = "recevoir"  # note that the recipient has received the request


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts about all messages of one type: who may send them, who receives them, and what they do. `FACTS`
    has one such row for each message type."""

    contrat: type[Contrat]
    said_by: tuple[Part, ...]
    """Parties of the subject, and types of partners, that may send the message. Duties C1 and C5 to C9 of
    `docs/obligations.md` say which."""
    addressee: Party
    """Party that receives the message; `Party.HUB` if nobody does. If this party itself is the sender, the
    message goes to the party that `routing.OTHER` names instead, or to nobody."""
    beside: Beside
    needs_key: bool
    """True if the sender must give an idempotency key or an event id, because the message creates a
    subject."""
    owed_an_answer: bool
    """True if the recipient has to answer. The deadlines start when the recipient receives the message."""
    also: tuple[str, ...]
    """Fields of the message that have the ids of further subjects. The rules read or change these
    subjects."""
    effect: SansLivre | None
    """Effect of a message whose type is in no rule book. None if a rule book applies the message."""


S = SansLivre
BOOK = None
MANAGER = (Party.GESTIONNAIRE, Party.PREMIER)
MANAGER_HUB = (*MANAGER, Party.HUB)
RESERVER = (Party.GESTIONNAIRE, Party.SIAO, Party.HUB)
A_SIAO = (Famille.SIAO,)
A_STATE = (Famille.ETAT,)
SHELTER = (Famille.HEBERGEMENT,)
ADDRESSEE = (Party.DESTINATAIRE,)
OWNER_HUB = (Party.DESTINATAIRE, Party.HUB)
THE_TAKER = (Party.REPRENEUR,)
WHO_SENT = (Party.EMETTEUR,)
SIAO_HUB = (Party.EMETTEUR, Party.HUB)
EITHER = (Party.EMETTEUR, Party.DESTINATAIRE)
BRINGERS = (Famille.VEILLE_SOCIALE, Famille.PRESCRIPTEUR, Famille.SPIP, Famille.ARS, Famille.ASILE)
OPENERS = (*BRINGERS, Famille.SIAO)
IN_THE_STREET = (Famille.VEILLE_SOCIALE, Famille.PRESCRIPTEUR)
OPERATOR = (Party.DESTINATAIRE, Party.OPERATEUR)
ASSESSOR = (Party.EMETTEUR, Party.EVALUATEUR)
ASSESSORS = (*BRINGERS, Famille.HEBERGEMENT, Famille.LOGEMENT_ACCOMPAGNE, Famille.ACCOMPAGNEMENT)
BODY = (Party.DESTINATAIRE, Famille.CONTINGENT, Famille.COLLECTIVITE)
PREFECT = (Famille.CONTINGENT,)
DECLARERS = (Famille.SIAO, *sorted(DECLARING))
WITHDRAWERS = (*SIAO_HUB, Party.DECLARANT)
READER_HUB = (Famille.CONTINGENT, Party.HUB)
BASE = (Famille.BDOS,)
DEROGATING = (Famille.SIAO, Famille.ETAT, Famille.HEBERGEMENT, Famille.LOGEMENT_ACCOMPAGNE)
CONVENED = (
    *(Famille.SIAO, Famille.ETAT, Famille.LOGEMENT_ACCOMPAGNE, Famille.BAILLEUR),
    *(Famille.CIL, Famille.COLLECTIVITE, Famille.CONTINGENT),
)
COLLECTOR = (Famille.CIL,)
THE_HUB = (Party.HUB,)

SIAO = Party.SIAO  # the manager, if the SIAO is the sender
TO = Party.DESTINATAIRE  # nobody, if the addressee is the sender
SIDES = Party.EMETTEUR  # the addressee, if the sender of the request is the sender
TAKER = Party.REPRENEUR  # the SIAO that is asked to take a demand over
ASSESS = Party.EVALUATEUR  # the partner that is asked to evaluate the household
ASKER = Party.DECLARANT  # the partner that declared the household ready
NOBODY = Party.HUB
SIGN = Party.SIGNATAIRE  # the signatories, the SIAO and the State, without the sender

NONE = Beside()
TONIGHT = Beside(around=(Famille.VEILLE_SOCIALE,))
READY = Beside(around=(Famille.CONTINGENT,), siao=True)
LIST = Beside(around=(Famille.CONTINGENT,))
HOUSED = Beside(around=(Famille.CONTINGENT, Famille.BAILLEUR))
SEEN = Beside(around=BASE)
STATE = Beside(around=(Famille.ETAT,))
COUNT = Beside(around=(*BASE, Famille.ETAT))
MEANS = Beside(around=(Famille.ETAT,), motif=MotifRefus.RESSOURCES_INSUFFISANTES)
ASKED = Beside(named=Famille.ACCOMPAGNEMENT)
NEWS = Beside(optional=True)
AIDE = Beside(siao=True)
DEEMED = Beside(around=(Famille.ETAT,), siao=True)
FOUND = Beside(only=Famille.SPIP, optional=True)
QUARTER = Beside(around=(Famille.ETAT,), siao=True, only=Famille.CIL)
LISTED = Beside(only=Famille.CIL)

KEY, FREE = True, False
OWED, TOLD = True, False
ITS_OWN: tuple[str, ...] = ("place", "autres_places", "demande", "acte", "candidature")
STAY: tuple[str, ...] = ("orientation",)
STAY_UNDER: tuple[str, ...] = ("orientation", "acte")
UNDER_ONE: tuple[str, ...] = ("menage", "acte")
OF_A_CASE: tuple[str, ...] = ("menage", "candidature")
ALONE: tuple[str, ...] = ()

# fmt: off
_ROWS = (
    #     message                           said by      to      beside   key?  owed? also   effect
    Facts(PlaceDeclaree,                    MANAGER,     SIAO,   NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(PlaceVacante,                     MANAGER,     SIAO,   TONIGHT, FREE, TOLD, ALONE, BOOK),
    Facts(PlaceVacancePrevisible,           MANAGER,     SIAO,   NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(PlaceReservee,                    RESERVER,    SIAO,   NEWS,    FREE, TOLD, ALONE, S.SUIVRE),
    Facts(PlaceRetenue,                     THE_HUB,     NOBODY, TONIGHT, FREE, TOLD, ALONE, S.SUIVRE),
    Facts(PlaceLiberee,                     MANAGER_HUB, SIAO,   TONIGHT, FREE, TOLD, ALONE, BOOK),
    Facts(PlaceOccupee,                     MANAGER,     SIAO,   TONIGHT, FREE, TOLD, STAY,  BOOK),
    Facts(PlaceIndisponible,                MANAGER,     SIAO,   TONIGHT, FREE, TOLD, ALONE, BOOK),
    Facts(PlaceDisponible,                  MANAGER_HUB, SIAO,   TONIGHT, FREE, TOLD, ALONE, BOOK),
    Facts(PlaceFermee,                      MANAGER,     SIAO,   TONIGHT, FREE, TOLD, ALONE, BOOK),
    Facts(GroupePlacesModifie,              MANAGER,     SIAO,   NONE,    FREE, TOLD, ALONE, S.DIRE),
    Facts(OccupationReleve,                 MANAGER,     SIAO,   COUNT,   FREE, TOLD, ALONE, S.DIRE),
    Facts(AdmissionDirecte,                 MANAGER,     SIAO,   NONE,    FREE, TOLD, STAY_UNDER, BOOK),
    Facts(AdmissionHorsSiao,                THE_HUB,     NOBODY, STATE,   FREE, TOLD, ALONE, S.TRANSMETTRE),
    Facts(PlaceEcheance,                    THE_HUB,     NOBODY, NONE,    FREE, TOLD, ALONE, S.ECHOIR),
    Facts(SignalementRecu,                  IN_THE_STREET, SIAO, NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(SignalementTraite,                A_SIAO,      SIDES,  NEWS,    FREE, TOLD, ALONE, BOOK),
    Facts(SignalementEcheance,              THE_HUB,     NOBODY, NONE,    FREE, TOLD, ALONE, S.ECHOIR),
    Facts(DemandeRecue,                     OPENERS,     TO,     NONE,    KEY,  TOLD, ALONE, BOOK),
    Facts(DemandeCompletee,                 WHO_SENT,    TO,     NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(DemandeActualisee,                EITHER,      TO,     NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(DemandeAnnulee,                   EITHER,      TO,     NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(EvaluationDemandee,               OWNER_HUB,   ASSESS, NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(EvaluationRealisee,               ASSESSOR,    TO,     NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(DemandeEvaluee,                   ADDRESSEE,   NOBODY, NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(DemandeNonPourvue,                ADDRESSEE,   SIDES,  NEWS,    FREE, TOLD, ALONE, BOOK),
    Facts(DemandeTransferee,                ADDRESSEE,   TAKER,  NONE,    FREE, OWED, ALONE, BOOK),
    Facts(DemandeTransfertAccepte,          THE_TAKER,   TO,     NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(DemandeTransfertRefuse,           THE_TAKER,   TO,     NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(DemandeTransfertRetire,           OWNER_HUB,   TAKER,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(DemandeEcheance,                  THE_HUB,     NOBODY, NONE,    FREE, TOLD, ALONE, S.ECHOIR),
    Facts(DemandeSuite,                     THE_HUB,     SIDES,  NEWS,    FREE, TOLD, ALONE, S.SUIVRE),
    Facts(DemandePlaceTrouvee,              THE_HUB,     SIDES,  FOUND,   FREE, TOLD, ALONE, S.SUIVRE),
    Facts(OrientationProposee,              A_SIAO,      SIDES,  NONE,    KEY,  OWED, ITS_OWN, BOOK),
    Facts(OrientationAccusee,               ADDRESSEE,   SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(OrientationMiseEnAttente,         ADDRESSEE,   SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(OrientationPreadmissionPlanifiee, ADDRESSEE,   SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(OrientationAcceptee,              ADDRESSEE,   SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(OrientationRefusee,               ADDRESSEE,   SIDES,  MEANS,   FREE, TOLD, ALONE, BOOK),
    Facts(OrientationAnnulee,               SIAO_HUB,    TO,     NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(AdmissionPrononcee,               ADDRESSEE,   SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(EntreeConstatee,                  ADDRESSEE,   SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(PresentationAbsence,              ADDRESSEE,   SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(SejourProlonge,                   ADDRESSEE,   SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(SortieDeclaree,                   ADDRESSEE,   SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(AccompagnementDemande,            EITHER,      SIDES,  ASKED,   FREE, TOLD, ALONE, BOOK),
    Facts(AccompagnementRepondu,            OPERATOR,    SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(AccompagnementSansContact,        OPERATOR,    SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(AideSocialeDemandee,              SHELTER,     SIDES,  AIDE,    KEY,  OWED, STAY,  BOOK),
    Facts(AideSocialeProlongationDemandee,  WHO_SENT,    SIDES,  AIDE,    FREE, OWED, ALONE, BOOK),
    Facts(AideSocialeCompletee,             WHO_SENT,    SIDES,  AIDE,    FREE, OWED, ALONE, BOOK),
    Facts(AideSocialeRecue,                 ADDRESSEE,   SIDES,  AIDE,    FREE, TOLD, ALONE, BOOK),
    Facts(AideSocialeRepondue,              ADDRESSEE,   SIDES,  AIDE,    FREE, TOLD, ALONE, BOOK),
    Facts(AideSocialeReputeeAcceptee,       THE_HUB,     SIDES,  DEEMED,  FREE, TOLD, ALONE, BOOK),
    Facts(AideSocialeEcheance,              THE_HUB,     NOBODY, NONE,    FREE, TOLD, ALONE, S.ECHOIR),
    Facts(DahoDesigne,                      A_STATE,     SIDES,  NONE,    KEY,  OWED, ALONE, BOOK),
    Facts(DahoOriente,                      ADDRESSEE,   SIDES,  NONE,    FREE, TOLD, STAY,  BOOK),
    Facts(DahoAccueilli,                    ADDRESSEE,   SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(DahoAttribue,                     WHO_SENT,    SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(DahoRetire,                       WHO_SENT,    SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(DahoHorsDelai,                    THE_HUB,     SIDES,  AIDE,    FREE, TOLD, ALONE, BOOK),
    Facts(DahoEcheance,                     THE_HUB,     NOBODY, NONE,    FREE, TOLD, ALONE, S.ECHOIR),
    Facts(SuiviDemande,                     A_SIAO,      SIDES,  NONE,    KEY,  OWED, ALONE, BOOK),
    Facts(SuiviRepondu,                     ADDRESSEE,   SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(SuiviSansContact,                 ADDRESSEE,   SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(SuiviRetire,                      WHO_SENT,    SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(SuiviEcheance,                    THE_HUB,     NOBODY, NONE,    FREE, TOLD, ALONE, S.ECHOIR),
    Facts(OrientationEcheance,              THE_HUB,     NOBODY, NONE,    FREE, TOLD, ALONE, S.ECHOIR),
    Facts(PretLogementDeclare,              DECLARERS,   NOBODY, READY,   KEY,  TOLD, ALONE, BOOK),
    Facts(PretLogementActualise,            WHO_SENT,    NOBODY, LIST,    FREE, TOLD, ALONE, BOOK),
    Facts(PretLogementRetire,               WITHDRAWERS, NOBODY, READY,   FREE, TOLD, ALONE, BOOK),
    Facts(PretLogementRepondu,              SIAO_HUB,    ASKER,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(PretLogementDiffuse,              THE_HUB,     NOBODY, NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(ListeRepondue,                    ADDRESSEE,   SIDES,  LIST,    FREE, TOLD, ALONE, BOOK),
    Facts(MenageEcheance,                   THE_HUB,     NOBODY, NONE,    FREE, TOLD, ALONE, S.ECHOIR),
    Facts(ListeDemandee,                    READER_HUB,  NOBODY, NONE,    FREE, TOLD, ALONE, S.EXTRAIRE),
    Facts(DoublonSuspecte,                  THE_HUB,     SIAO,   NONE,    FREE, TOLD, ALONE, S.TRANSMETTRE),
    Facts(DoublonConfirme,                  A_SIAO,      NOBODY, NONE,    FREE, TOLD, ALONE, S.DIRE),
    Facts(DoublonEcarte,                    A_SIAO,      NOBODY, NONE,    FREE, TOLD, ALONE, S.DIRE),
    Facts(MenageSepare,                     A_SIAO,      NOBODY, NONE,    FREE, TOLD, ALONE, S.RECOMPOSER),
    Facts(MenageReuni,                      A_SIAO,      NOBODY, NONE,    FREE, TOLD, ALONE, S.RECOMPOSER),
    Facts(CandidaturePresentee,             A_SIAO,      SIDES,  NONE,    KEY,  OWED, UNDER_ONE, BOOK),
    Facts(CandidatureSurListe,              A_SIAO,      SIDES,  LISTED,  KEY,  OWED, UNDER_ONE, BOOK),
    Facts(CandidatureAccusee,               ADDRESSEE,   SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(CandidatureInscrite,              ADDRESSEE,   SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(CandidatureRetiree,               WHO_SENT,    SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(CandidatureAccompagnement,        THE_HUB,     TO,     NEWS,    FREE, TOLD, ALONE, S.SUIVRE),
    Facts(EligibiliteReconnue,              BODY,        SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(InstanceAvis,                     BODY,        SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(DesignationContingent,            PREFECT,     SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(DecisionCommission,               ADDRESSEE,   SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(ConditionLevee,                   ADDRESSEE,   SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(PropositionAcceptee,              ADDRESSEE,   SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(PropositionRefusee,               ADDRESSEE,   SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(BailSigne,                        ADDRESSEE,   SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(RadiationSne,                     BODY,        SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(RadiationAnnulee,                 BODY,        SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(CandidatureEcheance,              THE_HUB,     NOBODY, NONE,    FREE, TOLD, ALONE, S.ECHOIR),
    Facts(ExamenInscrit,                    A_STATE,     SIDES,  NONE,    KEY,  OWED, ALONE, BOOK),
    Facts(ExamenAvis,                       ADDRESSEE,   SIDES,  HOUSED,  FREE, TOLD, OF_A_CASE, BOOK),
    Facts(ExamenEcheance,                   THE_HUB,     NOBODY, NONE,    FREE, TOLD, ALONE, S.ECHOIR),
    Facts(ConventionSignee,                 CONVENED,    SIGN,   NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(ConventionContestee,              CONVENED,    SIGN,   NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(ConventionDenoncee,               CONVENED,    SIGN,   NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(ConventionBilan,                  COLLECTOR,   NOBODY, NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(ConventionQuart,                  THE_HUB,     SIGN,   QUARTER, FREE, TOLD, ALONE, BOOK),
    Facts(ConventionEcheance,               THE_HUB,     SIGN,   NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(ConventionExpiree,                THE_HUB,     SIGN,   NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(DerogationAccordee,               DEROGATING,  SIGN,   NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(DerogationContestee,              DEROGATING,  SIGN,   NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(DerogationDenoncee,               DEROGATING,  SIGN,   NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(DerogationEcheance,               THE_HUB,     SIGN,   NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(DerogationExpiree,                THE_HUB,     SIGN,   NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(ObservationEnregistrement,        THE_HUB,     NOBODY, SEEN,    FREE, TOLD, ALONE, S.TRANSMETTRE),
    Facts(ObservationIndicateur,            BASE,        NOBODY, NONE,    FREE, TOLD, ALONE, S.DIRE),
    Facts(AlerteEcheance,                   THE_HUB,     SIAO,   NONE,    FREE, TOLD, ALONE, S.ALERTER),
    Facts(AlerteSilence,                    THE_HUB,     SIAO,   NONE,    FREE, TOLD, ALONE, S.ALERTER),
    Facts(AlerteConflit,                    THE_HUB,     SIAO,   NONE,    FREE, TOLD, ALONE, S.ALERTER),
    Facts(AlerteAnomalie,                   THE_HUB,     SIAO,   NONE,    FREE, TOLD, ALONE, S.ALERTER),
    Facts(LivraisonRemise,                  THE_HUB,     NOBODY, NONE,    FREE, TOLD, ALONE, S.RECEVOIR),
)
# fmt: on


def by_contract(rows: Sequence[Facts]) -> Mapping[type[Contrat], Facts]:
    """Return the facts about each message type, by message type. `rows` has one row for each type. Raises
    LookupError if a message type has no row or several rows. Raises it also if a row is about a message type
    whose module is missing in `MODULES` (`contracts/v1`)."""
    number = Counter(row.contrat for row in rows)
    if unread := number.keys() - CONTRATS.values():
        names = sorted(contrat.__name__ for contrat in unread)
        raise LookupError(f"contracts/v1/__init__.py : ajoutez à MODULES le module de {names}")
    if wrong := {contrat for contrat in CONTRATS.values() if number[contrat] != 1}:
        names = sorted(contrat.__name__ for contrat in wrong)
        raise LookupError(f"router/domain/messages.py : une ligne, et une seule, par message : {names}")
    return {row.contrat: row for row in rows}


FACTS = by_contract(_ROWS)


def facts_of(contrat: Contrat | type[Contrat]) -> Facts:
    """Return the facts about a message type: who may send it, who receives it, what it does. `contrat` is the
    type, or a message of this type. Raises Unroutable if the hub has no facts about the type."""
    kind = contrat if isinstance(contrat, type) else type(contrat)
    if kind not in FACTS:
        raise Unroutable(f"aucune règle pour {kind.TYPE}")
    return FACTS[kind]


def topic_of(event_type: str) -> Topic:
    """Return the Kafka topic of a message type. `event_type` is the name of the type in the event's envelope
    (attribute `type` of the CloudEvents standard). Raises InvalidContract for an unknown type."""
    contrat = CONTRATS.get(event_type)
    if contrat is None:
        raise InvalidContract(f"aucun topic pour le type « {event_type} »")
    return OF_NATURE[contrat.NATURE] if contrat.NATURE else TOPICS[contrat.DOMAINE]
