"""Agreements on places and homes, and derogations from the SIAO's designation (duties C2, C4, C8 and C9)."""

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar, Self
from uuid import UUID

from pydantic import Field, NonNegativeInt, PositiveInt, model_validator

from contracts.base import Contrat, Incoherence, Nature
from contracts.privacy import PROTEGEABLE, Classe
from contracts.reference.identifiants import Etablissement, Siret
from contracts.v1.protection import Protegeable


class Objet(StrEnum):
    """Subjects of an agreement ([choix])."""

    LOGEMENT_ACCOMPAGNE = "LOGEMENT_ACCOMPAGNE"
    ACCORD_COLLECTIF = "ACCORD_COLLECTIF"
    CONTINGENT = "CONTINGENT"
    CIL_LISTE = "CIL_LISTE"
    CIL_CANDIDAT = "CIL_CANDIDAT"
    COLLECTIVITE = "COLLECTIVITE"


class Signataire(StrEnum):
    """Parties that formalise a derogation: all three are needed (duty C2)."""

    GESTIONNAIRE = "GESTIONNAIRE"
    SIAO = "SIAO"
    ETAT = "ETAT"


class EvenementConvention(Contrat):
    """Any event of one agreement."""

    DOMAINE = "convention"
    NATURE: ClassVar[Nature] = Nature.CONVENTION
    SUJET: ClassVar[str] = "convention"

    convention: Annotated[UUID, Classe.C0]


class ConventionSignee(EvenementConvention):
    """An agreement is signed. A list of households needs its CNIL reference (duty C8)."""

    NOM = "convention.signee"

    objet: Annotated[Objet, Classe.C0]
    partenaire: Annotated[Siret, Classe.C0]
    """SIRET of the body with which the agreement is made."""
    signataires: Annotated[tuple[Siret, ...], Classe.C0, Field(min_length=2, max_length=20)]
    du: Annotated[date, Classe.C0]
    au: Annotated[date | None, Classe.C0] = None
    reference_cnil: Annotated[str | None, Classe.C0, Field(pattern=r"^[A-Z0-9/-]{3,30}$")] = None
    attributions_du_collecteur: Annotated[NonNegativeInt | None, Classe.C0] = None
    """All attributions of a collector in a year. The agreement concerns a quarter of them."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.au is not None and self.au <= self.du:
            raise Incoherence("la convention finit avant de commencer : corrigez l'une des dates", "au", "du")
        of_a_collector = self.objet in (Objet.CIL_LISTE, Objet.CIL_CANDIDAT)
        if of_a_collector and self.attributions_du_collecteur is None:
            raise Incoherence(
                "un accord avec un collecteur indique le total de ses attributions : ajoutez-le",
                "attributions_du_collecteur",
            )
        if self.objet is Objet.CIL_LISTE and self.reference_cnil is None:
            raise Incoherence(
                "une liste de ménages exige la référence de la procédure définie par la CNIL : ajoutez-la",
                "reference_cnil",
            )
        return self


class ConventionExpiree(EvenementConvention):
    """An agreement has run out."""

    NOM = "convention.expiree"

    le: Annotated[date, Classe.C0]


class ConventionDenoncee(EvenementConvention):
    """A signatory ends an agreement."""

    NOM = "convention.denoncee"

    le: Annotated[date, Classe.C0]
    par: Annotated[Siret, Classe.C0]


class DerogationAccordee(Protegeable):
    """A manager may attribute some of its places itself. It still reports whom it received (duty C2)."""

    DOMAINE = "convention"
    NOM = "derogation.accordee"
    NATURE: ClassVar[Nature] = Nature.DEROGATION
    SUJET: ClassVar[str] = "derogation"
    OBLIGATOIRES: ClassVar[tuple[str, ...]] = ("structure",)

    derogation: Annotated[UUID, Classe.C0]
    structure: Annotated[Etablissement | None, Classe.C0, PROTEGEABLE] = None
    signataires: Annotated[tuple[Signataire, ...], Classe.C0]
    places: Annotated[tuple[UUID, ...], Classe.C0, Field(max_length=1000)] = ()
    """The places concerned; empty where only the quota limits the derogation."""
    quota: Annotated[PositiveInt | None, Classe.C0] = None
    """The largest number of places."""
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


class DerogationExpiree(Contrat):
    """A derogation has run out: the SIAO designates households for its places again."""

    DOMAINE = "convention"
    NOM = "derogation.expiree"
    NATURE: ClassVar[Nature] = Nature.DEROGATION
    SUJET: ClassVar[str] = "derogation"

    derogation: Annotated[UUID, Classe.C0]
    le: Annotated[date, Classe.C0]
