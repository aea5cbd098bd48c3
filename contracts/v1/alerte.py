"""Alerts of the hub to the SIAO and to the partner at fault: conflicts, anomalies, deadlines, silences. Nothing here
is personal."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar
from uuid import UUID

from contracts.base import Contrat, Nature
from contracts.privacy import Classe
from contracts.v1.echeance import Echeance, Etape, SuiteEcheance
from contracts.v1.pret_logement import ChampDecrit


class MotifAnomalie(StrEnum):
    """Reasons why an event was kept but not applied, or why an applied fact is a problem."""

    TRANSITION_ILLEGALE = "TRANSITION_ILLEGALE"
    SUJET_INCONNU = "SUJET_INCONNU"
    EMETTEUR_INATTENDU = "EMETTEUR_INATTENDU"
    PLACE_DEJA_RESERVEE = "PLACE_DEJA_RESERVEE"
    PLACE_NON_DISPONIBLE = "PLACE_NON_DISPONIBLE"
    AUTRE_GESTIONNAIRE = "AUTRE_GESTIONNAIRE"
    AUTRE_SIAO = "AUTRE_SIAO"
    """A household is referred to a place or structure of another SIAO, and neither an agreement nor a transfer allows
    it."""
    ORIENTE_PAR_UN_AUTRE_SIAO = "ORIENTE_PAR_UN_AUTRE_SIAO"
    """Another SIAO refers a household to a structure of this one's territory, under their agreement or after a
    transfer."""
    RESSOURCES_EN_URGENCE = "RESSOURCES_EN_URGENCE"
    SANS_DEROGATION = "SANS_DEROGATION"
    OCCUPEE_SANS_ORIENTATION = "OCCUPEE_SANS_ORIENTATION"
    """A place is occupied that was known to be free, or held for a household not accepted yet: a direct admission is
    suspected."""
    SANS_CONVENTION = "SANS_CONVENTION"
    """A household is presented by a channel that needs an agreement, but the message cites none."""
    ACTE_INCONNU = "ACTE_INCONNU"
    """An act is cited by a number under which nobody has signed an act in this département."""
    ACTE_NON_SIGNE = "ACTE_NON_SIGNE"
    """An act is cited that not all its signatories have signed."""
    HORS_DATES = "HORS_DATES"
    """An act is cited that is not in force on the day in question."""
    HORS_ACTE = "HORS_ACTE"
    """An act is cited that is about other places or another structure."""
    QUOTA_EPUISE = "QUOTA_EPUISE"
    """A derogation is cited whose places are all attributed already."""
    NUMERO_DE_SEJOUR_PRIS = "NUMERO_DE_SEJOUR_PRIS"
    """A household is admitted under the number of another stay of the centre."""
    SEJOUR_PRECEDENT_OUVERT = "SEJOUR_PRECEDENT_OUVERT"
    """A household is admitted to a place whose previous household has not been said to have left."""
    RESERVE_A_L_ETAT = "RESERVE_A_L_ETAT"
    """A household is referred to a place that is reserved for the State, and no agreement in force lets the SIAO
    attribute it."""
    RANG_CADUC = "RANG_CADUC"
    """Another household has signed for the dwelling for which this one had a rank (R441-3 CCH)."""
    MENAGE_SEPARE = "MENAGE_SEPARE"
    """The household has split: some have left it, and have a household of their own."""
    MENAGE_REUNI = "MENAGE_REUNI"
    """The household lives with another from now on."""
    SANS_LABEL = "SANS_LABEL"
    """A household is presented for the prefect's reserved housing before it is labelled."""
    SIGNATURE_DIFFERENTE = "SIGNATURE_DIFFERENTE"
    """A signatory signs an act with other terms than the signatories before it."""
    SIGNATAIRES_INCOMPLETS = "SIGNATAIRES_INCOMPLETS"
    """An agreement lacks a party that its purpose (`objet`) requires."""
    SANS_ADMISSION = "SANS_ADMISSION"
    """Aide sociale is asked for a household that the centre has not said it will receive."""
    SANS_STATUT_CHRS = "SANS_STATUT_CHRS"
    """Aide sociale is asked for a stay in a place that is known to have no CHRS status."""
    STATUT_CHRS_INCONNU = "STATUT_CHRS_INCONNU"
    """Aide sociale is asked for a stay in a place of which nobody has said whether it has CHRS status."""
    MINEUR_SEUL = "MINEUR_SEUL"
    """All members of a household are minors."""
    AGES_ET_COMPOSITION = "AGES_ET_COMPOSITION"
    """The ages of a household's members do not fit its numbers of adults and children."""
    SEXES_ET_COMPOSITION = "SEXES_ET_COMPOSITION"
    """The sex of an adult does not fit the composition of the household."""
    DESCRIPTION_INCOMPLETE = "DESCRIPTION_INCOMPLETE"
    """A household of the list is declared again, with fewer fields than before."""
    MENAGE_INCERTAIN = "MENAGE_INCERTAIN"
    """An opinion names a candidacy without its household, or no longer names what the opinion that it
    corrects named."""
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
"""Doubts about a household whose message is applied all the same (`AVerifier`)."""
RECOMPOSED = (MotifAnomalie.MENAGE_SEPARE, MotifAnomalie.MENAGE_REUNI)
"""Reasons for an alert that a household has split or joined another. It goes to a partner that holds the
household (`emetteur`). The SIAO sent the news itself: it is notified only of partners whose systems read no
alerts."""
TO_ANOTHER = (MotifAnomalie.ORIENTE_PAR_UN_AUTRE_SIAO, *RECOMPOSED)
"""Reasons of alerts that go to another partner (`emetteur`) than the sender of the event."""


class EvenementAlerte(Contrat):
    """Any alert; its subject is the referral, candidacy or place that the alert is about."""

    DOMAINE = "alerte"
    NATURE: ClassVar[None] = None
    SUJET: ClassVar[str] = "objet"

    objet: Annotated[UUID, Classe.C1]
    nature: Annotated[Nature, Classe.C1]
    evenement: Annotated[UUID, Classe.C1]
    """The event that gave rise to the alert."""
    type_evenement: Annotated[str, Classe.C1]
    emetteur: Annotated[str | None, Classe.C1] = None
    """Sender of the event that gave rise to the alert. It receives the alert too if its system reads alerts."""
    motif: Annotated[MotifAnomalie, Classe.C1]

    @property
    def nature_du_sujet(self) -> Nature:
        return self.nature


class AlerteConflit(EvenementAlerte):
    """Two households for one place: a second designation was refused, or a direct admission took a reserved place."""

    NOM = "alerte.conflit"

    place: Annotated[UUID, Classe.C0]


class AlerteAnomalie(EvenementAlerte):
    """An event that a rule does not allow: kept, never applied, never lost. A direct admission without a derogation,
    known or suspected, is nevertheless applied, because it is a fact (duty C2)."""

    NOM = "alerte.anomalie"

    etat: Annotated[str | None, Classe.C1] = None
    """State of the subject; left out if the sender has no part in it."""
    manquants: Annotated[tuple[ChampDecrit, ...], Classe.C1] = ()
    """Fields that the description of a household lacks."""
    gestionnaire: Annotated[str | None, Classe.C1] = None
    """Manager of the structure to which another SIAO refers a household."""


class AlerteEcheance(EvenementAlerte):
    """A deadline is near or has passed. `emetteur` is the partner that owes the answer and is reminded; the SIAO is
    notified once the deadline has passed."""

    NOM = "alerte.echeance"

    echeance: Annotated[Echeance, Classe.C1]
    due_le: Annotated[datetime, Classe.C1]
    etape: Annotated[Etape, Classe.C1] = Etape.ECHUE
    suite: Annotated[SuiteEcheance | None, Classe.C1] = None
    """Consequence of the silence, if the law or an agreement gives it one."""
    motif: Annotated[MotifAnomalie, Classe.C1] = MotifAnomalie.ECHEANCE_ATTEINTE


class AlerteSilence(EvenementAlerte):
    """A partner has missed its rhythm, or sends messages again. `evenement` is the id of its last message."""

    NOM = "alerte.silence"

    partenaire: Annotated[str | None, Classe.C1] = None
    depuis: Annotated[datetime, Classe.C1]
    """The moment by which a message was expected."""
    fin_le: Annotated[datetime | None, Classe.C1] = None
    """Moment at which the partner sent a message again; None while it is silent."""
    places_perimees: Annotated[int, Classe.C1] = 0
    """Number of the partner's vacant places that it has not renewed in time: they may be occupied."""
    motif: Annotated[MotifAnomalie, Classe.C1] = MotifAnomalie.SILENCE
