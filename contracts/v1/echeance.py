"""Messages of the hub that a deadline has reached a stage, such as half of the time or the end. A message has
no effect if its deadline has meanwhile ended or started again."""

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
    """Kind of deadline: the action that somebody has to take in time."""

    REMISE = "REMISE"
    ACCUSE = "ACCUSE"
    DECISION = "DECISION"
    PRESENTATION = "PRESENTATION"
    AIDE_SOCIALE = "AIDE_SOCIALE"
    """Deadline for the State to answer a complete request for aide sociale."""
    PIECES = "PIECES"
    """Deadline for the centre to send the documents that a request for aide sociale lacks."""
    SIGNALEMENT = "SIGNALEMENT"
    """Deadline for the SIAO to give the outcome of a report of somebody seen in the street."""
    PROLONGATION = "PROLONGATION"
    """Deadline to ask for a longer stay: one month before the stay ends."""
    DAHO = "DAHO"
    """Deadline for the SIAO to refer a household that the prefect has designated (DAHO)."""
    ACCUEIL_DAHO = "ACCUEIL_DAHO"
    """Deadline for a structure to receive a household that the prefect has designated (DAHO). It begins when
    the household is referred or assigned to the structure."""
    ATTRIBUTION_DAHO = "ATTRIBUTION_DAHO"
    """Deadline for the prefect to assign a designated household (DAHO) to a body that provides shelter or
    housing."""
    AVIS_INSTANCE = "AVIS_INSTANCE"
    """Deadline for the SIAO to give its opinion on a household whose case a committee will examine."""
    COMMISSION = "COMMISSION"
    REPONSE_DU_MENAGE = "REPONSE_DU_MENAGE"
    BAIL = "BAIL"
    ACCOMPAGNEMENT = "ACCOMPAGNEMENT"
    RESERVATION = "RESERVATION"
    OCCUPATION = "OCCUPATION"
    VACANCE = "VACANCE"
    TRANSFERT = "TRANSFERT"
    REPONSE_LISTE = "REPONSE_LISTE"
    """Deadline for a partner to answer about a household on its list of households ready for housing."""
    EVALUATION = "EVALUATION"
    """Deadline for a partner to make the evaluation that the SIAO has asked for."""
    VALIDITE_EVALUATION = "VALIDITE_EVALUATION"
    """Deadline for a new evaluation of a household ready for housing, before its last evaluation expires."""
    CONFIRMATION = "CONFIRMATION"
    """Deadline for the SIAO to confirm that a household is still ready for housing."""
    DECLARATION = "DECLARATION"
    """Deadline for the SIAO to answer a partner that has declared a household ready for housing."""
    JUSTIFICATION = "JUSTIFICATION"
    """Deadline for the manager to name the derogation or the emergency that justifies an admission without the
    SIAO."""
    EXPLICATION = "EXPLICATION"
    """Deadline for the manager to explain who lives in a place to which nobody was referred, and why."""
    BILAN_DU_QUART = "BILAN_DU_QUART"
    """Deadline for a collector (Action Logement) to state its attributions of three months."""
    FIN_DE_L_ACTE = "FIN_DE_L_ACTE"
    """End of an agreement or derogation that is not renewed."""


class Etape(StrEnum):
    """Stage of a deadline: a first reminder (normally at half of the time), a second reminder (normally at four
    fifths), and the end. Some deadlines have a later stage (`DEPASSEE`), at which the hub takes a further
    measure."""

    MI_DELAI = "MI_DELAI"
    BIENTOT = "BIENTOT"
    ECHUE = "ECHUE"
    DEPASSEE = "DEPASSEE"


class SuiteEcheance(StrEnum):
    """Consequence if an answer is still missing at the end of a deadline."""

    SANS_REPONSE = "SANS_REPONSE"
    """The referral ends without an answer: the household returns to the SIAO, and the place is free."""
    SANS_ACCOMPAGNEMENT = "SANS_ACCOMPAGNEMENT"
    """The request for accompaniment ends without an answer: the SIAO may ask another operator."""
    SANS_AVIS = "SANS_AVIS"
    """The committee that examines the household's case meets without the SIAO's opinion."""
    REFUS_DU_MENAGE = "REFUS_DU_MENAGE"
    """The household counts as having refused, because it has not answered an offer. Only in older alerts."""
    REPONSE_A_DIRE = "REPONSE_A_DIRE"
    """The household's time to answer an offer is over: the landlord has to report the answer (R441-10 CCH)."""
    AIDE_SOCIALE_ACCORDEE = "AIDE_SOCIALE_ACCORDEE"
    """The request for aide sociale counts as accepted, because the State was silent (R345-4 CASF). Only in
    older alerts."""
    LIBERATION = "LIBERATION"
    """The place that was held for a household is free again."""
    TRANSFERT_CADUC = "TRANSFERT_CADUC"
    """The proposed transfer ends: the demand stays with the SIAO that proposed the transfer."""


class EcheanceAtteinte(Contrat):
    """Base of messages about a stage of a deadline: a reminder is due, or the time is over. Such a message
    has no effect if the deadline has stopped before the message is applied, because somebody has acted."""

    echeance: Annotated[Echeance, Classe.C0]
    etape: Annotated[Etape, Classe.C0]
    commencee_le: Annotated[datetime, Classe.C0]
    """Moment at which the deadline began to run. Together with the kind of deadline (`echeance`), it identifies
    the deadline among those of one subject (such as a referral)."""


class OrientationEcheance(EvenementOrientation, EcheanceAtteinte):
    """Message about a stage of a deadline of a referral: a reminder is due, or the time is over."""

    DOMAINE = "echeance"
    NOM = "orientation.echeance"


class CandidatureEcheance(EvenementCandidature, EcheanceAtteinte):
    """Message about a stage of a deadline of a candidacy: a reminder is due, or the time is over."""

    DOMAINE = "echeance"
    NOM = "candidature.echeance"


class SignalementEcheance(EvenementSignalement, EcheanceAtteinte):
    """Message about a stage of the deadline of a report from the street: a reminder is due, or the time is
    over."""

    DOMAINE = "echeance"
    NOM = "signalement.echeance"


class DemandeEcheance(EvenementDemande, EcheanceAtteinte):
    """Message about a stage of a deadline of a demand: a reminder is due, or the time is over. An example is
    the deadline of a SIAO for its answer to a proposed transfer."""

    DOMAINE = "echeance"
    NOM = "demande.echeance"


class MenageEcheance(EvenementMenage, EcheanceAtteinte):
    """Message about a stage of a deadline of a household ready for housing: a reminder is due, or the time is
    over."""

    DOMAINE = "echeance"
    NOM = "menage.echeance"

    menage: Annotated[UUID, Classe.C1]


class PlaceEcheance(EvenementPlace, EcheanceAtteinte):
    """Message about a stage of a deadline of a place: a reminder is due, or the time is over."""

    DOMAINE = "echeance"
    NOM = "place.echeance"
