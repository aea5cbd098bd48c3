"""What the hub itself tells the SIAO, and who is at fault: conflicts and anomalies. Nothing here is personal."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar
from uuid import UUID

from contracts.base import Contrat, Nature
from contracts.privacy import Classe
from contracts.v1.echeance import Echeance, Etape, SuiteEcheance


class MotifAnomalie(StrEnum):
    """Why an event was kept but not applied, or what is wrong with a fact that was."""

    TRANSITION_ILLEGALE = "TRANSITION_ILLEGALE"
    SUJET_INCONNU = "SUJET_INCONNU"
    EMETTEUR_INATTENDU = "EMETTEUR_INATTENDU"
    PLACE_DEJA_RESERVEE = "PLACE_DEJA_RESERVEE"
    PLACE_NON_DISPONIBLE = "PLACE_NON_DISPONIBLE"
    AUTRE_GESTIONNAIRE = "AUTRE_GESTIONNAIRE"
    RESSOURCES_EN_URGENCE = "RESSOURCES_EN_URGENCE"
    SANS_DEROGATION = "SANS_DEROGATION"
    DEMANDE_INCONNUE = "DEMANDE_INCONNUE"
    DEMANDE_CLOSE = "DEMANDE_CLOSE"
    REPONSE_TARDIVE = "REPONSE_TARDIVE"
    ECHEANCE_ATTEINTE = "ECHEANCE_ATTEINTE"
    SILENCE = "SILENCE"


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
    """A deadline: who owes something is reminded of it, as `emetteur`; once it has passed the SIAO is told too."""

    NOM = "alerte.echeance"

    echeance: Annotated[Echeance, Classe.C0]
    due_le: Annotated[datetime, Classe.C0]
    etape: Annotated[Etape, Classe.C0] = Etape.ECHUE
    suite: Annotated[SuiteEcheance | None, Classe.C0] = None
    """What the silence has become, where the law or an agreement gives it a meaning."""
    motif: Annotated[MotifAnomalie, Classe.C0] = MotifAnomalie.ECHEANCE_ATTEINTE


class AlerteSilence(EvenementAlerte):
    """A partner has missed its rhythm, or speaks again; `evenement` is the last message that came from it."""

    NOM = "alerte.silence"

    partenaire: Annotated[str | None, Classe.C0] = None
    depuis: Annotated[datetime, Classe.C0]
    """By when it should have said something."""
    fin_le: Annotated[datetime | None, Classe.C0] = None
    """When it spoke again; None while it is silent."""
    places_perimees: Annotated[int, Classe.C0] = 0
    """How many of its vacant places it has not told anew in time: they may be taken."""
    motif: Annotated[MotifAnomalie, Classe.C0] = MotifAnomalie.SILENCE
