"""Alerts of the hub to the SIAO and to the partner concerned, about conflicts, anomalies, deadlines, silences.
No alert contains personal data."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar
from uuid import UUID

from contracts.base import Contrat, Nature
from contracts.privacy import Classe
from contracts.v1.echeance import Echeance, Etape, SuiteEcheance
from contracts.v1.pret_logement import ChampDecrit


class MotifAnomalie(StrEnum):
    """Reason for an alert: why an event was not applied, or why an applied event is a problem."""

    TRANSITION_ILLEGALE = "TRANSITION_ILLEGALE"
    SUJET_INCONNU = "SUJET_INCONNU"
    EMETTEUR_INATTENDU = "EMETTEUR_INATTENDU"
    PLACE_DEJA_RESERVEE = "PLACE_DEJA_RESERVEE"
    PLACE_NON_DISPONIBLE = "PLACE_NON_DISPONIBLE"
    AUTRE_GESTIONNAIRE = "AUTRE_GESTIONNAIRE"
    AUTRE_SIAO = "AUTRE_SIAO"
    """The household was referred to a place or structure of another SIAO without an agreement or a transfer."""
    ORIENTE_PAR_UN_AUTRE_SIAO = "ORIENTE_PAR_UN_AUTRE_SIAO"
    """Another SIAO has referred a household to a structure in the territory of the SIAO that receives the
    alert. This is allowed, and the alert only informs."""
    RESSOURCES_EN_URGENCE = "RESSOURCES_EN_URGENCE"
    SANS_DEROGATION = "SANS_DEROGATION"
    OCCUPEE_SANS_ORIENTATION = "OCCUPEE_SANS_ORIENTATION"
    """The place became occupied without an accepted referral: the centre may have admitted a household on its
    own."""
    SANS_CONVENTION = "SANS_CONVENTION"
    """The household was presented by a channel that needs an agreement, and there is no agreement."""
    ACTE_INCONNU = "ACTE_INCONNU"
    """No agreement or derogation with the cited number has been signed in this département."""
    ACTE_NON_SIGNE = "ACTE_NON_SIGNE"
    """Some signatories have not signed the cited agreement or derogation."""
    HORS_DATES = "HORS_DATES"
    """The cited agreement or derogation is not in force on the day for which it is cited."""
    HORS_ACTE = "HORS_ACTE"
    """The cited agreement or derogation does not cover this message: it is about other places, another
    structure, another channel or another partner."""
    QUOTA_EPUISE = "QUOTA_EPUISE"
    """All places that the cited derogation allows are attributed already."""
    NUMERO_DE_SEJOUR_PRIS = "NUMERO_DE_SEJOUR_PRIS"
    """The household was admitted under a stay number that another stay in the centre already has."""
    SEJOUR_PRECEDENT_OUVERT = "SEJOUR_PRECEDENT_OUVERT"
    """The household was admitted to a place whose previous household has not been reported as gone."""
    RESERVE_A_L_ETAT = "RESERVE_A_L_ETAT"
    """The household was referred to a place reserved for the State, without an agreement that allows it."""
    RANG_CADUC = "RANG_CADUC"
    """The household has lost its rank for a dwelling, because another household signed the lease (R441-3
    CCH)."""
    MENAGE_SEPARE = "MENAGE_SEPARE"
    """Some members have left the household, to live on their own."""
    MENAGE_REUNI = "MENAGE_REUNI"
    """The household lives together with another household from now on."""
    SANS_LABEL = "SANS_LABEL"
    """The household was presented for the prefect's reserved housing before it had the label that gives access
    to this housing."""
    SIGNATURE_DIFFERENTE = "SIGNATURE_DIFFERENTE"
    """A signatory signed the agreement or derogation on other terms than an earlier signatory."""
    SIGNATAIRES_INCOMPLETS = "SIGNATAIRES_INCOMPLETS"
    """The agreement lacks a signatory that its purpose (`objet`) requires."""
    SANS_ADMISSION = "SANS_ADMISSION"
    """Aide sociale was asked for a household that the centre has not admitted."""
    SANS_STATUT_CHRS = "SANS_STATUT_CHRS"
    """Aide sociale was asked for a stay in a place that has no CHRS status."""
    STATUT_CHRS_INCONNU = "STATUT_CHRS_INCONNU"
    """Aide sociale was asked for a stay in a place whose CHRS status is unknown."""
    MINEUR_SEUL = "MINEUR_SEUL"
    """All members of the household are minors."""
    AGES_ET_COMPOSITION = "AGES_ET_COMPOSITION"
    """The ages of the household's members contradict the household's numbers of adults and children."""
    SEXES_ET_COMPOSITION = "SEXES_ET_COMPOSITION"
    """The composition of the household contradicts the sex of an adult."""
    DESCRIPTION_INCOMPLETE = "DESCRIPTION_INCOMPLETE"
    """A household that is already on the list of households ready for housing was declared again, with fewer
    fields than before. The earlier description stays."""
    MENAGE_INCERTAIN = "MENAGE_INCERTAIN"
    """The SIAO's opinion (for a committee) names a candidacy without its household. Or the opinion corrects an
    earlier opinion, and no longer names the household or candidacy that the earlier opinion named."""
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
"""Reasons for alerts that the description of a household seems wrong, such as a minor alone. The hub applies
the message with the description all the same."""
RECOMPOSED = (MotifAnomalie.MENAGE_SEPARE, MotifAnomalie.MENAGE_REUNI)
"""Reasons for alerts that a household has split, or lives together with another household from now on."""
TO_ANOTHER = (MotifAnomalie.ORIENTE_PAR_UN_AUTRE_SIAO, *RECOMPOSED)
"""Reasons of those alerts that are not sent to the sender of the event that caused them, but to another
partner. The alert's field `emetteur` names this other partner."""


class EvenementAlerte(Contrat):
    """Base of all alerts. The subject is the referral, candidacy, place or partner that the alert is about."""

    DOMAINE = "alerte"
    NATURE: ClassVar[None] = None
    SUJET: ClassVar[str] = "objet"

    objet: Annotated[UUID, Classe.C1]
    nature: Annotated[Nature, Classe.C1]
    evenement: Annotated[UUID, Classe.C1]
    """Id of the event that caused the alert."""
    type_evenement: Annotated[str, Classe.C1]
    emetteur: Annotated[str | None, Classe.C1] = None
    """Partner that receives the alert. Usually this is the sender of the event that caused the alert. For a
    reason in `TO_ANOTHER`, it is another partner that the event concerns. For a deadline, it is the partner
    that owes the answer."""
    motif: Annotated[MotifAnomalie, Classe.C1]

    @property
    def nature_du_sujet(self) -> Nature:
        return self.nature

    @property
    def addressee(self) -> str | None:
        """Return the id of the partner that receives the alert. Partners read it as `emetteur`, whoever it is."""
        return self.emetteur


class AlerteConflit(EvenementAlerte):
    """Alert about two households for one place: a second designation of the place was refused, or a direct
    admission took a place that was reserved."""

    NOM = "alerte.conflit"

    place: Annotated[UUID, Classe.C0]


class AlerteAnomalie(EvenementAlerte):
    """Alert about an event that a rule forbids, or that needs somebody's attention. A forbidden event is
    mostly not applied. A direct admission without a derogation is applied all the same, because it has
    already taken place."""

    NOM = "alerte.anomalie"

    etat: Annotated[str | None, Classe.C1] = None
    """State of the subject, such as a referral. None if the subject does not concern the sender of the event."""
    manquants: Annotated[tuple[ChampDecrit, ...], Classe.C1] = ()
    """Fields that the household's earlier description had and its new description lacks."""
    gestionnaire: Annotated[str | None, Classe.C1] = None
    """Id of the partner that manages the structure to which another SIAO refers a household."""


class AlerteEcheance(EvenementAlerte):
    """Alert that a deadline is near or has passed. The partner that owes the answer (`emetteur`) receives the
    alert. Once the deadline has passed, the SIAO receives it too."""

    NOM = "alerte.echeance"

    echeance: Annotated[Echeance, Classe.C1]
    due_le: Annotated[datetime, Classe.C1]
    etape: Annotated[Etape, Classe.C1] = Etape.ECHUE
    suite: Annotated[SuiteEcheance | None, Classe.C1] = None
    """Consequence of the missing answer at the end of the deadline; None if there is no consequence."""
    motif: Annotated[MotifAnomalie, Classe.C1] = MotifAnomalie.ECHEANCE_ATTEINTE


class AlerteSilence(EvenementAlerte):
    """Alert that a partner has sent no message in the expected time, or that its silence has ended. `evenement`
    is the id of the partner's last message."""

    NOM = "alerte.silence"

    partenaire: Annotated[str | None, Classe.C1] = None
    depuis: Annotated[datetime, Classe.C1]
    """Moment by which a message was expected."""
    fin_le: Annotated[datetime | None, Classe.C1] = None
    """Moment at which the partner sent a message again; None while the partner is still silent."""
    places_perimees: Annotated[int, Classe.C1] = 0
    """Number of the partner's vacant places whose vacancy it has not confirmed in time. These places may be
    occupied."""
    motif: Annotated[MotifAnomalie, Classe.C1] = MotifAnomalie.SILENCE
