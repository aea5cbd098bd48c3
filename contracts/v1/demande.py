"""Demands: a household that a partner brings to the SIAO, and what becomes of it (duties C3, C5 and C14).

The demand is a subject of its own. Referrals name it. It outlives each of them, and a refused referral does
not end it.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, ClassVar, Self
from uuid import UUID

from pydantic import Field, NonNegativeInt, model_validator

from contracts.base import Contrat, Incoherence, Nature
from contracts.privacy import Classe, DuHub
from contracts.reference.codes import CompositionCode, Dispositif, MesureAccompagnement
from contracts.reference.identifiants import CodeCommune, Etablissement
from contracts.v1.evaluation import ConclusionEvaluation, MethodeEvaluation
from contracts.v1.menage import Menage

IDENTIFIANT = r"^[a-z0-9][a-z0-9-]{1,62}$"
"""Pattern of a partner's id in the registry."""


class MotifAnnulation(StrEnum):
    """Reasons why a demand is withdrawn ([choix])."""

    RENONCIATION = "RENONCIATION"
    AUTRE_SOLUTION = "AUTRE_SOLUTION"
    SANS_NOUVELLES = "SANS_NOUVELLES"
    DEPART_DU_TERRITOIRE = "DEPART_DU_TERRITOIRE"
    DOUBLON = "DOUBLON"
    ERREUR = "ERREUR"


class MotifNonPourvue(StrEnum):
    """Reasons why a demand found no place tonight ([choix])."""

    AUCUNE_PLACE = "AUCUNE_PLACE"
    COMPOSITION = "COMPOSITION"
    ACCESSIBILITE = "ACCESSIBILITE"
    ANIMAL = "ANIMAL"
    REFUS_DU_MENAGE = "REFUS_DU_MENAGE"
    RACCROCHE = "RACCROCHE"


class Suite(StrEnum):
    """States of a demand, as shown to the partner that brought it."""

    EVALUEE = "EVALUEE"
    ORIENTEE = "ORIENTEE"
    EN_ATTENTE = "EN_ATTENTE"
    POURVUE = "POURVUE"
    ANNULEE = "ANNULEE"
    TRANSFEREE = "TRANSFEREE"


class SuiteSignalement(StrEnum):
    """What became of somebody who was seen in the street ([choix])."""

    RENCONTREE = "RENCONTREE"
    """A team has met the person, and a demand may follow."""
    MISE_A_L_ABRI = "MISE_A_L_ABRI"
    REFUS_DE_LA_PERSONNE = "REFUS_DE_LA_PERSONNE"
    NON_TROUVEE = "NON_TROUVEE"
    DEJA_SUIVIE = "DEJA_SUIVIE"


class EvenementDemande(Contrat):
    """Any event of one demand."""

    DOMAINE = "demande"
    NATURE: ClassVar[Nature] = Nature.DEMANDE
    SUJET: ClassVar[str] = "demande"

    demande: Annotated[UUID, Classe.C1]


class DemandeDecrite(EvenementDemande):
    """Any event that describes the household as it is now, and its need."""

    menage: Menage
    dispositif: Annotated[Dispositif, Classe.C1]
    commune: Annotated[CodeCommune | None, Classe.C1] = None
    """The commune where the household is, or wants to live."""
    sortie_le: Annotated[date | None, Classe.C4] = None
    """The day on which a prison, a hospital or another institution releases the person."""


class DemandeRecue(DemandeDecrite):
    """A partner brings a household."""

    NOM = "demande.recue"


class DemandeCompletee(DemandeDecrite):
    """The missing information has arrived."""

    NOM = "demande.completee"


class DemandeActualisee(DemandeDecrite):
    """The household's situation has changed, or is confirmed. A demand that found no place last night is open
    again."""

    NOM = "demande.actualisee"


class EvaluationDemandee(EvenementDemande):
    """The SIAO asks a partner to evaluate the household's situation: the partner that it names, else the one
    that brought the household. The hub sends a reminder before the day."""

    NOM = "evaluation.demandee"

    service: Annotated[Etablissement | None, Classe.C1] = None
    """SIRET or FINESS of the service asked; without it, the partner that brought the household."""
    menage: Menage | None = None
    """Household to evaluate, if the service does not know it yet."""
    methode: Annotated[MethodeEvaluation | None, Classe.C1] = None
    avant_le: Annotated[date, Classe.C1]
    """The day until which the answer is expected."""
    rappel: Annotated[bool, Classe.C1, DuHub.DIT] = False
    """True if the hub asks again for an answer that is still expected. Only the hub sets it."""


class EvaluationRealisee(EvenementDemande):
    """A partner has evaluated the situation."""

    NOM = "evaluation.realisee"

    methode: Annotated[MethodeEvaluation, Classe.C1]
    realisee_le: Annotated[date, Classe.C1]
    evaluateur: Annotated[str | None, Classe.C2, Field(max_length=100)] = None
    """Service that evaluated. It is C2, because it reveals where the household is known."""
    preconisation: Annotated[Dispositif | None, Classe.C1] = None
    accompagnement: Annotated[MesureAccompagnement | None, Classe.C3] = None
    conclusion: Annotated[ConclusionEvaluation | None, Classe.C1] = None
    valable_jusqu_au: Annotated[date | None, Classe.C1] = None
    """The last day on which the evaluation holds."""


class DemandeEvaluee(EvenementDemande):
    """The SIAO has evaluated the demand."""

    NOM = "demande.evaluee"

    evaluee_le: Annotated[date, Classe.C1]
    preconisation: Annotated[Dispositif, Classe.C1]
    accompagnement: Annotated[MesureAccompagnement | None, Classe.C3] = None


class DemandeNonPourvue(EvenementDemande):
    """There was no place for the household that night. The night is counted, and the demand is open again tomorrow."""

    NOM = "demande.non-pourvue"

    nuit_du: Annotated[date, Classe.C1]
    motif: Annotated[MotifNonPourvue, Classe.C1]


class DemandeAnnulee(EvenementDemande):
    """The partner that brought the demand withdraws it, or the SIAO closes it."""

    NOM = "demande.annulee"

    motif: Annotated[MotifAnnulation, Classe.C1]


class DemandeTransferee(EvenementDemande):
    """The SIAO proposes that another SIAO take the demand over.

    Until that SIAO accepts, nothing changes hands. The message states the need without a name: the identity
    of the household follows after the acceptance.
    """

    NOM = "demande.transferee"

    territoire: Annotated[str, Classe.C1, Field(pattern=r"^[0-9A-Za-z-]{1,20}$")]
    """The territory of the other SIAO."""
    siao: Annotated[str | None, Classe.C1, Field(pattern=IDENTIFIANT)] = None
    """The other SIAO's id in the registry; without it, the SIAO of the territory that handles such demands."""
    dispositif: Annotated[Dispositif | None, Classe.C1] = None
    """Kind of offer that the household needs."""
    commune: Annotated[CodeCommune | None, Classe.C1] = None
    """The commune where the household wants to live."""
    composition: Annotated[CompositionCode | None, Classe.C1] = None
    adultes: Annotated[NonNegativeInt | None, Classe.C1] = None
    enfants: Annotated[NonNegativeInt | None, Classe.C1] = None


class DemandeSuite(EvenementDemande):
    """The new state of a demand, for the partner that brought it. It names neither the place nor the partner that
    answered."""

    NOM = "demande.suite"

    suite: Annotated[Suite, Classe.C1]


class DemandePlaceTrouvee(EvenementDemande):
    """Place to which the household is referred, for a partner that brought the household and may know where
    it goes (duty C14). Never sent if the address is secret."""

    NOM = "demande.place-trouvee"

    structure: Annotated[Etablissement | None, Classe.C0] = None
    """The structure of the place. The hub always states it."""
    dispositif: Annotated[Dispositif, Classe.C0]
    presentation_le: Annotated[date | None, Classe.C1] = None
    """The day on which the household presents itself."""


class EvenementSignalement(Contrat):
    """Any event of one report."""

    DOMAINE = "demande"
    NATURE: ClassVar[Nature] = Nature.SIGNALEMENT
    SUJET: ClassVar[str] = "signalement"

    signalement: Annotated[UUID, Classe.C1]


class SignalementRecu(EvenementSignalement):
    """A person is in the street, seen by a team or reported by a passer-by. No household is known yet."""

    NOM = "signalement.recu"

    vu_le: Annotated[datetime, Classe.C1]
    commune: Annotated[CodeCommune, Classe.C1]
    lieu: Annotated[str | None, Classe.C2, Field(max_length=200)] = None
    """The place where the people are."""
    adultes: Annotated[NonNegativeInt, Classe.C1] = 1
    enfants: Annotated[NonNegativeInt, Classe.C1] = 0
    urgence_vitale: Annotated[bool, Classe.C4] = False

    @model_validator(mode="after")
    def _is_about_somebody(self) -> Self:
        if self.adultes + self.enfants == 0:
            raise Incoherence(
                "personne n'est signalé : dites combien d'adultes, d'enfants", "adultes", "enfants"
            )
        return self


class SignalementTraite(EvenementSignalement):
    """What became of a report, for the partner that made it. It names nobody, and no place."""

    NOM = "signalement.traite"

    suite: Annotated[SuiteSignalement, Classe.C1]
    traite_le: Annotated[date, Classe.C1]
