"""Deadlines: somebody has to act by a moment, and a stage of that time is reached. Only the hub sends these
messages. A stage has no effect if its deadline has ended or started again meanwhile. Other events in between,
such as a receipt or a note, do not cancel it."""

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
    """Acts that somebody has to do by a moment."""

    REMISE = "REMISE"
    ACCUSE = "ACCUSE"
    DECISION = "DECISION"
    PRESENTATION = "PRESENTATION"
    AIDE_SOCIALE = "AIDE_SOCIALE"
    """The State's answer to a complete request for aide sociale."""
    PIECES = "PIECES"
    """The delivery of the documents that a request for aide sociale lacks."""
    SIGNALEMENT = "SIGNALEMENT"
    """The outcome of a report of somebody seen in the street."""
    PROLONGATION = "PROLONGATION"
    """The request to prolong a stay, at the latest one month before its end."""
    DAHO = "DAHO"
    """The referral of a household that the prefect has designated."""
    ACCUEIL_DAHO = "ACCUEIL_DAHO"
    """The reception of a household that the prefect has designated, once it is referred or assigned."""
    ATTRIBUTION_DAHO = "ATTRIBUTION_DAHO"
    """The prefect's assignment to an organism of a household that it has designated."""
    AVIS_INSTANCE = "AVIS_INSTANCE"
    """The SIAO's opinion on a household that a body will examine."""
    COMMISSION = "COMMISSION"
    REPONSE_DU_MENAGE = "REPONSE_DU_MENAGE"
    BAIL = "BAIL"
    ACCOMPAGNEMENT = "ACCOMPAGNEMENT"
    RESERVATION = "RESERVATION"
    OCCUPATION = "OCCUPATION"
    VACANCE = "VACANCE"
    TRANSFERT = "TRANSFERT"
    REPONSE_LISTE = "REPONSE_LISTE"
    """The answer of the readers of the list about one of its households."""
    EVALUATION = "EVALUATION"
    """The evaluation that the SIAO has asked a partner for."""
    VALIDITE_EVALUATION = "VALIDITE_EVALUATION"
    """New evaluation of a household of the list, due before the last one expires."""
    CONFIRMATION = "CONFIRMATION"
    """The SIAO's confirmation that a household of the list is still ready for housing."""
    DECLARATION = "DECLARATION"
    """The SIAO's answer to a partner that has declared a household ready for housing."""
    JUSTIFICATION = "JUSTIFICATION"
    """The title (derogation or emergency) of an admission that was made without the SIAO."""
    EXPLICATION = "EXPLICATION"
    """An explanation: who lives in a place to which nobody was directed, and why."""
    BILAN_DU_QUART = "BILAN_DU_QUART"
    """Statement of a collector's attributions in three months."""
    FIN_DE_L_ACTE = "FIN_DE_L_ACTE"
    """The end of an agreement or of a derogation, unless it is renewed."""


class Etape(StrEnum):
    """Stages of a deadline: half of its time is over; four fifths; all of it; and so much more that the hub
    takes a further measure."""

    MI_DELAI = "MI_DELAI"
    BIENTOT = "BIENTOT"
    ECHUE = "ECHUE"
    DEPASSEE = "DEPASSEE"


class SuiteEcheance(StrEnum):
    """Consequences of a silence at the end of a deadline."""

    SANS_REPONSE = "SANS_REPONSE"
    """The referral stays without an answer: its household returns to the SIAO, and its place is free."""
    SANS_ACCOMPAGNEMENT = "SANS_ACCOMPAGNEMENT"
    """The operator has not answered: the SIAO may ask another one."""
    SANS_AVIS = "SANS_AVIS"
    """The meeting of a body has begun without the SIAO's opinion."""
    REFUS_DU_MENAGE = "REFUS_DU_MENAGE"
    """A household that does not answer an offer has refused it. Found only in older alerts: today the landlord says
    so, not the hub."""
    REPONSE_A_DIRE = "REPONSE_A_DIRE"
    """The household's time to answer an offer is over: the landlord has to say what it answered, or that it
    did not (R441-10 CCH)."""
    AIDE_SOCIALE_ACCORDEE = "AIDE_SOCIALE_ACCORDEE"
    """The request for aide sociale is deemed accepted (R345-4 CASF). Found only in older alerts: today the hub sends
    `aide-sociale.reputee-acceptee`, with a receipt."""
    LIBERATION = "LIBERATION"
    """A place held for a household is free again."""
    TRANSFERT_CADUC = "TRANSFERT_CADUC"
    """The proposed transfer is over: the demand stays with the SIAO that proposed it."""


class EcheanceAtteinte(Contrat):
    """A stage of a deadline is reached. The message has no effect if the deadline ends before the message is
    applied."""

    echeance: Annotated[Echeance, Classe.C0]
    etape: Annotated[Etape, Classe.C0]
    commencee_le: Annotated[datetime, Classe.C0]
    """Start of the deadline. With `echeance`, it identifies the deadline."""


class OrientationEcheance(EvenementOrientation, EcheanceAtteinte):
    """A referral has reached a stage of one of its deadlines."""

    DOMAINE = "echeance"
    NOM = "orientation.echeance"


class CandidatureEcheance(EvenementCandidature, EcheanceAtteinte):
    """A candidacy has reached a stage of one of its deadlines."""

    DOMAINE = "echeance"
    NOM = "candidature.echeance"


class SignalementEcheance(EvenementSignalement, EcheanceAtteinte):
    """A report has reached a stage of its deadline."""

    DOMAINE = "echeance"
    NOM = "signalement.echeance"


class DemandeEcheance(EvenementDemande, EcheanceAtteinte):
    """A demand has reached a stage of one of its deadlines, such as the answer of a SIAO that is asked to
    take it over."""

    DOMAINE = "echeance"
    NOM = "demande.echeance"


class MenageEcheance(EvenementMenage, EcheanceAtteinte):
    """A household ready for housing has reached a stage of one of its deadlines."""

    DOMAINE = "echeance"
    NOM = "menage.echeance"

    menage: Annotated[UUID, Classe.C1]


class PlaceEcheance(EvenementPlace, EcheanceAtteinte):
    """A place has reached a stage of one of its deadlines."""

    DOMAINE = "echeance"
    NOM = "place.echeance"
