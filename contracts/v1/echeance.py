"""Messages by which the hub says that a deadline has reached a stage: a reminder, or its end. A message has
no effect if the deadline has meanwhile ended or started again."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from contracts.base import Contrat
from contracts.privacy import Classe
from contracts.v1.attribution import EvenementCandidature
from contracts.v1.demande import EvenementDemande, EvenementSignalement
from contracts.v1.orientation import EvenementOrientation
from contracts.v1.place import EvenementPlace
from contracts.v1.pret_logement import EvenementMenage


class Echeance(StrEnum):
    """Kind of deadline. It says what somebody has to do before the deadline passes."""

    REMISE = "REMISE"
    ACCUSE = "ACCUSE"
    DECISION = "DECISION"
    PRESENTATION = "PRESENTATION"
    AIDE_SOCIALE = "AIDE_SOCIALE"
    """The State answers a complete request for aide sociale."""
    PIECES = "PIECES"
    """The centre sends the documents that a request for aide sociale lacks."""
    SIGNALEMENT = "SIGNALEMENT"
    """The SIAO gives the outcome of a report from the street."""
    PROLONGATION = "PROLONGATION"
    """The centre asks the State to prolong a stay, at least one month before the stay ends."""
    DAHO = "DAHO"
    """The SIAO refers a household designated under DAHO (enforceable right to shelter)."""
    ACCUEIL_DAHO = "ACCUEIL_DAHO"
    """A structure receives a household designated under DAHO. The time begins when the household is referred
    or assigned."""
    ATTRIBUTION_DAHO = "ATTRIBUTION_DAHO"
    """The prefect assigns a household designated under DAHO."""
    AVIS_INSTANCE = "AVIS_INSTANCE"
    """The SIAO gives its opinion on a household that a committee will examine."""
    COMMISSION = "COMMISSION"
    REPONSE_DU_MENAGE = "REPONSE_DU_MENAGE"
    BAIL = "BAIL"
    ACCOMPAGNEMENT = "ACCOMPAGNEMENT"
    RESERVATION = "RESERVATION"
    OCCUPATION = "OCCUPATION"
    VACANCE = "VACANCE"
    TRANSFERT = "TRANSFERT"
    REPONSE_LISTE = "REPONSE_LISTE"
    """A partner answers about a household on its list of households ready for housing."""
    EVALUATION = "EVALUATION"
    """A partner makes the evaluation that the SIAO has asked for."""
    VALIDITE_EVALUATION = "VALIDITE_EVALUATION"
    """A household ready for housing is evaluated again, before its last evaluation expires."""
    CONFIRMATION = "CONFIRMATION"
    """The SIAO confirms that a household is still ready for housing."""
    DECLARATION = "DECLARATION"
    """The SIAO answers a partner that has declared a household ready for housing."""
    JUSTIFICATION = "JUSTIFICATION"
    """The manager names the derogation or emergency that justifies an admission without the SIAO."""
    EXPLICATION = "EXPLICATION"
    """The manager explains who lives in a place to which nobody was referred."""
    BILAN_DU_QUART = "BILAN_DU_QUART"
    """A collector (Action Logement) states its attributions of three months."""
    FIN_DE_L_ACTE = "FIN_DE_L_ACTE"
    """An agreement or derogation ends, unless it is renewed."""


class Etape(StrEnum):
    """Stage of a deadline. The first two are reminders, normally at half and at four fifths of the time.
    `ECHUE` is the deadline's end. `DEPASSEE`, which only some deadlines have, is a moment after the end."""

    MI_DELAI = "MI_DELAI"
    BIENTOT = "BIENTOT"
    ECHUE = "ECHUE"
    DEPASSEE = "DEPASSEE"


class SuiteEcheance(StrEnum):
    """Consequence of an expected answer that is still missing at the end of a deadline."""

    SANS_REPONSE = "SANS_REPONSE"
    """The referral ends: the household returns to the SIAO, and the place is free."""
    SANS_ACCOMPAGNEMENT = "SANS_ACCOMPAGNEMENT"
    """The request for accompaniment ends: the SIAO may ask another operator."""
    SANS_AVIS = "SANS_AVIS"
    """The committee meets without the SIAO's opinion."""
    REFUS_DU_MENAGE = "REFUS_DU_MENAGE"
    """The household counts as having refused an offer. Only older alerts have this value."""
    REPONSE_A_DIRE = "REPONSE_A_DIRE"
    """The landlord has to report what the household answered (R441-10 CCH)."""
    AIDE_SOCIALE_ACCORDEE = "AIDE_SOCIALE_ACCORDEE"
    """The request for aide sociale counts as accepted (R345-4 CASF). Only older alerts have this value."""
    LIBERATION = "LIBERATION"
    """The place is no longer held for the referral. Another household still lives there, until the day on
    which it is to leave."""
    TRANSFERT_CADUC = "TRANSFERT_CADUC"
    """The proposed transfer ends: the demand stays with its SIAO."""


class EcheanceAtteinte(Contrat):
    """Base of the messages by which the hub says that a deadline has reached a stage: a reminder, or its end.
    A message has no effect if somebody has meanwhile done what was due."""

    echeance: Annotated[Echeance, Classe.C0]
    etape: Annotated[Etape, Classe.C0]
    commencee_le: Annotated[datetime, Classe.C0]
    """Moment at which the deadline began. Together with `echeance`, this moment tells which deadline of the
    subject is meant."""


class OrientationEcheance(EvenementOrientation, EcheanceAtteinte):
    """Message by which the hub says that a deadline about a referral has reached a stage: a reminder, or its
    end."""

    DOMAINE = "echeance"
    NOM = "orientation.echeance"


class CandidatureEcheance(EvenementCandidature, EcheanceAtteinte):
    """Message by which the hub says that a deadline about a candidacy has reached a stage: a reminder, or its
    end."""

    DOMAINE = "echeance"
    NOM = "candidature.echeance"


class SignalementEcheance(EvenementSignalement, EcheanceAtteinte):
    """Message by which the hub says that a deadline about a report from the street has reached a stage: a
    reminder, or its end."""

    DOMAINE = "echeance"
    NOM = "signalement.echeance"


class DemandeEcheance(EvenementDemande, EcheanceAtteinte):
    """Message by which the hub says that a deadline about a demand has reached a stage: a reminder, or its
    end. An example is the deadline for the answer to a proposed transfer."""

    DOMAINE = "echeance"
    NOM = "demande.echeance"


class MenageEcheance(EvenementMenage, EcheanceAtteinte):
    """Message by which the hub says that a deadline about a household ready for housing has reached a stage:
    a reminder, or its end."""

    DOMAINE = "echeance"
    NOM = "menage.echeance"

    menage: Annotated[UUID, Classe.C1]


class PlaceEcheance(EvenementPlace, EcheanceAtteinte):
    """Message by which the hub says that a deadline about a place has reached a stage: a reminder, or its
    end."""

    DOMAINE = "echeance"
    NOM = "place.echeance"
