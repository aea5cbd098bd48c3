"""Alerts of the hub to the SIAO and the partner concerned, without personal data."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar
from uuid import UUID

from contracts.base import Contrat, Nature
from contracts.privacy import Classe
from contracts.v1.echeance import Echeance, Etape, SuiteEcheance
from contracts.v1.pret_logement import ChampDecrit


class MotifAnomalie(StrEnum):
    """Reason for an alert: why an event was not applied, or why somebody has to look at it."""

    TRANSITION_ILLEGALE = "TRANSITION_ILLEGALE"
    SUJET_INCONNU = "SUJET_INCONNU"
    EMETTEUR_INATTENDU = "EMETTEUR_INATTENDU"
    PLACE_DEJA_RESERVEE = "PLACE_DEJA_RESERVEE"
    PLACE_NON_DISPONIBLE = "PLACE_NON_DISPONIBLE"
    AUTRE_GESTIONNAIRE = "AUTRE_GESTIONNAIRE"
    AUTRE_SIAO = "AUTRE_SIAO"
    """The SIAO referred a household to a place or structure of another SIAO, without an agreement between the
    two or a transfer of the demand."""
    ORIENTE_PAR_UN_AUTRE_SIAO = "ORIENTE_PAR_UN_AUTRE_SIAO"
    """Another SIAO has referred a household to a structure in this territory, as it may."""
    RESSOURCES_EN_URGENCE = "RESSOURCES_EN_URGENCE"
    SERVICE_INCONNU = "SERVICE_INCONNU"
    """No partner can receive the request to accompany or evaluate a household."""
    SANS_DEROGATION = "SANS_DEROGATION"
    OCCUPEE_SANS_ORIENTATION = "OCCUPEE_SANS_ORIENTATION"
    """The place became occupied without an accepted referral: perhaps a direct admission."""
    SANS_CONVENTION = "SANS_CONVENTION"
    """The household was presented by a channel that needs an agreement."""
    ACTE_INCONNU = "ACTE_INCONNU"
    """No agreement or derogation with this number has been signed in this département."""
    ACTE_NON_SIGNE = "ACTE_NON_SIGNE"
    """The cited agreement or derogation lacks the signature of some signatories."""
    HORS_DATES = "HORS_DATES"
    """The agreement or derogation is not in force on the day in question."""
    HORS_ACTE = "HORS_ACTE"
    """The agreement or derogation is about another place, structure, channel or partner."""
    QUOTA_EPUISE = "QUOTA_EPUISE"
    """All places that the derogation allows are attributed already."""
    NUMERO_DE_SEJOUR_PRIS = "NUMERO_DE_SEJOUR_PRIS"
    """The household was admitted under a number that already stands for another stay in the centre."""
    SEJOUR_PRECEDENT_OUVERT = "SEJOUR_PRECEDENT_OUVERT"
    """The household was admitted to a place while another household still counts as living there: its
    departure was not reported."""
    RESERVE_A_L_ETAT = "RESERVE_A_L_ETAT"
    """The household was referred to a place reserved for the State, without an agreement."""
    RANG_CADUC = "RANG_CADUC"
    """The household has lost its rank for a dwelling: another household signed the lease (R441-3 CCH)."""
    MENAGE_SEPARE = "MENAGE_SEPARE"
    """Some members have left the household, to live on their own."""
    MENAGE_REUNI = "MENAGE_REUNI"
    """The household lives together with another household from now on."""
    SANS_LABEL = "SANS_LABEL"
    """The household was presented for the prefect's reserved housing before it had its label."""
    SIGNATURE_DIFFERENTE = "SIGNATURE_DIFFERENTE"
    """A signatory signed terms that differ from those that another signatory had signed before."""
    SIGNATAIRES_INCOMPLETS = "SIGNATAIRES_INCOMPLETS"
    """The agreement lacks a signatory that its purpose requires."""
    SANS_ADMISSION = "SANS_ADMISSION"
    """Aide sociale was asked for a household that the centre has not admitted."""
    SANS_STATUT_CHRS = "SANS_STATUT_CHRS"
    """Aide sociale was asked for a place without CHRS status."""
    STATUT_CHRS_INCONNU = "STATUT_CHRS_INCONNU"
    """Aide sociale was asked for a place whose CHRS status is unknown."""
    MINEUR_SEUL = "MINEUR_SEUL"
    AGES_ET_COMPOSITION = "AGES_ET_COMPOSITION"
    """The ages of the members contradict the numbers of adults and children."""
    SEXES_ET_COMPOSITION = "SEXES_ET_COMPOSITION"
    """The composition contradicts the sex of an adult."""
    DESCRIPTION_INCOMPLETE = "DESCRIPTION_INCOMPLETE"
    """A household ready for housing was declared again with fewer fields. The earlier description stays."""
    MENAGE_INCERTAIN = "MENAGE_INCERTAIN"
    """The SIAO's opinion for a committee names a candidacy, but not the household that this candidacy
    presents. Or it no longer names a household or a candidacy that the SIAO's earlier opinion named."""
    DEMANDE_INCONNUE = "DEMANDE_INCONNUE"
    DEMANDE_CLOSE = "DEMANDE_CLOSE"
    REPONSE_TARDIVE = "REPONSE_TARDIVE"
    TERRITOIRE_SANS_SIAO = "TERRITOIRE_SANS_SIAO"
    TRANSFERT_EN_COURS = "TRANSFERT_EN_COURS"
    TRANSFERT_SANS_OBJET = "TRANSFERT_SANS_OBJET"
    DEMANDE_TRANSFEREE = "DEMANDE_TRANSFEREE"
    ECHEANCE_ATTEINTE = "ECHEANCE_ATTEINTE"
    SILENCE = "SILENCE"


DOUBTS = (
    MotifAnomalie.MINEUR_SEUL,
    MotifAnomalie.AGES_ET_COMPOSITION,
    MotifAnomalie.SEXES_ET_COMPOSITION,
)
"""Reasons of alerts that the description of a household looks wrong. The message with this description is
applied all the same."""
RECOMPOSED = (MotifAnomalie.MENAGE_SEPARE, MotifAnomalie.MENAGE_REUNI)
TO_ANOTHER = (MotifAnomalie.ORIENTE_PAR_UN_AUTRE_SIAO, *RECOMPOSED)
"""Reasons of the alerts that do not go to the sender of the event, but to another partner."""


class EvenementAlerte(Contrat):
    """Base of all alerts. The subject of an alert is what the alert is about, for example a referral, a
    candidacy, a place or a partner."""

    DOMAINE = "alerte"
    NATURE: ClassVar[None] = None
    SUJET: ClassVar[str] = "objet"

    objet: Annotated[UUID, Classe.C1]
    nature: Annotated[Nature, Classe.C1]
    evenement: Annotated[UUID, Classe.C1]
    """Id of the event that caused the alert."""
    type_evenement: Annotated[str, Classe.C1]
    emetteur: Annotated[str | None, Classe.C1] = None
    """Partner that receives the alert; None if only the SIAO receives it. In an alert about a deadline, it is the
    partner that has to answer. In an alert for one of the reasons `TO_ANOTHER`, it is a partner concerned. In
    any other alert, it is the sender of the event."""
    motif: Annotated[MotifAnomalie, Classe.C1]

    @property
    def nature_du_sujet(self) -> Nature:
        return self.nature

    @property
    def addressee(self) -> str | None:
        """Return the id of the partner that receives the alert; None if the alert names none."""
        return self.emetteur


class AlerteConflit(EvenementAlerte):
    """Alert about a place that a referral cannot have. There are two cases:

    * The referral is new, and was not applied: the place is not free in time, is another SIAO's, or has another
      manager than the referral's other places.
    * The place was reserved for the referral, and another household was admitted there directly.
    """

    NOM = "alerte.conflit"

    place: Annotated[UUID, Classe.C0]


class AlerteAnomalie(EvenementAlerte):
    """Alert about an event that a rule forbids, or that needs attention. An admission without the SIAO is
    applied all the same; most other forbidden events are not."""

    NOM = "alerte.anomalie"

    etat: Annotated[str | None, Classe.C1] = None
    """State of the subject; None if the state is no concern of the event's sender."""
    manquants: Annotated[tuple[ChampDecrit, ...], Classe.C1] = ()
    """Optional fields that the earlier description of a household had, and that its new description lacks."""
    gestionnaire: Annotated[str | None, Classe.C1] = None
    """Partner that manages the structure, if the alert is about a household that another SIAO refers to a
    structure."""


class AlerteEcheance(EvenementAlerte):
    """Alert that a deadline is near or has passed. It goes to the partner that has to answer; once the deadline
    has passed, the SIAO gets it too."""

    NOM = "alerte.echeance"

    echeance: Annotated[Echeance, Classe.C1]
    due_le: Annotated[datetime, Classe.C1]
    etape: Annotated[Etape, Classe.C1] = Etape.ECHUE
    suite: Annotated[SuiteEcheance | None, Classe.C1] = None
    """Consequence of the missing answer; None if there is none."""
    motif: Annotated[MotifAnomalie, Classe.C1] = MotifAnomalie.ECHEANCE_ATTEINTE


class AlerteSilence(EvenementAlerte):
    """Alert that a partner is silent, or that its silence is over. `evenement` is the id of the last message
    that came from the partner. If none ever came, it is the id of the alert's subject."""

    NOM = "alerte.silence"

    partenaire: Annotated[str | None, Classe.C1] = None
    depuis: Annotated[datetime, Classe.C1]
    """Moment by which a message was expected."""
    fin_le: Annotated[datetime | None, Classe.C1] = None
    """Moment at which the partner sent a message again; None while it is silent."""
    places_perimees: Annotated[int, Classe.C1] = 0
    """Number of vacant places that the partner has not confirmed in time."""
    motif: Annotated[MotifAnomalie, Classe.C1] = MotifAnomalie.SILENCE
