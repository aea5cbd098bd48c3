"""Agreements on places and homes, and derogations from the SIAO's designation (duties C2, C4, C8 and C9)."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, ClassVar, Self
from uuid import UUID

from pydantic import Field, NonNegativeInt, PositiveInt, ValidationInfo, model_validator

from contracts.base import Contrat, Incoherence, Nature
from contracts.privacy import PROTEGEABLE, Classe
from contracts.reference.cnil import why_unreadable
from contracts.reference.identifiants import Etablissement, ReferenceActe, ReferenceConvention, Siret
from contracts.reference.regle import RELU
from contracts.v1.acte import ActeDate, ActeEcheance, EvenementActe
from contracts.v1.protection import Protegeable


class Objet(StrEnum):
    """Purposes of an agreement ([choix])."""

    LOGEMENT_ACCOMPAGNE = "LOGEMENT_ACCOMPAGNE"
    ACCORD_COLLECTIF = "ACCORD_COLLECTIF"
    CONTINGENT = "CONTINGENT"
    CIL_LISTE = "CIL_LISTE"
    CIL_CANDIDAT = "CIL_CANDIDAT"
    COLLECTIVITE = "COLLECTIVITE"
    SIAO = "SIAO"


class Attribution(StrEnum):
    """Ways in which the SIAO uses the dwellings that are reserved for the State (duty C4)."""

    PROPOSITION = "PROPOSITION"
    """The SIAO proposes candidates to the State, which designates one."""
    DIRECTE = "DIRECTE"
    """The SIAO attributes the dwellings itself, with their managers."""


OF_A_COLLECTOR = (Objet.CIL_LISTE, Objet.CIL_CANDIDAT)
"""Purposes of an agreement with a collector of the 1 % logement, which the prefect negotiates (duty C8)."""


class Signataire(StrEnum):
    """Parties that formalise a derogation: all three are needed (duty C2)."""

    GESTIONNAIRE = "GESTIONNAIRE"
    SIAO = "SIAO"
    ETAT = "ETAT"


class Signature(Contrat):
    """Message of a signatory about an act: its signature, and later changes."""

    signee_le: Annotated[date | None, Classe.C1] = None
    """Day of the signature, if it is earlier than the message. Without it, the day on which the hub receives
    the message counts."""
    sur_papier: Annotated[bool, Classe.C1] = False
    """Whether all signatories have signed on paper and this message records it for all of them. Each of them
    may contest it."""
    tacite_reconduction_mois: Annotated[PositiveInt | None, Classe.C1, Field(le=120)] = None
    """Months by which the act is prolonged at its end, unless a signatory has ended it."""
    avenant_a: Annotated[ReferenceActe | None, Classe.C1] = None
    """Number of the act that this one changes."""


class EvenementConvention(EvenementActe):
    """Any event of one agreement."""

    NATURE: ClassVar[Nature] = Nature.CONVENTION
    SUJET: ClassVar[str] = "convention"

    convention: Annotated[UUID, Classe.C1]
    numero: Annotated[ReferenceConvention | None, Classe.C1] = None
    """Number of the agreement, the same for all its signatories. The code of a département and a colon stand before
    it (`69:2026/4`) if it counts there and not in the writer's own."""


class ConventionSignee(EvenementConvention, Signature):
    """One signatory signs an agreement: the first signature opens it, the last one puts it in force. A list of
    households needs its CNIL reference (duty C8)."""

    NOM = "convention.signee"

    objet: Annotated[Objet, Classe.C1]
    partenaire: Annotated[Siret, Classe.C1]
    """SIRET of the body with which the SIAO or the State makes the agreement."""
    signataires: Annotated[tuple[Siret, ...], Classe.C1, Field(min_length=1, max_length=20)]
    """SIRET of all bodies that have to sign, each by its own message."""
    du: Annotated[date, Classe.C1]
    au: Annotated[date | None, Classe.C1] = None
    reference_cnil: Annotated[str | None, Classe.C1, Field(pattern=r"^[A-Z0-9/-]{3,30}$")] = None
    """Number that the CNIL gave before 25 May 2018, or entry of the body's own register since."""
    attributions_du_collecteur: Annotated[NonNegativeInt | None, Classe.C1] = None
    """Total of a collector's attributions in a year. The agreement concerns a quarter of them."""
    attribution: Annotated[Attribution | None, Classe.C1] = None
    """For dwellings reserved for the State: whether the SIAO proposes candidates or attributes them."""

    @model_validator(mode="after")
    def _complete(self, info: ValidationInfo) -> Self:
        if self.au is not None and self.au <= self.du:
            raise Incoherence("la convention finit avant de commencer : corrigez l'une des dates", "au", "du")
        if self.objet in OF_A_COLLECTOR and self.attributions_du_collecteur is None:
            raise Incoherence(
                "un accord avec un collecteur indique le total de ses attributions : ajoutez-le",
                "attributions_du_collecteur",
            )
        if self.objet is Objet.CIL_LISTE and self.reference_cnil is None:
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
    """A signatory contests an agreement that another one recorded: it is no longer in force until all have signed."""

    NOM = "convention.contestee"


class ConventionEcheance(EvenementConvention, ActeEcheance):
    """The end of an agreement is near, or the agreement is prolonged by tacit renewal."""

    NOM = "convention.echeance"


class ConventionExpiree(EvenementConvention, ActeDate):
    """An agreement has run out."""

    NOM = "convention.expiree"


class ConventionDenoncee(EvenementConvention, ActeDate):
    """A signatory ends an agreement, from that day on."""

    NOM = "convention.denoncee"

    par: Annotated[Siret | None, Classe.C1] = None


class ConventionBilan(EvenementConvention):
    """A collector states its attributions since its last statement: the total, those to households with the
    right to housing (DALO), and those under the agreement (duty C8)."""

    NOM = "convention.bilan"

    du: Annotated[date, Classe.C1]
    au: Annotated[date, Classe.C1]
    attributions: Annotated[NonNegativeInt, Classe.C1]
    """Total of the collector's attributions since its last statement."""
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
    """Count of a collector's attributions over three months, beside the quarter that its agreement promises.
    Only the hub sends it, to the State, the SIAO and the collector. The figures are absent if the collector
    has stated none."""

    NOM = "convention.quart"

    depuis: Annotated[datetime, Classe.C1]
    """Moment of the previous statement, or the moment since which the agreement is in force."""
    du: Annotated[date | None, Classe.C1] = None
    au: Annotated[date | None, Classe.C1] = None
    attributions: Annotated[NonNegativeInt | None, Classe.C1] = None
    dalo: Annotated[NonNegativeInt | None, Classe.C1] = None
    sous_accord: Annotated[NonNegativeInt | None, Classe.C1] = None
    attendues: Annotated[NonNegativeInt | None, Classe.C1] = None
    """Number of attributions that make up the promised quarter."""
    comptees: Annotated[NonNegativeInt | None, Classe.C1] = None
    """Number of attributions that count towards the quarter."""


class EvenementDerogation(EvenementActe):
    """Any event of one derogation."""

    NATURE: ClassVar[Nature] = Nature.DEROGATION
    SUJET: ClassVar[str] = "derogation"

    derogation: Annotated[UUID, Classe.C1]


class DerogationAccordee(EvenementDerogation, Signature, Protegeable):
    """One signatory grants a derogation: a manager may attribute some of its places itself. The first signature
    opens it, the last one puts it in force. The manager still reports whom it received (duty C2)."""

    NOM = "derogation.accordee"
    OBLIGATOIRES: ClassVar[tuple[str, ...]] = ("numero", "structure")

    structure: Annotated[Etablissement | None, Classe.C0, PROTEGEABLE] = None
    signataires: Annotated[tuple[Signataire, ...], Classe.C0] = tuple(Signataire)
    places: Annotated[tuple[UUID, ...], Classe.C0, Field(max_length=1000)] = ()
    """Places concerned; empty if only the quota limits the derogation."""
    quota: Annotated[PositiveInt | None, Classe.C0] = None
    """Largest number of places that may be attributed under it at the same time."""
    du: Annotated[date, Classe.C0]
    au: Annotated[date, Classe.C0]

    @model_validator(mode="after")
    def _formalised(self) -> Self:
        if set(self.signataires) != set(Signataire):
            raise Incoherence(
                "une dérogation est formalisée entre le gestionnaire, le SIAO et l'État : nommez les trois",
                "signataires",
            )
        if not self.places and self.quota is None:
            raise Incoherence(
                "une dérogation nomme les places concernées, ou leur nombre maximal : ajoutez l'un ou l'autre",
                "places",
                "quota",
            )
        if self.au <= self.du:
            raise Incoherence("la dérogation finit avant de commencer : corrigez l'une des dates", "au", "du")
        return self


class DerogationContestee(EvenementDerogation, ActeDate):
    """A signatory contests a derogation that another one recorded: it is no longer in force until all have signed."""

    NOM = "derogation.contestee"


class DerogationEcheance(EvenementDerogation, ActeEcheance):
    """The end of a derogation is near, or the derogation is prolonged by tacit renewal."""

    NOM = "derogation.echeance"


class DerogationExpiree(EvenementDerogation, ActeDate):
    """A derogation has run out: the SIAO designates households for its places again."""

    NOM = "derogation.expiree"


class DerogationDenoncee(EvenementDerogation, ActeDate):
    """A signatory ends a derogation, from that day on."""

    NOM = "derogation.denoncee"
