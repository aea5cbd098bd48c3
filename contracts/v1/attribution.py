"""Messages about candidacies for social housing, from the presentation to the lease."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Self
from uuid import UUID

from pydantic import PositiveInt, ValidationInfo, model_validator

from contracts.base import Contrat, Incoherence, Nature, Positif, Selon
from contracts.privacy import Classe, DuHub
from contracts.reference.codes import (
    CategoriePlace,
    MotifRadiation,
    Reservataire,
    ResultatCommission,
    TrancheLoyer,
)
from contracts.reference.identifiants import CodeCommune, IdentifiantRpls, NumeroUnique, ReferenceActe, Siret
from contracts.reference.regle import RELU
from contracts.v1.evaluation import Evaluation
from contracts.v1.menage import Menage, MenageSurListe
from contracts.v1.numero_acte import citing

DELAI_MINIMAL_JOURS = 10
"""Smallest number of days that a household has to answer an offer (R441-10 CCH)."""
DELAI_MAXIMAL_JOURS = 365
"""Largest number of days that a household has to answer an offer. The hub has chosen this limit ([choix]): a
larger number is a mistake."""


class Canal(StrEnum):
    """Channel: the way in which a SIAO presents a household to a landlord. Some channels need an agreement in
    force."""

    ACCORD_COLLECTIF = "ACCORD_COLLECTIF"
    CONTINGENT = "CONTINGENT"
    CIL = "CIL"
    COLLECTIVITE = "COLLECTIVITE"
    DIRECT = "DIRECT"


class EvenementCandidature(Contrat):
    """Base of all messages about one candidacy."""

    DOMAINE = "attribution"
    NATURE: ClassVar[Nature] = Nature.CANDIDATURE
    SUJET: ClassVar[str] = "candidature"

    candidature: Annotated[UUID, Classe.C1]


class Presentation(EvenementCandidature):
    """Base of messages that present a household to a landlord, or to a collector (the employers' housing
    fund)."""

    convention: Annotated[ReferenceActe | None, Classe.C1] = None
    """Number of the agreement under which the household is presented."""
    acte: Annotated[UUID | None, Classe.C1, DuHub.NOTE] = None
    """Id of the agreement whose number is in `convention`. The hub derives the id from this number."""

    @model_validator(mode="before")
    @classmethod
    def _under_its_act(cls, values: Any) -> Any:
        return citing(values, "convention", Nature.CONVENTION)


class CandidaturePresentee(Presentation):
    """Message by which the SIAO presents a household to a landlord."""

    NOM = "candidature.presentee"
    OBLIGATOIRES: ClassVar[tuple[str, ...]] = ("menage.personnes",)
    SAUF: ClassVar[Mapping[str, str]] = {"menage.numero_unique": "hors_commission"}
    SI_ABSENT: ClassVar[Mapping[str, str]] = {
        "menage.numero_unique": "une commission (CALEOL) n'examine aucun ménage sans numéro unique : faites "
        "enregistrer sa demande de logement social, puis présentez-le ; si aucune commission n'attribue ce logement "
        "(résidence, intermédiation locative, parc privé), dites-le hors commission",
    }

    menage: Menage
    bailleur: Annotated[Siret, Classe.C1]
    canal: Annotated[Canal, Classe.C1]
    commune: Annotated[CodeCommune | None, Classe.C1] = None
    """Commune where the household wants to live."""
    logement: Annotated[IdentifiantRpls | None, Classe.C1] = None
    """Dwelling for which the household is presented; None for no particular one."""
    typologie: Annotated[CategoriePlace | None, Classe.C1] = None
    commune_logement: Annotated[CodeCommune | None, Classe.C1] = None
    loyer: Annotated[TrancheLoyer | None, Classe.C1] = None
    reservataire: Annotated[Reservataire | None, Classe.C1] = None
    """Body for which the dwelling is reserved."""
    hors_commission: Annotated[bool | None, Classe.C1] = None
    """True if no commission (CALEOL) decides, because the dwelling is not social housing."""
    evaluation: Evaluation | None = None
    """Evaluation that found the household ready, as far as the landlord may read it."""


class CandidatureSurListe(Presentation):
    """Message by which the SIAO presents a household to a collector (the employers' housing fund). The
    household is on a list that an agreement allows, and only its numéro unique identifies it."""

    NOM = "candidature.presentee-sur-liste"
    OBLIGATOIRES: ClassVar[tuple[str, ...]] = ("menage.numero_unique",)
    SI_ABSENT: ClassVar[Mapping[str, str]] = {
        "menage.numero_unique": "ce ménage n'a pas de numéro unique, seul nom sous lequel un collecteur connaît ceux "
        "d'une liste : faites enregistrer sa demande de logement social, puis renvoyez cette ligne",
    }

    menage: MenageSurListe
    bailleur: Annotated[Siret, Classe.C1]
    liste: Annotated[ReferenceActe | None, Classe.C1] = None
    """Number of the list, chosen by the SIAO."""
    informe_le: Annotated[date, Classe.C1]
    """Day on which the household was informed that the collector gets its numéro unique (GDPR, article
    14)."""
    commune: Annotated[CodeCommune | None, Classe.C1] = None
    """Commune where the household wants to live."""


class CandidatureAccusee(EvenementCandidature):
    """Message by which a landlord acknowledges that it has read a candidacy."""

    NOM = "candidature.accusee"


class CandidatureInscrite(EvenementCandidature):
    """Message that a candidacy is on the agenda of a landlord's allocation commission."""

    NOM = "candidature.inscrite"

    commission_le: Annotated[date, Classe.C1]


class CandidatureRetiree(EvenementCandidature):
    """Message by which the SIAO withdraws a candidacy."""

    NOM = "candidature.retiree"


class CandidatureAccompagnement(EvenementCandidature):
    """Message by which the hub tells the landlord that an operator accompanies the household, or no longer
    does so."""

    NOM = "candidature.accompagnement"

    accepte: Annotated[bool, Classe.C1]
    debut_le: Annotated[date | None, Classe.C1] = None
    """First day of the accompaniment; None for the day on which the operator answered."""


class EligibiliteReconnue(EvenementCandidature):
    """Message that the household of a candidacy is eligible for housing under a collective agreement.
    `accord` is the number of this agreement."""

    NOM = "eligibilite.reconnue"

    accord: Annotated[ReferenceActe, Classe.C1]


class InstanceAvis(EvenementCandidature):
    """Message with the opinion of a local committee about a candidacy."""

    NOM = "instance.avis"

    favorable: Annotated[bool, Classe.C1]
    avis_le: Annotated[date, Classe.C1]


class DesignationContingent(EvenementCandidature):
    """Message by which the prefect's services designate the household of a candidacy for their reserved housing
    (« contingent »)."""

    NOM = "designation.contingent"

    designation_le: Annotated[date, Classe.C1]


class DecisionCommission(EvenementCandidature):
    """Message with the decision of the allocation commission (CALEOL) about a candidacy."""

    NOM = "decision.commission"
    SELON: ClassVar[Selon] = {"rang": ("resultat", (ResultatCommission.ATTRIBUTION_RANG,))}

    resultat: Annotated[ResultatCommission, Classe.C1]
    commission_le: Annotated[date, Classe.C1]
    rang: Annotated[Positif | None, Classe.C1] = None
    notifiee_le: Annotated[date | None, Classe.C1] = None
    """Day on which the household was notified of the offer."""
    delai_jours: Annotated[PositiveInt | None, Classe.C1] = None
    """Days that the household has to answer: at least ten (R441-10 CCH), at most a year."""
    logement: Annotated[IdentifiantRpls | None, Classe.C1] = None
    """Dwelling that the commission attributes; None for the dwelling that the candidacy names."""

    @model_validator(mode="after")
    def _the_household_has_its_time(self, info: ValidationInfo) -> Self:
        days = DELAI_MINIMAL_JOURS if self.delai_jours is None else self.delai_jours
        too_long = days > DELAI_MAXIMAL_JOURS and info.context is not RELU
        if days < DELAI_MINIMAL_JOURS or too_long:
            raise Incoherence(
                "le ménage a 10 jours au moins (R441-10 CCH) et 365 au plus : corrigez le délai, ou retirez-le",
                "delai_jours",
            )
        return self

    @model_validator(mode="after")
    def _rank_goes_with_its_result(self) -> Self:
        if self.calls_for("rang") != (self.rang is not None):
            raise Incoherence(
                "le rang va avec une attribution par rang, et elle seule : ajoutez-le, ou retirez-le",
                "rang",
                "resultat",
            )
        return self


class ConditionLevee(EvenementCandidature):
    """Message that the household now meets the condition under which a dwelling was attributed to it."""

    NOM = "condition.levee"


class PropositionAcceptee(EvenementCandidature):
    """Message that the household accepts the offer of a dwelling."""

    NOM = "proposition.acceptee"


class PropositionRefusee(EvenementCandidature):
    """Message that the household declines the offer of a dwelling, or has not answered the offer in time
    (R441-10 CCH)."""

    NOM = "proposition.refusee"

    silence: Annotated[bool, Classe.C1] = False


class BailSigne(EvenementCandidature):
    """Message that the household has signed the lease."""

    NOM = "bail.signe"

    signature_le: Annotated[date, Classe.C1]
    effet_le: Annotated[date | None, Classe.C1] = None


class RadiationSne(EvenementCandidature):
    """Message that a demand for social housing was removed from the national register (SNE). If two demands
    were merged, `numero_unique` is the number of the demand that remains."""

    NOM = "radiation.sne"

    motif: Annotated[MotifRadiation, Classe.C1]
    radiation_le: Annotated[date, Classe.C1]
    numero_unique: Annotated[NumeroUnique | None, Classe.C2] = None
    """Number of the demand that remains, after a merger of two."""

    @model_validator(mode="after")
    def _a_new_number_goes_with_a_merger(self) -> Self:
        if self.numero_unique is not None and self.motif is not MotifRadiation.FUSION:
            raise Incoherence(
                "un nouveau numéro unique va avec une fusion, et elle seule : retirez-le, ou corrigez le motif",
                "numero_unique",
                "motif",
            )
        return self


class RadiationAnnulee(EvenementCandidature):
    """Message that a household's demand for social housing is in the national register (SNE) once more. It had
    been removed because the household did not answer when asked about it, or did not renew it."""

    NOM = "radiation.annulee"

    annulee_le: Annotated[date, Classe.C1]
