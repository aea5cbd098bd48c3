"""Messages about households that the State has designated under the enforceable right to shelter (DAHO: droit
à l'hébergement opposable).

The SIAO must refer a designated household in time; else the prefect assigns the household to a structure.
Source: articles L441-2-3 and R441-18 CCH, read in publications of the ADIL (housing information agencies).
"""

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
    """Kind of shelter to which the commission de médiation gives a household the right. The kind decides how
    much time the SIAO has to refer the household."""

    HEBERGEMENT = "HEBERGEMENT"
    LOGEMENT_DE_TRANSITION = "LOGEMENT_DE_TRANSITION"
    """Transitional housing, or a logement-foyer."""


class MotifRetraitDaho(StrEnum):
    """Reason why the State withdraws the designation of a household to the SIAO under the enforceable right
    to shelter (DAHO)."""

    AUTRE_SOLUTION = "AUTRE_SOLUTION"
    REFUS_DU_MENAGE = "REFUS_DU_MENAGE"
    SANS_NOUVELLES = "SANS_NOUVELLES"
    ERREUR = "ERREUR"


class EvenementDaho(Contrat):
    """Base of all messages about one household that the State has designated under the enforceable right to
    shelter (DAHO)."""

    DOMAINE = "orientation"
    NATURE: ClassVar[Nature] = Nature.DAHO
    SUJET: ClassVar[str] = "daho"

    daho: Annotated[UUID, Classe.C1]


class DahoDesigne(EvenementDaho):
    """Message by which the State designates a household to the SIAO, after a decision of the commission de
    médiation. The SIAO has to refer the household."""

    NOM = "daho.designe"
    OBLIGATOIRES: ClassVar[tuple[str, ...]] = ("menage.personnes",)

    menage: Menage
    decision_le: Annotated[date, Classe.C1]
    """Day of the commission's decision, from which the SIAO's time runs."""
    accueil: Annotated[AccueilDaho, Classe.C1] = AccueilDaho.HEBERGEMENT
    recours: Annotated[ReferenceActe | None, Classe.C1] = None
    """Number of the household's appeal to the commission."""


class DahoOriente(EvenementDaho):
    """Message by which the SIAO says that it has referred a household. The State had designated this
    household under DAHO."""

    NOM = "daho.oriente"

    orientation: Annotated[UUID | None, Classe.C1] = None
    """Referral of the household. The State may not read it."""
    oriente_le: Annotated[date, Classe.C1]


class DahoAccueilli(EvenementDaho):
    """Message by which the SIAO says that a structure has received a household. The State had designated this
    household under DAHO."""

    NOM = "daho.accueilli"

    accueil_le: Annotated[date, Classe.C1]


class DahoAttribue(EvenementDaho, Protegeable):
    """Message that the prefect has assigned a household to a structure. The State had designated this
    household under DAHO. The prefect assigns a household that the SIAO has not referred in time; the hub does
    not check that the time is over."""

    NOM = "daho.attribue"

    structure: Annotated[Etablissement | None, Classe.C0, PROTEGEABLE] = None
    """Structure to which the household is assigned. Encrypted if the structure's address is secret."""
    attribue_le: Annotated[date, Classe.C1]


class DahoRetire(EvenementDaho):
    """Message by which the State withdraws the designation of a household under DAHO. The SIAO no longer has
    to refer the household."""

    NOM = "daho.retire"

    motif: Annotated[MotifRetraitDaho, Classe.C1]


class DahoHorsDelai(EvenementDaho):
    """Message by which the hub says that the SIAO has not referred a household in time. The State had
    designated this household under DAHO. The prefect now has to assign it to a structure."""

    NOM = "daho.hors-delai"

    decision_le: Annotated[date, Classe.C1]
    avant_le: Annotated[date, Classe.C1]
    """Last day of the SIAO's time to refer the household."""


class DahoEcheance(EvenementDaho, EcheanceAtteinte):
    """Message by which the hub says that a deadline about a household designated under DAHO has reached a
    stage: a reminder, or its end."""

    DOMAINE = "echeance"
    NOM = "daho.echeance"
