"""Right to shelter (DAHO): the prefect designates a household to the SIAO, which refers it in time; otherwise the
prefect assigns it to an organism (L441-2-3 and R441-18 CCH, from a secondary source: what the ADIL publish of them)."""

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar
from uuid import UUID

from contracts.base import Contrat, Nature
from contracts.privacy import PROTEGEABLE, Classe
from contracts.reference.identifiants import Etablissement, ReferenceActe
from contracts.v1.echeance import EcheanceAtteinte
from contracts.v1.menage import Menage
from contracts.v1.protection import Protegeable


class AccueilDaho(StrEnum):
    """Kinds of shelter that the commission can recognise. The SIAO's time depends on the kind."""

    HEBERGEMENT = "HEBERGEMENT"
    LOGEMENT_DE_TRANSITION = "LOGEMENT_DE_TRANSITION"
    """Transitional housing, or a logement-foyer."""


class MotifRetraitDaho(StrEnum):
    """Reasons why the State withdraws the designation of a household ([choix])."""

    AUTRE_SOLUTION = "AUTRE_SOLUTION"
    REFUS_DU_MENAGE = "REFUS_DU_MENAGE"
    SANS_NOUVELLES = "SANS_NOUVELLES"
    ERREUR = "ERREUR"


class EvenementDaho(Contrat):
    """Any event of one household that the prefect has designated."""

    DOMAINE = "orientation"
    NATURE: ClassVar[Nature] = Nature.DAHO
    SUJET: ClassVar[str] = "daho"

    daho: Annotated[UUID, Classe.C1]


class DahoDesigne(EvenementDaho):
    """The State designates a household to the SIAO, after the decision of the commission de médiation."""

    NOM = "daho.designe"
    OBLIGATOIRES: ClassVar[tuple[str, ...]] = ("menage.personnes",)

    menage: Menage
    decision_le: Annotated[date, Classe.C1]
    """Day of the commission's decision. The SIAO's time to refer the household runs from it."""
    accueil: Annotated[AccueilDaho, Classe.C1] = AccueilDaho.HEBERGEMENT
    recours: Annotated[ReferenceActe | None, Classe.C1] = None
    """Number of the household's appeal to the commission."""


class DahoOriente(EvenementDaho):
    """The SIAO has referred the household."""

    NOM = "daho.oriente"

    orientation: Annotated[UUID | None, Classe.C1] = None
    """Referral of the household. The State does not read it."""
    oriente_le: Annotated[date, Classe.C1]


class DahoAccueilli(EvenementDaho):
    """The household has been received."""

    NOM = "daho.accueilli"

    accueil_le: Annotated[date, Classe.C1]


class DahoAttribue(EvenementDaho, Protegeable):
    """The prefect assigns the household to an organism, because the SIAO did not refer it in time."""

    NOM = "daho.attribue"

    structure: Annotated[Etablissement | None, Classe.C0, PROTEGEABLE] = None
    """FINESS or SIRET of the organism; hidden if its address is secret."""
    attribue_le: Annotated[date, Classe.C1]


class DahoRetire(EvenementDaho):
    """The State withdraws the designation: the household need not be referred any more."""

    NOM = "daho.retire"

    motif: Annotated[MotifRetraitDaho, Classe.C1]


class DahoHorsDelai(EvenementDaho):
    """The SIAO has not referred the household in time: the prefect assigns it. Only the hub sends it."""

    NOM = "daho.hors-delai"

    decision_le: Annotated[date, Classe.C1]
    avant_le: Annotated[date, Classe.C1]
    """Last day on which the SIAO could refer the household in time."""


class DahoEcheance(EvenementDaho, EcheanceAtteinte):
    """A designated household has reached a stage of one of its deadlines."""

    DOMAINE = "echeance"
    NOM = "daho.echeance"
