"""Messages about agreements on places and homes, and about derogations, which allow attributions without the
SIAO."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, ClassVar, Self
from uuid import UUID

from pydantic import Field, PositiveInt, ValidationInfo, model_validator

from contracts.base import Contrat, Incoherence, Nature, Nombre, Positif, Selon
from contracts.privacy import PROTEGEABLE, Classe
from contracts.reference.cnil import why_unreadable
from contracts.reference.identifiants import Etablissement, ReferenceActe, ReferenceConvention, Siret
from contracts.reference.regle import RELU
from contracts.v1.acte import ActeDate, ActeEcheance, EvenementActe
from contracts.v1.protection import Protegeable


class Objet(StrEnum):
    """Purpose of an agreement, which decides what the agreement allows."""

    LOGEMENT_ACCOMPAGNE = "LOGEMENT_ACCOMPAGNE"
    ACCORD_COLLECTIF = "ACCORD_COLLECTIF"
    CONTINGENT = "CONTINGENT"
    CIL_LISTE = "CIL_LISTE"
    CIL_CANDIDAT = "CIL_CANDIDAT"
    COLLECTIVITE = "COLLECTIVITE"
    SIAO = "SIAO"


class Attribution(StrEnum):
    """Way in which the dwellings reserved for the State are attributed. Either the State attributes them,
    among candidates whom the SIAO proposes; or the SIAO attributes them itself."""

    PROPOSITION = "PROPOSITION"
    """The SIAO proposes candidates, and the State designates one."""
    DIRECTE = "DIRECTE"
    """The SIAO attributes the dwellings itself, with their managers."""


OF_A_COLLECTOR = (Objet.CIL_LISTE, Objet.CIL_CANDIDAT)
"""Purposes of agreements with a collector (Action Logement), which the prefect negotiates."""


class Signataire(StrEnum):
    """Capacity in which a partner signs a derogation: as manager of the structure, as the SIAO, or as the
    State. All three have to sign."""

    GESTIONNAIRE = "GESTIONNAIRE"
    SIAO = "SIAO"
    ETAT = "ETAT"


class Signature(Contrat):
    """Base of messages by which a signatory signs an agreement or derogation."""

    signee_le: Annotated[date | None, Classe.C1] = None
    """Day of the signature; None for the day of receipt."""
    sur_papier: Annotated[bool, Classe.C1] = False
    """Whether all signatories have signed on paper, as the sender says. Each other signatory may contest
    this."""
    tacite_reconduction_mois: Annotated[PositiveInt | None, Classe.C1, Field(le=120)] = None
    """Months by which the agreement or derogation is prolonged at its end, unless a signatory has ended it."""
    avenant_a: Annotated[ReferenceActe | None, Classe.C1] = None
    """Number of the earlier agreement or derogation that this one changes."""


class EvenementConvention(EvenementActe):
    """Base of all messages about one agreement."""

    NATURE: ClassVar[Nature] = Nature.CONVENTION
    SUJET: ClassVar[str] = "convention"

    convention: Annotated[UUID, Classe.C1]
    numero: Annotated[ReferenceConvention | None, Classe.C1] = None
    """Number of the agreement. If the agreement belongs to a département that is not the writing partner's,
    the number begins with the code of that département (`69:2026/4`)."""


class ConventionSignee(EvenementConvention, Signature):
    """Message by which one signatory signs an agreement. The first signature creates the agreement; the last
    signature needed puts it in force. `reference_cnil` is obligatory for an agreement under which a collector
    gets lists of households."""

    NOM = "convention.signee"
    SELON: ClassVar[Selon] = {
        "attributions_du_collecteur": ("objet", OF_A_COLLECTOR),
        "reference_cnil": ("objet", (Objet.CIL_LISTE,)),
    }

    objet: Annotated[Objet, Classe.C1]
    partenaire: Annotated[Siret, Classe.C1]
    """Body with which the SIAO or the State makes the agreement."""
    signataires: Annotated[tuple[Siret, ...], Classe.C1, Field(min_length=1, max_length=20)]
    """Bodies that have to sign, each by its own message."""
    du: Annotated[date, Classe.C1]
    au: Annotated[date | None, Classe.C1] = None
    reference_cnil: Annotated[str | None, Classe.C1, Field(pattern=r"^[A-Z0-9/-]{3,30}$")] = None
    """Reference under which lists of households are allowed: a number given by the CNIL (the data protection
    authority) before 25 May 2018, or an entry in the register of processing."""
    attributions_du_collecteur: Annotated[Nombre | None, Classe.C1] = None
    """Number of dwellings that the collector attributes in a year. The agreement is about a quarter of
    them."""
    attribution: Annotated[Attribution | None, Classe.C1] = None

    @model_validator(mode="after")
    def _complete(self, info: ValidationInfo) -> Self:
        if self.au is not None and self.au <= self.du:
            raise Incoherence("la convention finit avant de commencer : corrigez l'une des dates", "au", "du")
        if self.calls_for("attributions_du_collecteur") and self.attributions_du_collecteur is None:
            raise Incoherence(
                "un accord avec un collecteur indique le total de ses attributions : ajoutez-le",
                "attributions_du_collecteur",
            )
        if self.calls_for("reference_cnil") and self.reference_cnil is None:
            raise Incoherence(
                "une liste de ménages exige le numéro donné par la CNIL avant le 25 mai 2018, ou la ligne de votre "
                "registre : ajoutez l'un ou l'autre",
                "reference_cnil",
            )
        wrong = why_unreadable(self.reference_cnil) if self.reference_cnil else None
        if wrong and info.context is not RELU:
            raise Incoherence(wrong, "reference_cnil")
        return self


class ConventionContestee(EvenementConvention, ActeDate):
    """Message by which a signatory says that it has not signed an agreement, although another signatory has
    reported that all signed on paper. All signatories then have to sign anew."""

    NOM = "convention.contestee"


class ConventionEcheance(EvenementConvention, ActeEcheance):
    """Message by which the hub says that an agreement ends soon, or that it is tacitly prolonged."""

    NOM = "convention.echeance"


class ConventionExpiree(EvenementConvention, ActeDate):
    """Message by which the hub says that an agreement has ended."""

    NOM = "convention.expiree"


class ConventionDenoncee(EvenementConvention, ActeDate):
    """Message by which a signatory ends an agreement, with effect on the day `le`."""

    NOM = "convention.denoncee"

    par: Annotated[Siret | None, Classe.C1] = None


class ConventionBilan(EvenementConvention):
    """Message that tells how many dwellings a collector attributed from `du` to `au`: in all, to households
    with the right to housing (DALO), and under the agreement."""

    NOM = "convention.bilan"

    du: Annotated[date, Classe.C1]
    au: Annotated[date, Classe.C1]
    attributions: Annotated[Nombre, Classe.C1]
    dalo: Annotated[Nombre, Classe.C1]
    sous_accord: Annotated[Nombre, Classe.C1]

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if self.au < self.du:
            raise Incoherence("le bilan finit avant de commencer : corrigez l'une des dates", "au", "du")
        if self.dalo + self.sous_accord > self.attributions:
            raise Incoherence(
                "les ménages DALO et ceux de l'accord ne dépassent pas le total : corrigez l'un de ces nombres",
                "attributions",
                "dalo",
                "sous_accord",
            )
        return self


class ConventionQuart(EvenementConvention):
    """Message of the hub about a collector's duty: 25 % of its attributions must go to households that the
    State designates. The hub sends it when the collector's report comes, or after three months without a
    report. `attendues` is the number of attributions owed, and `comptees` the number of those that count.
    Both are empty if no report has come."""

    NOM = "convention.quart"

    depuis: Annotated[datetime, Classe.C1]
    """Start of the period that the message is about: the moment of the previous message of this type. For the
    first one, it is the moment from which the agreement is in force."""
    du: Annotated[date | None, Classe.C1] = None
    au: Annotated[date | None, Classe.C1] = None
    attributions: Annotated[Nombre | None, Classe.C1] = None
    dalo: Annotated[Nombre | None, Classe.C1] = None
    sous_accord: Annotated[Nombre | None, Classe.C1] = None
    attendues: Annotated[Nombre | None, Classe.C1] = None
    """Number of attributions owed: a quarter of `attributions`, rounded up."""
    comptees: Annotated[Nombre | None, Classe.C1] = None
    """Number of attributions that count as part of those owed."""


class EvenementDerogation(EvenementActe):
    """Base of all messages about one derogation."""

    NATURE: ClassVar[Nature] = Nature.DEROGATION
    SUJET: ClassVar[str] = "derogation"

    derogation: Annotated[UUID, Classe.C1]


class DerogationAccordee(EvenementDerogation, Signature, Protegeable):
    """Message by which one signatory signs a derogation, which allows the manager of a structure to attribute
    some places without the SIAO. The first signature creates the derogation; the last signature needed puts it
    in force."""

    NOM = "derogation.accordee"
    OBLIGATOIRES: ClassVar[tuple[str, ...]] = ("numero", "structure")
    AU_MOINS_UN: ClassVar[tuple[tuple[str, ...], ...]] = (("places", "quota"),)

    structure: Annotated[Etablissement | None, Classe.C0, PROTEGEABLE] = None
    signataires: Annotated[tuple[Signataire, ...], Classe.C0] = tuple(Signataire)
    places: Annotated[tuple[UUID, ...], Classe.C0, Field(max_length=1000)] = ()
    """Places that the manager may attribute; empty if only `quota` limits the manager."""
    quota: Annotated[Positif | None, Classe.C0] = None
    """Largest number of places that the manager may have attributed under the derogation at the same time."""
    du: Annotated[date, Classe.C0]
    au: Annotated[date, Classe.C0]

    @property
    def places_at_once(self) -> int:
        """Return the largest number of places that the manager may have attributed under the derogation at
        the same time."""
        return len(self.places) if self.quota is None else self.quota

    @model_validator(mode="after")
    def _formalised(self) -> Self:
        if set(self.signataires) != set(Signataire):
            raise Incoherence(
                "une dérogation est formalisée entre le gestionnaire, le SIAO et l'État : nommez les trois",
                "signataires",
            )
        if self.lacks_one():
            raise Incoherence(
                "une dérogation nomme les places concernées, ou leur nombre maximal : ajoutez l'un ou l'autre",
                "places",
                "quota",
            )
        if self.au <= self.du:
            raise Incoherence("la dérogation finit avant de commencer : corrigez l'une des dates", "au", "du")
        return self


class DerogationContestee(EvenementDerogation, ActeDate):
    """Message by which a signatory says that it has not signed a derogation, although another signatory has
    reported that all signed on paper. All signatories then have to sign anew."""

    NOM = "derogation.contestee"


class DerogationEcheance(EvenementDerogation, ActeEcheance):
    """Message by which the hub says that a derogation ends soon, or that it is tacitly prolonged."""

    NOM = "derogation.echeance"


class DerogationExpiree(EvenementDerogation, ActeDate):
    """Message by which the hub says that a derogation has ended."""

    NOM = "derogation.expiree"


class DerogationDenoncee(EvenementDerogation, ActeDate):
    """Message by which a signatory ends a derogation, with effect on the day `le`."""

    NOM = "derogation.denoncee"
