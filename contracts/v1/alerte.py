"""Alerts that the hub sends to the SIAO and to the partner at fault, about conflicts, anomalies, deadlines, silences.
None contains personal data."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar
from uuid import UUID

from contracts.base import Contrat, Nature
from contracts.privacy import Classe
from contracts.v1.echeance import Echeance, Etape, SuiteEcheance
from contracts.v1.pret_logement import ChampDecrit


class MotifAnomalie(StrEnum):
    """Reason of an alert: why an event was not applied, or why an applied event is a problem."""

    TRANSITION_ILLEGALE = "TRANSITION_ILLEGALE"
    SUJET_INCONNU = "SUJET_INCONNU"
    EMETTEUR_INATTENDU = "EMETTEUR_INATTENDU"
    PLACE_DEJA_RESERVEE = "PLACE_DEJA_RESERVEE"
    PLACE_NON_DISPONIBLE = "PLACE_NON_DISPONIBLE"
    AUTRE_GESTIONNAIRE = "AUTRE_GESTIONNAIRE"
    AUTRE_SIAO = "AUTRE_SIAO"
    """Household referred to a place or structure of another SIAO without an agreement or a transfer that
    allows it."""
    ORIENTE_PAR_UN_AUTRE_SIAO = "ORIENTE_PAR_UN_AUTRE_SIAO"
    """Household referred by another SIAO to a structure in this SIAO's territory, under their agreement or after a
    transfer."""
    RESSOURCES_EN_URGENCE = "RESSOURCES_EN_URGENCE"
    SANS_DEROGATION = "SANS_DEROGATION"
    OCCUPEE_SANS_ORIENTATION = "OCCUPEE_SANS_ORIENTATION"
    """Place occupied although it was known to be free, or held for a household not accepted yet: a direct admission
    is suspected."""
    SANS_CONVENTION = "SANS_CONVENTION"
    """Household presented by a channel that needs an agreement, without the number of one."""
    ACTE_INCONNU = "ACTE_INCONNU"
    """Cited agreement or derogation whose number nobody has signed in this département."""
    ACTE_NON_SIGNE = "ACTE_NON_SIGNE"
    """Cited agreement or derogation that some signatories have not signed."""
    HORS_DATES = "HORS_DATES"
    """Cited agreement or derogation that is not in force on the day in question."""
    HORS_ACTE = "HORS_ACTE"
    """Cited agreement or derogation that is about other places or another structure."""
    QUOTA_EPUISE = "QUOTA_EPUISE"
    """Cited derogation whose places are all attributed already."""
    NUMERO_DE_SEJOUR_PRIS = "NUMERO_DE_SEJOUR_PRIS"
    """Household admitted under the number of another stay in the centre."""
    SEJOUR_PRECEDENT_OUVERT = "SEJOUR_PRECEDENT_OUVERT"
    """Household admitted to a place whose previous household has not been reported as gone."""
    RESERVE_A_L_ETAT = "RESERVE_A_L_ETAT"
    """Household referred to a place reserved for the State, without an agreement in force that lets the SIAO
    attribute it."""
    RANG_CADUC = "RANG_CADUC"
    """Lease signed by another household for the dwelling for which this household had a rank (R441-3 CCH)."""
    MENAGE_SEPARE = "MENAGE_SEPARE"
    """Household that has split: some members have left it and have a household of their own."""
    MENAGE_REUNI = "MENAGE_REUNI"
    """Household that lives with another one from now on."""
    SANS_LABEL = "SANS_LABEL"
    """Household presented for the prefect's reserved housing before it is labelled."""
    SIGNATURE_DIFFERENTE = "SIGNATURE_DIFFERENTE"
    """Agreement or derogation signed with other terms than by the signatories before."""
    SIGNATAIRES_INCOMPLETS = "SIGNATAIRES_INCOMPLETS"
    """Agreement without a party that its purpose (`objet`) requires."""
    SANS_ADMISSION = "SANS_ADMISSION"
    """Aide sociale asked for a household without an admission by the centre."""
    SANS_STATUT_CHRS = "SANS_STATUT_CHRS"
    """Aide sociale asked for a stay in a place that is known to lack CHRS status."""
    STATUT_CHRS_INCONNU = "STATUT_CHRS_INCONNU"
    """Aide sociale asked for a stay in a place whose CHRS status is unknown."""
    MINEUR_SEUL = "MINEUR_SEUL"
    """Household whose members are all minors."""
    AGES_ET_COMPOSITION = "AGES_ET_COMPOSITION"
    """Household whose ages do not fit its numbers of adults and children."""
    SEXES_ET_COMPOSITION = "SEXES_ET_COMPOSITION"
    """Household whose composition does not fit the sex of an adult."""
    DESCRIPTION_INCOMPLETE = "DESCRIPTION_INCOMPLETE"
    """Household on the list declared again with fewer fields than before."""
    MENAGE_INCERTAIN = "MENAGE_INCERTAIN"
    """Opinion that names a candidacy without its household, or that omits the household or candidacy of the opinion
    that it corrects."""
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
"""Doubts about a household that do not keep its message from being applied (`AVerifier`)."""
RECOMPOSED = (MotifAnomalie.MENAGE_SEPARE, MotifAnomalie.MENAGE_REUNI)
"""Reasons of alerts that a household has split or joined another one. They go to a partner that has the household;
the SIAO gets them only if that partner's system reads no alerts."""
TO_ANOTHER = (MotifAnomalie.ORIENTE_PAR_UN_AUTRE_SIAO, *RECOMPOSED)
"""Reasons of alerts that go to another partner (`emetteur`) than the sender of the event."""


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
    """Sender of the event that caused the alert. It receives the alert too, if its system reads alerts."""
    motif: Annotated[MotifAnomalie, Classe.C1]

    @property
    def nature_du_sujet(self) -> Nature:
        return self.nature


class AlerteConflit(EvenementAlerte):
    """Alert about two households for one place: a second designation was refused, or a direct admission took a
    reserved place."""

    NOM = "alerte.conflit"

    place: Annotated[UUID, Classe.C0]


class AlerteAnomalie(EvenementAlerte):
    """Alert about an event that a rule does not allow: it is stored and not applied. A direct admission without a
    derogation, known or suspected, is applied nevertheless, because it is a fact."""

    NOM = "alerte.anomalie"

    etat: Annotated[str | None, Classe.C1] = None
    """State of the subject; None if the sender of the event has no part in the subject."""
    manquants: Annotated[tuple[ChampDecrit, ...], Classe.C1] = ()
    """Fields that the new description of a household lacks."""
    gestionnaire: Annotated[str | None, Classe.C1] = None
    """Manager of the structure to which another SIAO refers a household."""


class AlerteEcheance(EvenementAlerte):
    """Alert that a deadline is near or has passed. The alert goes to `emetteur`, the partner that owes the answer. Once
    the deadline has passed, it goes to the SIAO too."""

    NOM = "alerte.echeance"

    echeance: Annotated[Echeance, Classe.C1]
    due_le: Annotated[datetime, Classe.C1]
    etape: Annotated[Etape, Classe.C1] = Etape.ECHUE
    suite: Annotated[SuiteEcheance | None, Classe.C1] = None
    """Consequence of the silence under the law or an agreement; None without one."""
    motif: Annotated[MotifAnomalie, Classe.C1] = MotifAnomalie.ECHEANCE_ATTEINTE


class AlerteSilence(EvenementAlerte):
    """Alert that a partner has missed its rhythm, or sends messages again. `evenement` is the id of the partner's last
    message."""

    NOM = "alerte.silence"

    partenaire: Annotated[str | None, Classe.C1] = None
    depuis: Annotated[datetime, Classe.C1]
    """Moment by which a message was expected."""
    fin_le: Annotated[datetime | None, Classe.C1] = None
    """Moment at which the partner sent a message again; None while it is silent."""
    places_perimees: Annotated[int, Classe.C1] = 0
    """Number of the partner's vacant places that it has not renewed in time. They may be occupied."""
    motif: Annotated[MotifAnomalie, Classe.C1] = MotifAnomalie.SILENCE
