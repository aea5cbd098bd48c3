"""Households that are ready for housing (duties C5 and C6), and households that may be one and the same (duty C11)."""

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar
from uuid import UUID

from contracts.base import Contrat, Nature
from contracts.privacy import Classe
from contracts.reference.codes import MesureAccompagnement
from contracts.reference.identifiants import CodeCommune, CodeDepartement
from contracts.v1.menage import Menage


class StatutSyplo(StrEnum):
    """Whether a household stands in the prefect's register of reserved housing, as SI-SIAO has it."""

    INSCRIT = "INSCRIT"
    NON_INSCRIT = "NON_INSCRIT"
    NE_RELEVE_PAS = "NE_RELEVE_PAS"


class StatutDalo(StrEnum):
    """Where the household stands with its right to housing, as the national register has it."""

    NON = "NON"
    ACTIF = "ACTIF"
    CADUC = "CADUC"
    ACTREL = "ACTREL"


class MotifRetrait(StrEnum):
    """Why a household is not to be housed any more ([choix])."""

    RELOGE = "RELOGE"
    RENONCIATION = "RENONCIATION"
    SANS_NOUVELLES = "SANS_NOUVELLES"
    DEPART_DU_TERRITOIRE = "DEPART_DU_TERRITOIRE"
    PAS_ENCORE_PRET = "PAS_ENCORE_PRET"
    ERREUR = "ERREUR"


class EvenementMenage(Contrat):
    """Any event of one household; it is its own subject."""

    DOMAINE = "menage"
    NATURE: ClassVar[Nature] = Nature.MENAGE
    SUJET: ClassVar[str] = "menage"


class PretLogementDecrit(EvenementMenage):
    """The household as it is now, and the housing that it can live in."""

    OBLIGATOIRES: ClassVar[tuple[str, ...]] = ("menage.personnes",)

    menage: Menage
    departement: Annotated[CodeDepartement, Classe.C1]
    """The perimeter of the prefect's services that are to know of it."""
    communes: Annotated[tuple[CodeCommune, ...], Classe.C1] = ()
    """Where it wants to live; empty means anywhere there."""
    evaluee_le: Annotated[date, Classe.C1]
    """When the SIAO or a partner found it ready."""
    accompagnement: Annotated[MesureAccompagnement | None, Classe.C3] = None
    """What it needs to live there."""
    syplo: Annotated[StatutSyplo | None, Classe.C3] = None
    dalo: Annotated[StatutDalo | None, Classe.C4] = None


class PretLogementDeclare(PretLogementDecrit):
    """The household is ready for housing."""

    NOM = "menage.pret-logement.declare"


class PretLogementActualise(PretLogementDecrit):
    """What is known of it has changed."""

    NOM = "menage.pret-logement.actualise"


class PretLogementRetire(EvenementMenage):
    """It is not to be housed any more, or not yet."""

    NOM = "menage.pret-logement.retire"

    menage: Annotated[UUID, Classe.C1]
    motif: Annotated[MotifRetrait, Classe.C1]


class EvenementDoublon(EvenementMenage):
    """Two households that may be one."""

    menage: Annotated[UUID, Classe.C1]
    autre: Annotated[UUID, Classe.C1]


class DoublonSuspecte(EvenementDoublon):
    """They look alike; a person decides."""

    NOM = "menage.doublon-suspecte"


class DoublonConfirme(EvenementDoublon):
    """They are one household."""

    NOM = "menage.doublon-confirme"


class DoublonEcarte(EvenementDoublon):
    """They are two."""

    NOM = "menage.doublon-ecarte"
