"""Messages that a stage of a deadline is reached: a part of the time in which somebody has to act is over. Only the
hub sends them. A stage has no effect if its deadline has ended or started again meanwhile."""

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
    """Act that somebody has to do by a moment."""

    REMISE = "REMISE"
    ACCUSE = "ACCUSE"
    DECISION = "DECISION"
    PRESENTATION = "PRESENTATION"
    AIDE_SOCIALE = "AIDE_SOCIALE"
    """Answer of the State to a complete request for aide sociale."""
    PIECES = "PIECES"
    """Delivery of the documents that a request for aide sociale lacks."""
    SIGNALEMENT = "SIGNALEMENT"
    """Outcome of a report of somebody seen in the street."""
    PROLONGATION = "PROLONGATION"
    """Request to prolong a stay, one month before its end at the latest."""
    DAHO = "DAHO"
    """Referral of a household that the prefect has designated (DAHO)."""
    ACCUEIL_DAHO = "ACCUEIL_DAHO"
    """Reception of a household that the prefect has designated (DAHO), once it is referred or assigned."""
    ATTRIBUTION_DAHO = "ATTRIBUTION_DAHO"
    """Assignment of a designated household (DAHO) to an organism by the prefect."""
    AVIS_INSTANCE = "AVIS_INSTANCE"
    """Opinion of the SIAO on a household that a body will examine."""
    COMMISSION = "COMMISSION"
    REPONSE_DU_MENAGE = "REPONSE_DU_MENAGE"
    BAIL = "BAIL"
    ACCOMPAGNEMENT = "ACCOMPAGNEMENT"
    RESERVATION = "RESERVATION"
    OCCUPATION = "OCCUPATION"
    VACANCE = "VACANCE"
    TRANSFERT = "TRANSFERT"
    REPONSE_LISTE = "REPONSE_LISTE"
    """Answer of a reader of the list of households ready for housing, about a household on it."""
    EVALUATION = "EVALUATION"
    """Evaluation that the SIAO has asked a partner for."""
    VALIDITE_EVALUATION = "VALIDITE_EVALUATION"
    """New evaluation of a household ready for housing, before the last one expires."""
    CONFIRMATION = "CONFIRMATION"
    """Confirmation by the SIAO that a household is still ready for housing."""
    DECLARATION = "DECLARATION"
    """Answer of the SIAO to a partner that has declared a household ready for housing."""
    JUSTIFICATION = "JUSTIFICATION"
    """Title (derogation or emergency) of an admission made without the SIAO."""
    EXPLICATION = "EXPLICATION"
    """Explanation of who lives in a place to which nobody was referred, and why."""
    BILAN_DU_QUART = "BILAN_DU_QUART"
    """Statement of a collector's attributions in three months."""
    FIN_DE_L_ACTE = "FIN_DE_L_ACTE"
    """End of an agreement or derogation, unless it is renewed."""


class Etape(StrEnum):
    """Stage of a deadline: half of the time is over, four fifths of it, all of it, or so much more that the hub takes a
    further measure."""

    MI_DELAI = "MI_DELAI"
    BIENTOT = "BIENTOT"
    ECHUE = "ECHUE"
    DEPASSEE = "DEPASSEE"


class SuiteEcheance(StrEnum):
    """Consequence of a missing answer at the end of a deadline."""

    SANS_REPONSE = "SANS_REPONSE"
    """End of a referral without an answer: the household returns to the SIAO, and the place is free."""
    SANS_ACCOMPAGNEMENT = "SANS_ACCOMPAGNEMENT"
    """End of a request for accompaniment without an answer: the SIAO may ask another operator."""
    SANS_AVIS = "SANS_AVIS"
    """Meeting of a body without the SIAO's opinion."""
    REFUS_DU_MENAGE = "REFUS_DU_MENAGE"
    """Refusal by a household that does not answer an offer. Only in older alerts: now the landlord reports a
    refusal."""
    REPONSE_A_DIRE = "REPONSE_A_DIRE"
    """End of a household's time to answer an offer: the landlord has to report the household's answer, or that there
    was none (R441-10 CCH)."""
    AIDE_SOCIALE_ACCORDEE = "AIDE_SOCIALE_ACCORDEE"
    """Acceptance of a request for aide sociale by silence (R345-4 CASF). Only in older alerts: now the hub sends
    `aide-sociale.reputee-acceptee`."""
    LIBERATION = "LIBERATION"
    """Release of a place that was held for a household."""
    TRANSFERT_CADUC = "TRANSFERT_CADUC"
    """End of a proposed transfer: the demand stays with the SIAO that proposed it."""


class EcheanceAtteinte(Contrat):
    """Base of messages that a stage of a deadline is reached. Such a message has no effect if the deadline ends before
    the message is applied."""

    echeance: Annotated[Echeance, Classe.C0]
    etape: Annotated[Etape, Classe.C0]
    commencee_le: Annotated[datetime, Classe.C0]
    """Start of the deadline. It identifies the deadline, together with `echeance`."""


class OrientationEcheance(EvenementOrientation, EcheanceAtteinte):
    """Message that a referral has reached a stage of a deadline."""

    DOMAINE = "echeance"
    NOM = "orientation.echeance"


class CandidatureEcheance(EvenementCandidature, EcheanceAtteinte):
    """Message that a candidacy has reached a stage of a deadline."""

    DOMAINE = "echeance"
    NOM = "candidature.echeance"


class SignalementEcheance(EvenementSignalement, EcheanceAtteinte):
    """Message that a report from the street has reached a stage of its deadline."""

    DOMAINE = "echeance"
    NOM = "signalement.echeance"


class DemandeEcheance(EvenementDemande, EcheanceAtteinte):
    """Message that a demand has reached a stage of a deadline, such as a SIAO's answer to a proposed transfer."""

    DOMAINE = "echeance"
    NOM = "demande.echeance"


class MenageEcheance(EvenementMenage, EcheanceAtteinte):
    """Message that a household ready for housing has reached a stage of a deadline."""

    DOMAINE = "echeance"
    NOM = "menage.echeance"

    menage: Annotated[UUID, Classe.C1]


class PlaceEcheance(EvenementPlace, EcheanceAtteinte):
    """Message that a place has reached a stage of a deadline."""

    DOMAINE = "echeance"
    NOM = "place.echeance"
