"""Candidacies for social housing, from the presentation to the lease (duties C6 to C9)."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Self
from uuid import UUID

from pydantic import PositiveInt, model_validator

from contracts.base import Contrat, Incoherence, Nature
from contracts.privacy import Classe, DuHub
from contracts.reference.codes import (
    CategoriePlace,
    MotifRadiation,
    Reservataire,
    ResultatCommission,
    TrancheLoyer,
)
from contracts.reference.identifiants import CodeCommune, IdentifiantRpls, NumeroUnique, ReferenceActe, Siret
from contracts.v1.evaluation import Evaluation
from contracts.v1.menage import Menage, MenageSurListe
from contracts.v1.numero_acte import citing

DELAI_MINIMAL_JOURS = 10
"""Smallest number of days that a landlord may give a household to answer an offer (R441-10 CCH)."""


class Canal(StrEnum):
    """Channels by which a household is presented."""

    ACCORD_COLLECTIF = "ACCORD_COLLECTIF"
    CONTINGENT = "CONTINGENT"
    CIL = "CIL"
    COLLECTIVITE = "COLLECTIVITE"
    DIRECT = "DIRECT"


class EvenementCandidature(Contrat):
    """Any event of one candidacy."""

    DOMAINE = "attribution"
    NATURE: ClassVar[Nature] = Nature.CANDIDATURE
    SUJET: ClassVar[str] = "candidature"

    candidature: Annotated[UUID, Classe.C1]


class Presentation(EvenementCandidature):
    """Event that presents a household, with the agreement under which it is presented."""

    convention: Annotated[ReferenceActe | None, Classe.C1] = None
    """Number of the agreement under which the household is presented."""
    acte: Annotated[UUID | None, Classe.C1, DuHub.NOTE] = None
    """Id of the agreement in `convention`, derived from its number."""

    @model_validator(mode="before")
    @classmethod
    def _under_its_act(cls, values: Any) -> Any:
        return citing(values, "convention", Nature.CONVENTION)


class CandidaturePresentee(Presentation):
    """The SIAO presents a household to a landlord. A commission examines no household without its numéro unique."""

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
    """The commune where the household wants to live."""
    logement: Annotated[IdentifiantRpls | None, Classe.C1] = None
    """Dwelling for which the household is presented; None if it is presented for no dwelling in
    particular."""
    typologie: Annotated[CategoriePlace | None, Classe.C1] = None
    commune_logement: Annotated[CodeCommune | None, Classe.C1] = None
    """Commune of the dwelling for which the household is presented."""
    loyer: Annotated[TrancheLoyer | None, Classe.C1] = None
    reservataire: Annotated[Reservataire | None, Classe.C1] = None
    """Body for which the dwelling is reserved."""
    hors_commission: Annotated[bool | None, Classe.C1] = None
    """True if no commission (CALEOL) attributes the dwelling, because it is not a social landlord's: a residence,
    intermediation, private housing."""
    evaluation: Evaluation | None = None
    """Evaluation that found the household ready, without the fields that the landlord may not read."""


class CandidatureSurListe(Presentation):
    """The SIAO presents a household on a list to a collector of the 1 % logement, under an agreement (duty C8). The
    collector learns its numéro unique, and nothing else of its identity. Each household of a list has its own
    answer."""

    NOM = "candidature.presentee-sur-liste"
    OBLIGATOIRES: ClassVar[tuple[str, ...]] = ("menage.numero_unique",)
    SI_ABSENT: ClassVar[Mapping[str, str]] = {
        "menage.numero_unique": "ce ménage n'a pas de numéro unique, seul nom sous lequel un collecteur connaît ceux "
        "d'une liste : faites enregistrer sa demande de logement social, puis renvoyez cette ligne",
    }

    menage: MenageSurListe
    bailleur: Annotated[Siret, Classe.C1]
    """SIRET of the collector."""
    liste: Annotated[ReferenceActe | None, Classe.C1] = None
    """Number that the SIAO gives the list."""
    informe_le: Annotated[date, Classe.C1]
    """Day on which the household was informed that the collector receives its number (article 14 GDPR)."""
    commune: Annotated[CodeCommune | None, Classe.C1] = None
    """The commune where the household wants to live."""


class CandidatureAccusee(EvenementCandidature):
    """The landlord has read the candidacy."""

    NOM = "candidature.accusee"


class CandidatureInscrite(EvenementCandidature):
    """The candidacy is on the agenda of a commission."""

    NOM = "candidature.inscrite"

    commission_le: Annotated[date, Classe.C1]


class CandidatureRetiree(EvenementCandidature):
    """The SIAO withdraws the candidacy."""

    NOM = "candidature.retiree"


class CandidatureAccompagnement(EvenementCandidature):
    """An operator accompanies the household of the candidacy, or has given it up. Only the hub sends it."""

    NOM = "candidature.accompagnement"

    accepte: Annotated[bool, Classe.C1]
    debut_le: Annotated[date | None, Classe.C1] = None
    """First day of the accompaniment; if the operator gives none, the day of its answer."""


class EligibiliteReconnue(EvenementCandidature):
    """The household is recognised as eligible under a collective agreement (« accord collectif »), whose
    number is `accord`."""

    NOM = "eligibilite.reconnue"

    accord: Annotated[ReferenceActe, Classe.C1]


class InstanceAvis(EvenementCandidature):
    """A local body that examines individual cases has given its opinion."""

    NOM = "instance.avis"

    favorable: Annotated[bool, Classe.C1]
    avis_le: Annotated[date, Classe.C1]


class DesignationContingent(EvenementCandidature):
    """The prefect's services designate the household for their reserved housing (« contingent »)."""

    NOM = "designation.contingent"

    designation_le: Annotated[date, Classe.C1]


class DecisionCommission(EvenementCandidature):
    """The commission (CALEOL) has decided."""

    NOM = "decision.commission"

    resultat: Annotated[ResultatCommission, Classe.C1]
    commission_le: Annotated[date, Classe.C1]
    rang: Annotated[PositiveInt | None, Classe.C1] = None
    notifiee_le: Annotated[date | None, Classe.C1] = None
    """The day on which the household was notified of the offer."""
    delai_jours: Annotated[PositiveInt | None, Classe.C1] = None
    """Number of days that the offer gives the household to answer, at least ten (R441-10 CCH)."""
    logement: Annotated[IdentifiantRpls | None, Classe.C1] = None
    """Dwelling that the commission attributes, if it is not the one for which the household was presented."""

    @model_validator(mode="after")
    def _the_household_has_its_time(self) -> Self:
        if self.delai_jours is not None and self.delai_jours < DELAI_MINIMAL_JOURS:
            raise Incoherence(
                "le ménage a dix jours au moins (R441-10 CCH) : corrigez le délai, ou retirez-le",
                "delai_jours",
            )
        return self

    @model_validator(mode="after")
    def _rank_goes_with_its_result(self) -> Self:
        if (self.resultat is ResultatCommission.ATTRIBUTION_RANG) != (self.rang is not None):
            raise Incoherence(
                "le rang va avec une attribution par rang, et elle seule : ajoutez-le, ou retirez-le",
                "rang",
                "resultat",
            )
        return self


class ConditionLevee(EvenementCandidature):
    """The suspensive condition is met."""

    NOM = "condition.levee"


class PropositionAcceptee(EvenementCandidature):
    """The household accepts the offer."""

    NOM = "proposition.acceptee"


class PropositionRefusee(EvenementCandidature):
    """The household declines the offer, or has not answered within its time (R441-10 CCH)."""

    NOM = "proposition.refusee"

    silence: Annotated[bool, Classe.C1] = False


class BailSigne(EvenementCandidature):
    """The lease is signed."""

    NOM = "bail.signe"

    signature_le: Annotated[date, Classe.C1]
    effet_le: Annotated[date | None, Classe.C1] = None


class RadiationSne(EvenementCandidature):
    """The demand leaves the national register of social housing (SNE), or continues in it under another
    number."""

    NOM = "radiation.sne"

    motif: Annotated[MotifRadiation, Classe.C1]
    radiation_le: Annotated[date, Classe.C1]
    numero_unique: Annotated[NumeroUnique | None, Classe.C2] = None
    """Number that replaces the previous one and keeps the seniority of the demand."""

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
    """The demand is back in the national register: a removal for a missing answer or renewal is not final."""

    NOM = "radiation.annulee"

    annulee_le: Annotated[date, Classe.C1]
