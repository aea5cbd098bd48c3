"""Facts of every message type, one row a type: who sends it, who receives it, what it needs.

Nothing has a default, and a contract without a row fails at import. A new type is one contract and one row;
if it changes a subject's state, the rule book of the subject says how (`router/domain/books.py`).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from contracts.base import Contrat
from contracts.errors import InvalidContract, Unroutable
from contracts.partner import DECLARING, Famille
from contracts.reference.codes import MotifRefus
from contracts.topics import (
    ALERTE,
    ATTRIBUTION,
    CONVENTION,
    DEMANDE,
    LIVRAISON,
    MENAGE,
    OBSERVATION,
    OFFRE,
    ORIENTATION,
    Topic,
)
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
    """Recipients of a message besides its addressee or in place of it, and conditions on the addressee."""

    around: tuple[Famille, ...] = ()
    """Families of the territory that are notified although they are no party to the subject: the 115 about
    tonight's places (duty C3), the prefect's services about the households to rehouse (C6), the observation
    about pathways and occupancy (C12), the State about occupancy (C15)."""
    motif: MotifRefus | None = None
    """Motive of a refusal without which the families `around` are not notified; None if they are notified of
    any."""
    named: Famille | None = None
    """Family of the partner that the message itself names. That partner is notified in place of the usual
    addressee."""
    only: Famille | None = None
    """Family to which the addressee must belong; None if any may receive the message. Example: of the
    families that bring households, the matrix lets only a probation service know the place that was found."""
    siao: bool = False
    """True if the SIAO of the subject is notified as well as its sender and its recipient (duty C10)."""
    optional: bool = False
    """True if an addressee to which the hub cannot deliver is skipped, while the message still changes its
    subjects. If False, the event fails."""


class SansLivre(StrEnum):
    """Effect of a message that no rule book handles."""

    DIRE = "dire"  # send it on
    RECOMPOSER = "recomposer"  # notify those that hold a household that has split or joined another
    ALERTER = "alerter"  # send it on, also to the partner that gave rise to it
    SUIVRE = "suivre"  # send on news of a subject, and note nothing of it
    ECHOIR = "echoir"  # judge a reached stage against the deadlines that run
    TRANSMETTRE = "transmettre"  # send it on, and note nothing of it
    EXTRAIRE = "extraire"  # give a reader its whole list
    RECEVOIR = "recevoir"  # note that the recipient has the referral or candidacy


@dataclass(frozen=True, slots=True)
class Facts:
    """Properties that all messages of one type share."""

    contrat: type[Contrat]
    topic: Topic
    said_by: tuple[Part, ...]
    """Parties to the subject, and families, that may send the message (duties C1, C5 to C9)."""
    addressee: Party
    """Party to the subject that receives the message. If that party is itself the sender, the opposite party
    does (`routing.OTHER`)."""
    beside: Beside
    """Recipients besides the addressee, and conditions on the addressee."""
    needs_key: bool
    """True if the sender must give a key or an id by which the hub recognises a repetition. Without it, a
    repetition would count as a second household."""
    owed_an_answer: bool
    """True if the recipient has to answer. Its deadlines then start at the proven receipt of the message."""
    also: tuple[str, ...]
    """Fields of the message that name further subjects, which the message reads or changes."""
    effect: SansLivre | None
    """Effect of a message that no rule book handles; None if a rule book handles the message."""


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
IN_THE_STREET = (Famille.VEILLE_SOCIALE, Famille.PRESCRIPTEUR)
OPERATOR = (Party.DESTINATAIRE, Party.OPERATEUR)
ASSESSOR = (Party.EMETTEUR, Party.EVALUATEUR)
ASSESSORS = (*BRINGERS, Famille.HEBERGEMENT, Famille.LOGEMENT_ACCOMPAGNE, Famille.ACCOMPAGNEMENT)
BODY = (Party.DESTINATAIRE, Famille.CONTINGENT, Famille.COLLECTIVITE)
PREFECT = (Famille.CONTINGENT,)
DECLARERS = (Famille.SIAO, *sorted(DECLARING))
READER_HUB = (Famille.CONTINGENT, Party.HUB)
BASE = (Famille.BDOS,)
DEROGATING = (Famille.SIAO, Famille.ETAT, Famille.HEBERGEMENT, Famille.LOGEMENT_ACCOMPAGNE)
CONVENED = (
    *(Famille.SIAO, Famille.ETAT, Famille.LOGEMENT_ACCOMPAGNE, Famille.BAILLEUR),
    *(Famille.CIL, Famille.COLLECTIVITE, Famille.CONTINGENT),
)
COLLECTOR = (Famille.CIL,)
THE_HUB = (Party.HUB,)

SIAO = Party.SIAO  # the manager, where the SIAO itself sends it
TO = Party.DESTINATAIRE  # nobody, where the addressee itself sends it
SIDES = Party.EMETTEUR  # the addressee, where the sender of the referral or candidacy sends it
TAKER = Party.REPRENEUR  # the SIAO that is asked to take a demand over
ASSESS = Party.EVALUATEUR  # who is asked to evaluate the household
ASKER = Party.DECLARANT  # who has declared the household ready
NOBODY = Party.HUB
SIGN = Party.SIGNATAIRE  # every signatory but the sender, the SIAO and the State

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
    #     message                           topic        said by      to      beside   key?  owed? also   effect
    Facts(PlaceDeclaree,                    OFFRE,       MANAGER,     SIAO,   NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(PlaceVacante,                     OFFRE,       MANAGER,     SIAO,   TONIGHT, FREE, TOLD, ALONE, BOOK),
    Facts(PlaceVacancePrevisible,           OFFRE,       MANAGER,     SIAO,   NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(PlaceReservee,                    OFFRE,       RESERVER,    SIAO,   NEWS,    FREE, TOLD, ALONE, S.SUIVRE),
    Facts(PlaceRetenue,                     OFFRE,       THE_HUB,     NOBODY, TONIGHT, FREE, TOLD, ALONE, S.SUIVRE),
    Facts(PlaceLiberee,                     OFFRE,       MANAGER_HUB, SIAO,   TONIGHT, FREE, TOLD, ALONE, BOOK),
    Facts(PlaceOccupee,                     OFFRE,       MANAGER,     SIAO,   TONIGHT, FREE, TOLD, STAY,  BOOK),
    Facts(PlaceIndisponible,                OFFRE,       MANAGER,     SIAO,   TONIGHT, FREE, TOLD, ALONE, BOOK),
    Facts(PlaceDisponible,                  OFFRE,       MANAGER_HUB, SIAO,   TONIGHT, FREE, TOLD, ALONE, BOOK),
    Facts(PlaceFermee,                      OFFRE,       MANAGER,     SIAO,   TONIGHT, FREE, TOLD, ALONE, BOOK),
    Facts(GroupePlacesModifie,              OFFRE,       MANAGER,     SIAO,   NONE,    FREE, TOLD, ALONE, S.DIRE),
    Facts(OccupationReleve,                 OFFRE,       MANAGER,     SIAO,   COUNT,   FREE, TOLD, ALONE, S.DIRE),
    Facts(AdmissionDirecte,                 OFFRE,       MANAGER,     SIAO,   NONE,    FREE, TOLD, STAY_UNDER, BOOK),
    Facts(AdmissionHorsSiao,                OFFRE,       THE_HUB,     NOBODY, STATE,   FREE, TOLD, ALONE, S.TRANSMETTRE),
    Facts(PlaceEcheance,                    OFFRE,       THE_HUB,     NOBODY, NONE,    FREE, TOLD, ALONE, S.ECHOIR),
    Facts(SignalementRecu,                  DEMANDE,     IN_THE_STREET, SIAO, NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(SignalementTraite,                DEMANDE,     A_SIAO,      SIDES,  NEWS,    FREE, TOLD, ALONE, BOOK),
    Facts(SignalementEcheance,              DEMANDE,     THE_HUB,     NOBODY, NONE,    FREE, TOLD, ALONE, S.ECHOIR),
    Facts(DemandeRecue,                     DEMANDE,     BRINGERS,    TO,     NONE,    KEY,  TOLD, ALONE, BOOK),
    Facts(DemandeCompletee,                 DEMANDE,     WHO_SENT,    TO,     NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(DemandeActualisee,                DEMANDE,     EITHER,      TO,     NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(DemandeAnnulee,                   DEMANDE,     EITHER,      TO,     NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(EvaluationDemandee,               DEMANDE,     OWNER_HUB,   ASSESS, NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(EvaluationRealisee,               DEMANDE,     ASSESSOR,    TO,     NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(DemandeEvaluee,                   DEMANDE,     ADDRESSEE,   NOBODY, NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(DemandeNonPourvue,                DEMANDE,     ADDRESSEE,   SIDES,  NEWS,    FREE, TOLD, ALONE, BOOK),
    Facts(DemandeTransferee,                DEMANDE,     ADDRESSEE,   TAKER,  NONE,    FREE, OWED, ALONE, BOOK),
    Facts(DemandeTransfertAccepte,          DEMANDE,     THE_TAKER,   TO,     NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(DemandeTransfertRefuse,           DEMANDE,     THE_TAKER,   TO,     NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(DemandeTransfertRetire,           DEMANDE,     OWNER_HUB,   TAKER,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(DemandeEcheance,                  DEMANDE,     THE_HUB,     NOBODY, NONE,    FREE, TOLD, ALONE, S.ECHOIR),
    Facts(DemandeSuite,                     DEMANDE,     THE_HUB,     SIDES,  NEWS,    FREE, TOLD, ALONE, S.SUIVRE),
    Facts(DemandePlaceTrouvee,              DEMANDE,     THE_HUB,     SIDES,  FOUND,   FREE, TOLD, ALONE, S.SUIVRE),
    Facts(OrientationProposee,              ORIENTATION, A_SIAO,      SIDES,  NONE,    KEY,  OWED, ITS_OWN, BOOK),
    Facts(OrientationAccusee,               ORIENTATION, ADDRESSEE,   SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(OrientationMiseEnAttente,         ORIENTATION, ADDRESSEE,   SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(OrientationPreadmissionPlanifiee, ORIENTATION, ADDRESSEE,   SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(OrientationAcceptee,              ORIENTATION, ADDRESSEE,   SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(OrientationRefusee,               ORIENTATION, ADDRESSEE,   SIDES,  MEANS,   FREE, TOLD, ALONE, BOOK),
    Facts(OrientationAnnulee,               ORIENTATION, SIAO_HUB,    TO,     NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(AdmissionPrononcee,               ORIENTATION, ADDRESSEE,   SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(EntreeConstatee,                  ORIENTATION, ADDRESSEE,   SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(PresentationAbsence,              ORIENTATION, ADDRESSEE,   SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(SejourProlonge,                   ORIENTATION, ADDRESSEE,   SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(SortieDeclaree,                   ORIENTATION, ADDRESSEE,   SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(AccompagnementDemande,            ORIENTATION, EITHER,      SIDES,  ASKED,   FREE, TOLD, ALONE, BOOK),
    Facts(AccompagnementRepondu,            ORIENTATION, OPERATOR,    SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(AccompagnementSansContact,        ORIENTATION, OPERATOR,    SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(AideSocialeDemandee,              ORIENTATION, SHELTER,     SIDES,  AIDE,    KEY,  OWED, STAY,  BOOK),
    Facts(AideSocialeProlongationDemandee,  ORIENTATION, WHO_SENT,    SIDES,  AIDE,    FREE, OWED, ALONE, BOOK),
    Facts(AideSocialeCompletee,             ORIENTATION, WHO_SENT,    SIDES,  AIDE,    FREE, OWED, ALONE, BOOK),
    Facts(AideSocialeRecue,                 ORIENTATION, ADDRESSEE,   SIDES,  AIDE,    FREE, TOLD, ALONE, BOOK),
    Facts(AideSocialeRepondue,              ORIENTATION, ADDRESSEE,   SIDES,  AIDE,    FREE, TOLD, ALONE, BOOK),
    Facts(AideSocialeReputeeAcceptee,       ORIENTATION, THE_HUB,     SIDES,  DEEMED,  FREE, TOLD, ALONE, BOOK),
    Facts(AideSocialeEcheance,              ORIENTATION, THE_HUB,     NOBODY, NONE,    FREE, TOLD, ALONE, S.ECHOIR),
    Facts(DahoDesigne,                      ORIENTATION, A_STATE,     SIDES,  NONE,    KEY,  OWED, ALONE, BOOK),
    Facts(DahoOriente,                      ORIENTATION, ADDRESSEE,   SIDES,  NONE,    FREE, TOLD, STAY,  BOOK),
    Facts(DahoAccueilli,                    ORIENTATION, ADDRESSEE,   SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(DahoAttribue,                     ORIENTATION, WHO_SENT,    SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(DahoRetire,                       ORIENTATION, WHO_SENT,    SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(DahoHorsDelai,                    ORIENTATION, THE_HUB,     SIDES,  AIDE,    FREE, TOLD, ALONE, BOOK),
    Facts(DahoEcheance,                     ORIENTATION, THE_HUB,     NOBODY, NONE,    FREE, TOLD, ALONE, S.ECHOIR),
    Facts(SuiviDemande,                     ORIENTATION, A_SIAO,      SIDES,  NONE,    KEY,  OWED, ALONE, BOOK),
    Facts(SuiviRepondu,                     ORIENTATION, ADDRESSEE,   SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(SuiviSansContact,                 ORIENTATION, ADDRESSEE,   SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(SuiviRetire,                      ORIENTATION, WHO_SENT,    SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(SuiviEcheance,                    ORIENTATION, THE_HUB,     NOBODY, NONE,    FREE, TOLD, ALONE, S.ECHOIR),
    Facts(OrientationEcheance,              ORIENTATION, THE_HUB,     NOBODY, NONE,    FREE, TOLD, ALONE, S.ECHOIR),
    Facts(PretLogementDeclare,              MENAGE,      DECLARERS,   NOBODY, READY,   KEY,  TOLD, ALONE, BOOK),
    Facts(PretLogementActualise,            MENAGE,      WHO_SENT,    NOBODY, LIST,    FREE, TOLD, ALONE, BOOK),
    Facts(PretLogementRetire,               MENAGE,      SIAO_HUB,    NOBODY, LIST,    FREE, TOLD, ALONE, BOOK),
    Facts(PretLogementRepondu,              MENAGE,      SIAO_HUB,    ASKER,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(PretLogementDiffuse,              MENAGE,      THE_HUB,     NOBODY, NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(ListeRepondue,                    MENAGE,      ADDRESSEE,   SIDES,  LIST,    FREE, TOLD, ALONE, BOOK),
    Facts(MenageEcheance,                   MENAGE,      THE_HUB,     NOBODY, NONE,    FREE, TOLD, ALONE, S.ECHOIR),
    Facts(ListeDemandee,                    MENAGE,      READER_HUB,  NOBODY, NONE,    FREE, TOLD, ALONE, S.EXTRAIRE),
    Facts(DoublonSuspecte,                  MENAGE,      THE_HUB,     SIAO,   NONE,    FREE, TOLD, ALONE, S.TRANSMETTRE),
    Facts(DoublonConfirme,                  MENAGE,      A_SIAO,      NOBODY, NONE,    FREE, TOLD, ALONE, S.DIRE),
    Facts(DoublonEcarte,                    MENAGE,      A_SIAO,      NOBODY, NONE,    FREE, TOLD, ALONE, S.DIRE),
    Facts(MenageSepare,                     MENAGE,      A_SIAO,      NOBODY, NONE,    FREE, TOLD, ALONE, S.RECOMPOSER),
    Facts(MenageReuni,                      MENAGE,      A_SIAO,      NOBODY, NONE,    FREE, TOLD, ALONE, S.RECOMPOSER),
    Facts(CandidaturePresentee,             ATTRIBUTION, A_SIAO,      SIDES,  NONE,    KEY,  OWED, UNDER_ONE, BOOK),
    Facts(CandidatureSurListe,              ATTRIBUTION, A_SIAO,      SIDES,  LISTED,  KEY,  OWED, UNDER_ONE, BOOK),
    Facts(CandidatureAccusee,               ATTRIBUTION, ADDRESSEE,   SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(CandidatureInscrite,              ATTRIBUTION, ADDRESSEE,   SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(CandidatureRetiree,               ATTRIBUTION, WHO_SENT,    SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(CandidatureAccompagnement,        ATTRIBUTION, THE_HUB,     TO,     NEWS,    FREE, TOLD, ALONE, S.SUIVRE),
    Facts(EligibiliteReconnue,              ATTRIBUTION, BODY,        SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(InstanceAvis,                     ATTRIBUTION, BODY,        SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(DesignationContingent,            ATTRIBUTION, PREFECT,     SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(DecisionCommission,               ATTRIBUTION, ADDRESSEE,   SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(ConditionLevee,                   ATTRIBUTION, ADDRESSEE,   SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(PropositionAcceptee,              ATTRIBUTION, ADDRESSEE,   SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(PropositionRefusee,               ATTRIBUTION, ADDRESSEE,   SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(BailSigne,                        ATTRIBUTION, ADDRESSEE,   SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(RadiationSne,                     ATTRIBUTION, BODY,        SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(RadiationAnnulee,                 ATTRIBUTION, BODY,        SIDES,  NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(CandidatureEcheance,              ATTRIBUTION, THE_HUB,     NOBODY, NONE,    FREE, TOLD, ALONE, S.ECHOIR),
    Facts(ExamenInscrit,                    ATTRIBUTION, A_STATE,     SIDES,  NONE,    KEY,  OWED, ALONE, BOOK),
    Facts(ExamenAvis,                       ATTRIBUTION, ADDRESSEE,   SIDES,  HOUSED,  FREE, TOLD, OF_A_CASE, BOOK),
    Facts(ExamenEcheance,                   ATTRIBUTION, THE_HUB,     NOBODY, NONE,    FREE, TOLD, ALONE, S.ECHOIR),
    Facts(ConventionSignee,                 CONVENTION,  CONVENED,    SIGN,   NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(ConventionContestee,              CONVENTION,  CONVENED,    SIGN,   NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(ConventionDenoncee,               CONVENTION,  CONVENED,    SIGN,   NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(ConventionBilan,                  CONVENTION,  COLLECTOR,   NOBODY, NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(ConventionQuart,                  CONVENTION,  THE_HUB,     SIGN,   QUARTER, FREE, TOLD, ALONE, BOOK),
    Facts(ConventionEcheance,               CONVENTION,  THE_HUB,     SIGN,   NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(ConventionExpiree,                CONVENTION,  THE_HUB,     SIGN,   NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(DerogationAccordee,               CONVENTION,  DEROGATING,  SIGN,   NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(DerogationContestee,              CONVENTION,  DEROGATING,  SIGN,   NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(DerogationDenoncee,               CONVENTION,  DEROGATING,  SIGN,   NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(DerogationEcheance,               CONVENTION,  THE_HUB,     SIGN,   NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(DerogationExpiree,                CONVENTION,  THE_HUB,     SIGN,   NONE,    FREE, TOLD, ALONE, BOOK),
    Facts(ObservationEnregistrement,        OBSERVATION, THE_HUB,     NOBODY, SEEN,    FREE, TOLD, ALONE, S.TRANSMETTRE),
    Facts(ObservationIndicateur,            OBSERVATION, BASE,        NOBODY, NONE,    FREE, TOLD, ALONE, S.DIRE),
    Facts(AlerteEcheance,                   ALERTE,      THE_HUB,     SIAO,   NONE,    FREE, TOLD, ALONE, S.ALERTER),
    Facts(AlerteSilence,                    ALERTE,      THE_HUB,     SIAO,   NONE,    FREE, TOLD, ALONE, S.ALERTER),
    Facts(AlerteConflit,                    ALERTE,      THE_HUB,     SIAO,   NONE,    FREE, TOLD, ALONE, S.ALERTER),
    Facts(AlerteAnomalie,                   ALERTE,      THE_HUB,     SIAO,   NONE,    FREE, TOLD, ALONE, S.ALERTER),
    Facts(LivraisonRemise,                  LIVRAISON,   THE_HUB,     NOBODY, NONE,    FREE, TOLD, ALONE, S.RECEVOIR),
)
# fmt: on


def by_contract(rows: Sequence[Facts]) -> Mapping[type[Contrat], Facts]:
    """Return the row of each contract. Raises LookupError unless each contract has exactly one."""
    number = Counter(row.contrat for row in rows)
    wrong = {contrat for contrat in (*CONTRATS.values(), *number) if number[contrat] != 1}
    if wrong or len(rows) != len(CONTRATS):
        raise LookupError(f"une ligne, et une seule, par message : {sorted(c.__name__ for c in wrong)}")
    return {row.contrat: row for row in rows}


FACTS = by_contract(_ROWS)


def facts_of(contrat: Contrat | type[Contrat]) -> Facts:
    """Return the row of facts of a message. Raises Unroutable if it has none."""
    kind = contrat if isinstance(contrat, type) else type(contrat)
    if kind not in FACTS:
        raise Unroutable(f"aucune règle pour {kind.TYPE}")
    return FACTS[kind]


def topic_of(event_type: str) -> Topic:
    """Return the topic of a CloudEvents type. Raises InvalidContract for an unknown type."""
    contrat = CONTRATS.get(event_type)
    if contrat is None:
        raise InvalidContract(f"aucun topic pour le type « {event_type} »")
    return facts_of(contrat).topic
