"""Messages about agreements on places and homes, and about derogations from the SIAO's right to designate
households."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, ClassVar, Self
from uuid import UUID

from pydantic import Field, NonNegativeInt, PositiveInt, ValidationInfo, model_validator

from contracts.base import Contrat, Incoherence, Nature, Selon
from contracts.privacy import PROTEGEABLE, Classe
from contracts.reference.cnil import why_unreadable
from contracts.reference.identifiants import Etablissement, ReferenceActe, ReferenceConvention, Siret
from contracts.reference.regle import RELU
from contracts.v1.acte import ActeDate, ActeEcheance, EvenementActe
from contracts.v1.protection import Protegeable


class Objet(StrEnum):
    """Purpose of an agreement."""

    LOGEMENT_ACCOMPAGNE = "LOGEMENT_ACCOMPAGNE"
    ACCORD_COLLECTIF = "ACCORD_COLLECTIF"
    CONTINGENT = "CONTINGENT"
    CIL_LISTE = "CIL_LISTE"
    CIL_CANDIDAT = "CIL_CANDIDAT"
    COLLECTIVITE = "COLLECTIVITE"
    SIAO = "SIAO"


class Attribution(StrEnum):
    """How the SIAO uses dwellings that are reserved for the State."""

    PROPOSITION = "PROPOSITION"
    """Proposal: the SIAO proposes candidates to the State, and the State designates one of them."""
    DIRECTE = "DIRECTE"
    """Direct attribution: the SIAO attributes the dwellings itself, with their managers."""


OF_A_COLLECTOR = (Objet.CIL_LISTE, Objet.CIL_CANDIDAT)
"""Purposes of agreements with a collector (Action Logement). The prefect negotiates these agreements."""


class Signataire(StrEnum):
    """Role in which a partner signs a derogation. A derogation needs the signatures of all three roles."""

    GESTIONNAIRE = "GESTIONNAIRE"
    SIAO = "SIAO"
    ETAT = "ETAT"


class Signature(Contrat):
    """Base of messages by which a signatory signs an agreement or derogation."""

    signee_le: Annotated[date | None, Classe.C1] = None
    """Day of the signature; None for the day on which the hub receives the message."""
    sur_papier: Annotated[bool, Classe.C1] = False
    """Whether this message records that all signatories have signed on paper. Each signatory may contest this
    record."""
    tacite_reconduction_mois: Annotated[PositiveInt | None, Classe.C1, Field(le=120)] = None
    """Number of months by which the agreement or derogation is prolonged at its end, unless a signatory has
    ended it."""
    avenant_a: Annotated[ReferenceActe | None, Classe.C1] = None
    """Number of an earlier agreement or derogation, which the agreement or derogation signed here changes."""


class EvenementConvention(EvenementActe):
    """Base of all messages about one agreement."""

    NATURE: ClassVar[Nature] = Nature.CONVENTION
    SUJET: ClassVar[str] = "convention"

    convention: Annotated[UUID, Classe.C1]
    numero: Annotated[ReferenceConvention | None, Classe.C1] = None
    """Number of the agreement (`69:2026/4`). It begins with the code of a département if the agreement belongs
    to another département than the partner that writes the number."""


class ConventionSignee(EvenementConvention, Signature):
    """Signature of an agreement by one signatory. The first signature opens the agreement, the last puts it in
    force. An agreement on lists of households needs a reference that allows the lists (`reference_cnil`)."""

    NOM = "convention.signee"
    SELON: ClassVar[Selon] = {
        "attributions_du_collecteur": ("objet", OF_A_COLLECTOR),
        "reference_cnil": ("objet", (Objet.CIL_LISTE,)),
    }

    objet: Annotated[Objet, Classe.C1]
    partenaire: Annotated[Siret, Classe.C1]
    """SIRET of the body with which the SIAO or the State makes the agreement."""
    signataires: Annotated[tuple[Siret, ...], Classe.C1, Field(min_length=1, max_length=20)]
    """SIRET of all bodies that have to sign. Each of them signs by its own message."""
    du: Annotated[date, Classe.C1]
    au: Annotated[date | None, Classe.C1] = None
    reference_cnil: Annotated[str | None, Classe.C1, Field(pattern=r"^[A-Z0-9/-]{3,30}$")] = None
    """Reference under which lists of households are allowed: a number given by the CNIL before 25 May 2018, or
    else an entry in the processing register of the body that keeps the list."""
    attributions_du_collecteur: Annotated[NonNegativeInt | None, Classe.C1] = None
    """Number of housing attributions that a collector (Action Logement) makes in a year. The agreement concerns
    a quarter of these attributions."""
    attribution: Annotated[Attribution | None, Classe.C1] = None
    """How the SIAO uses dwellings reserved for the State: it proposes candidates to the State, or attributes
    the dwellings itself."""

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
    """Objection of a signatory. Another signatory recorded that all had signed the agreement on paper
    (`sur_papier`), and this signatory contests it. All signatories have to sign again."""

    NOM = "convention.contestee"


class ConventionEcheance(EvenementConvention, ActeEcheance):
    """Message that the end of an agreement is near, or that the agreement is prolonged by tacit renewal."""

    NOM = "convention.echeance"


class ConventionExpiree(EvenementConvention, ActeDate):
    """Message that an agreement has expired."""

    NOM = "convention.expiree"


class ConventionDenoncee(EvenementConvention, ActeDate):
    """Termination of an agreement by a signatory. `le` is the day on which the termination takes effect."""

    NOM = "convention.denoncee"

    par: Annotated[Siret | None, Classe.C1] = None


class ConventionBilan(EvenementConvention):
    """Statement of a collector (Action Logement) about its attributions since its last statement. It counts all
    attributions, those to households with the right to housing (DALO), and those under the agreement."""

    NOM = "convention.bilan"

    du: Annotated[date, Classe.C1]
    au: Annotated[date, Classe.C1]
    attributions: Annotated[NonNegativeInt, Classe.C1]
    """Total number of attributions (dwellings given to households) by the collector (Action Logement) since
    its last statement."""
    dalo: Annotated[NonNegativeInt, Classe.C1]
    sous_accord: Annotated[NonNegativeInt, Classe.C1]

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
    """Message of the hub that compares a collector's attributions in three months with the share that the
    collector promised (25 % of its attributions). The message has no figures if the collector sent no
    statement."""

    NOM = "convention.quart"

    depuis: Annotated[datetime, Classe.C1]
    """Moment of the collector's previous statement, or of the agreement's entry into force."""
    du: Annotated[date | None, Classe.C1] = None
    au: Annotated[date | None, Classe.C1] = None
    attributions: Annotated[NonNegativeInt | None, Classe.C1] = None
    dalo: Annotated[NonNegativeInt | None, Classe.C1] = None
    sous_accord: Annotated[NonNegativeInt | None, Classe.C1] = None
    attendues: Annotated[NonNegativeInt | None, Classe.C1] = None
    """Number of attributions (dwellings given to households) that the collector (Action Logement) promised
    for the three months."""
    comptees: Annotated[NonNegativeInt | None, Classe.C1] = None
    """Number of attributions that count towards the share (25 %) that the collector promised."""


class EvenementDerogation(EvenementActe):
    """Base of all messages about one derogation."""

    NATURE: ClassVar[Nature] = Nature.DEROGATION
    SUJET: ClassVar[str] = "derogation"

    derogation: Annotated[UUID, Classe.C1]


class DerogationAccordee(EvenementDerogation, Signature, Protegeable):
    """Signature, by one signatory, of a derogation that allows a manager to attribute some of its places
    without the SIAO. The first signature opens the derogation, the last puts it in force."""

    NOM = "derogation.accordee"
    OBLIGATOIRES: ClassVar[tuple[str, ...]] = ("numero", "structure")
    AU_MOINS_UN: ClassVar[tuple[tuple[str, ...], ...]] = (("places", "quota"),)

    structure: Annotated[Etablissement | None, Classe.C0, PROTEGEABLE] = None
    signataires: Annotated[tuple[Signataire, ...], Classe.C0] = tuple(Signataire)
    places: Annotated[tuple[UUID, ...], Classe.C0, Field(max_length=1000)] = ()
    """Places that the manager may attribute. If the list is empty, only the quota limits the manager."""
    quota: Annotated[PositiveInt | None, Classe.C0] = None
    """Largest number of places that the manager may have attributed under the derogation at the same time."""
    du: Annotated[date, Classe.C0]
    au: Annotated[date, Classe.C0]

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
    """Objection of a signatory. Another signatory recorded that all had signed the derogation on paper
    (`sur_papier`), and this signatory contests it. All signatories have to sign again."""

    NOM = "derogation.contestee"


class DerogationEcheance(EvenementDerogation, ActeEcheance):
    """Message that the end of a derogation is near, or that the derogation is prolonged by tacit renewal."""

    NOM = "derogation.echeance"


class DerogationExpiree(EvenementDerogation, ActeDate):
    """Message that a derogation has expired."""

    NOM = "derogation.expiree"


class DerogationDenoncee(EvenementDerogation, ActeDate):
    """Termination of a derogation by a signatory. `le` is the day on which the termination takes effect."""

    NOM = "derogation.denoncee"
