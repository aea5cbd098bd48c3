"""What the hub itself tells the SIAO, and who is at fault: conflicts and anomalies. Nothing here is personal."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar
from uuid import UUID

from contracts.base import Contrat, Nature
from contracts.privacy import Classe


class MotifAnomalie(StrEnum):
    """Why an event was kept but not applied, or what is wrong with a fact that was."""

    TRANSITION_ILLEGALE = "TRANSITION_ILLEGALE"
    SUJET_INCONNU = "SUJET_INCONNU"
    EMETTEUR_INATTENDU = "EMETTEUR_INATTENDU"
    PLACE_DEJA_RESERVEE = "PLACE_DEJA_RESERVEE"
    PLACE_NON_DISPONIBLE = "PLACE_NON_DISPONIBLE"
    RESSOURCES_EN_URGENCE = "RESSOURCES_EN_URGENCE"
    SANS_DEROGATION = "SANS_DEROGATION"
    DEMANDE_INCONNUE = "DEMANDE_INCONNUE"
    DEMANDE_CLOSE = "DEMANDE_CLOSE"
    ECHEANCE_ATTEINTE = "ECHEANCE_ATTEINTE"
    SILENCE = "SILENCE"


class Echeance(StrEnum):
    """What somebody was expected to do by a moment."""

    REMISE = "REMISE"
    ACCUSE = "ACCUSE"
    DECISION = "DECISION"
    PRESENTATION = "PRESENTATION"
    COMMISSION = "COMMISSION"
    REPONSE_DU_MENAGE = "REPONSE_DU_MENAGE"
    OCCUPATION = "OCCUPATION"
    VACANCE = "VACANCE"


class EvenementAlerte(Contrat):
    """Any alert; its subject is the referral, candidacy or place that it is about."""

    DOMAINE = "alerte"
    NATURE: ClassVar[None] = None
    SUJET: ClassVar[str] = "objet"

    objet: Annotated[UUID, Classe.C0]
    nature: Annotated[Nature, Classe.C0]
    evenement: Annotated[UUID, Classe.C0]
    """The event that gave rise to the alert."""
    type_evenement: Annotated[str, Classe.C0]
    emetteur: Annotated[str | None, Classe.C0] = None
    """Who sent that event: it is told too, where its system can read alerts."""
    motif: Annotated[MotifAnomalie, Classe.C0]

    @property
    def nature_du_sujet(self) -> Nature:
        return self.nature


class AlerteConflit(EvenementAlerte):
    """Two households and one place: a second designation was refused, or a direct admission took a reserved place."""

    NOM = "alerte.conflit"

    place: Annotated[UUID, Classe.C0]


class AlerteAnomalie(EvenementAlerte):
    """An event that a rule does not allow: kept, never applied, never lost; a direct admission without a
    derogation is applied all the same, for it is a fact (duty C2)."""

    NOM = "alerte.anomalie"

    etat: Annotated[str | None, Classe.C0] = None
    """Where the subject stands; left out where the sender has no business with it."""


class AlerteEcheance(EvenementAlerte):
    """A deadline has passed: who owes something is told with the SIAO, as the sender of what started it."""

    NOM = "alerte.echeance"

    echeance: Annotated[Echeance, Classe.C0]
    due_le: Annotated[datetime, Classe.C0]
    motif: Annotated[MotifAnomalie, Classe.C0] = MotifAnomalie.ECHEANCE_ATTEINTE


class AlerteSilence(EvenementAlerte):
    """A partner has said nothing for too long; `evenement` is the last thing that it said."""

    NOM = "alerte.silence"

    depuis: Annotated[datetime, Classe.C0]
    motif: Annotated[MotifAnomalie, Classe.C0] = MotifAnomalie.SILENCE
