"""Messages about demands, and about reports from the street. A demand goes on when its referral is
refused."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, ClassVar, Self
from uuid import UUID

from pydantic import Field, model_validator

from contracts.base import Contrat, Incoherence, Nature, Nombre, Personnes
from contracts.privacy import Classe, DuHub
from contracts.reference.codes import CompositionCode, Dispositif, MesureAccompagnement
from contracts.reference.identifiants import CodeCommune, Etablissement
from contracts.v1.evaluation import ConclusionEvaluation, MethodeEvaluation
from contracts.v1.menage import Menage

IDENTIFIANT = r"^[a-z0-9][a-z0-9-]{1,62}$"
"""Pattern of a partner's id in the registry."""


class MotifAnnulation(StrEnum):
    """Reason why a demand is withdrawn."""

    RENONCIATION = "RENONCIATION"
    AUTRE_SOLUTION = "AUTRE_SOLUTION"
    SANS_NOUVELLES = "SANS_NOUVELLES"
    DEPART_DU_TERRITOIRE = "DEPART_DU_TERRITOIRE"
    DOUBLON = "DOUBLON"
    ERREUR = "ERREUR"


class MotifNonPourvue(StrEnum):
    """Reason why no place was found for the night."""

    AUCUNE_PLACE = "AUCUNE_PLACE"
    COMPOSITION = "COMPOSITION"
    ACCESSIBILITE = "ACCESSIBILITE"
    ANIMAL = "ANIMAL"
    REFUS_DU_MENAGE = "REFUS_DU_MENAGE"
    RACCROCHE = "RACCROCHE"


class Suite(StrEnum):
    """New state of a demand, as the hub tells it to the partner that brought the household."""

    EVALUEE = "EVALUEE"
    ORIENTEE = "ORIENTEE"
    EN_ATTENTE = "EN_ATTENTE"
    POURVUE = "POURVUE"
    ANNULEE = "ANNULEE"
    TRANSFEREE = "TRANSFEREE"


class SuiteSignalement(StrEnum):
    """Outcome of a report about somebody seen in the street."""

    RENCONTREE = "RENCONTREE"
    """A team has met the person; a demand may follow."""
    MISE_A_L_ABRI = "MISE_A_L_ABRI"
    REFUS_DE_LA_PERSONNE = "REFUS_DE_LA_PERSONNE"
    NON_TROUVEE = "NON_TROUVEE"
    DEJA_SUIVIE = "DEJA_SUIVIE"


class EvenementDemande(Contrat):
    """Base of all messages about one demand."""

    DOMAINE = "demande"
    NATURE: ClassVar[Nature] = Nature.DEMANDE
    SUJET: ClassVar[str] = "demande"

    demande: Annotated[UUID, Classe.C1]


class DemandeDecrite(EvenementDemande):
    """Base of messages that describe a demand: its household as it is now, and what the household needs."""

    menage: Menage
    dispositif: Annotated[Dispositif, Classe.C1]
    commune: Annotated[CodeCommune | None, Classe.C1] = None
    """Commune where the household is, or where it wants to live."""
    sortie_le: Annotated[date | None, Classe.C4] = None
    """Day on which a prison, a hospital or another institution releases the person."""


class DemandeRecue(DemandeDecrite):
    """Message by which a partner brings a household to the SIAO: a new demand."""

    NOM = "demande.recue"


class DemandeCompletee(DemandeDecrite):
    """Message that describes a demand anew, and completes what was missing in the earlier description."""

    NOM = "demande.completee"


class DemandeActualisee(DemandeDecrite):
    """Message that describes a demand's household anew, or confirms the known description. If no place was found
    for the household before, the demand waits for a place again."""

    NOM = "demande.actualisee"


class EvaluationDemandee(EvenementDemande):
    """Message by which the SIAO requests an evaluation of the household of a demand."""

    NOM = "evaluation.demandee"

    service: Annotated[Etablissement | None, Classe.C1] = None
    """Service that has to evaluate the household; None for the partner that brought the household."""
    menage: Menage | None = None
    """Household to evaluate; None if the service knows the household."""
    methode: Annotated[MethodeEvaluation | None, Classe.C1] = None
    avant_le: Annotated[date, Classe.C1]
    """Day until which the answer is expected."""
    rappel: Annotated[bool, Classe.C1, DuHub.DIT] = False
    """Whether the request is a reminder. Only the hub sets it."""


class EvaluationRealisee(EvenementDemande):
    """Message that a partner has evaluated the household of a demand."""

    NOM = "evaluation.realisee"

    methode: Annotated[MethodeEvaluation, Classe.C1]
    realisee_le: Annotated[date, Classe.C1]
    evaluateur: Annotated[str | None, Classe.C2, Field(max_length=100)] = None
    """Service that evaluated the household. It may reveal where the household is known, so it has class
    C2."""
    preconisation: Annotated[Dispositif | None, Classe.C1] = None
    accompagnement: Annotated[MesureAccompagnement | None, Classe.C3] = None
    conclusion: Annotated[ConclusionEvaluation | None, Classe.C1] = None
    valable_jusqu_au: Annotated[date | None, Classe.C1] = None


class DemandeEvaluee(EvenementDemande):
    """Message that the SIAO has evaluated a demand."""

    NOM = "demande.evaluee"

    evaluee_le: Annotated[date, Classe.C1]
    preconisation: Annotated[Dispositif, Classe.C1]
    accompagnement: Annotated[MesureAccompagnement | None, Classe.C3] = None


class DemandeNonPourvue(EvenementDemande):
    """Message that, on the night of `nuit_du`, no place was found for the household of a demand. The demand
    stays open."""

    NOM = "demande.non-pourvue"

    nuit_du: Annotated[date, Classe.C1]
    motif: Annotated[MotifNonPourvue, Classe.C1]


class DemandeAnnulee(EvenementDemande):
    """Message that ends a demand: the partner that brought the household withdraws it, or the SIAO closes
    it."""

    NOM = "demande.annulee"

    motif: Annotated[MotifAnnulation, Classe.C1]


class DemandeTransferee(EvenementDemande):
    """Message by which a SIAO proposes that another SIAO take over a demand. Until the other accepts, the
    proposing SIAO stays responsible, and the hub does not tell the other who the household's members are."""

    NOM = "demande.transferee"

    territoire: Annotated[str, Classe.C1, Field(pattern=r"^[0-9A-Za-z-]{1,20}$")]
    """Territory of the SIAO that is asked to take over the demand."""
    siao: Annotated[str | None, Classe.C1, Field(pattern=IDENTIFIANT)] = None
    """SIAO that is asked to take over the demand; None for the SIAO of `territoire`."""
    dispositif: Annotated[Dispositif | None, Classe.C1] = None
    """Kind of offer that the household needs."""
    commune: Annotated[CodeCommune | None, Classe.C1] = None
    """Commune where the household wants to live."""
    composition: Annotated[CompositionCode | None, Classe.C1] = None
    adultes: Annotated[Personnes | None, Classe.C1] = None
    enfants: Annotated[Personnes | None, Classe.C1] = None


class DemandeSuite(EvenementDemande):
    """Message with the new state of a demand, for the partner that brought the household. It names neither the
    place nor the partner that answered the SIAO."""

    NOM = "demande.suite"

    suite: Annotated[Suite, Classe.C1]


class DemandePlaceTrouvee(EvenementDemande):
    """Message to the partner that brought a household. It names the structure to which the SIAO referred the
    household. It is sent only if this partner may know the place, and never with a secret address."""

    NOM = "demande.place-trouvee"

    structure: Annotated[Etablissement | None, Classe.C0] = None
    """Structure of the place, filled in by the hub."""
    dispositif: Annotated[Dispositif, Classe.C0]
    presentation_le: Annotated[date | None, Classe.C1] = None
    """Day on which the household is to arrive."""


class EvenementSignalement(Contrat):
    """Base of all messages about one report from the street."""

    DOMAINE = "demande"
    NATURE: ClassVar[Nature] = Nature.SIGNALEMENT
    SUJET: ClassVar[str] = "signalement"

    signalement: Annotated[UUID, Classe.C1]


class SignalementRecu(EvenementSignalement):
    """Message that people were seen in the street. No household is known yet."""

    NOM = "signalement.recu"

    vu_le: Annotated[datetime, Classe.C1]
    commune: Annotated[CodeCommune, Classe.C1]
    lieu: Annotated[str | None, Classe.C2, Field(max_length=200)] = None
    """Place where the people are."""
    adultes: Annotated[Nombre, Classe.C1] = 1
    enfants: Annotated[Nombre, Classe.C1] = 0
    urgence_vitale: Annotated[bool, Classe.C4] = False

    @model_validator(mode="after")
    def _is_about_somebody(self) -> Self:
        if self.adultes + self.enfants == 0:
            raise Incoherence(
                "personne n'est signalé : dites combien d'adultes, d'enfants", "adultes", "enfants"
            )
        return self


class SignalementTraite(EvenementSignalement):
    """Message that tells the partner which sent a report from the street what came of this report. It names
    no person and no place."""

    NOM = "signalement.traite"

    suite: Annotated[SuiteSignalement, Classe.C1]
    traite_le: Annotated[date, Classe.C1]
