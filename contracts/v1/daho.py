"""Messages about the right to shelter (DAHO). The prefect designates a household to the SIAO, which must refer
the household in time. If the SIAO does not, the prefect assigns the household to a body that provides shelter
or housing. Source: articles L441-2-3 and R441-18 CCH, read in publications of the ADIL."""

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
    """Kind of shelter that the commission de médiation recognises for a household. The time that the SIAO has
    to refer the household depends on this kind."""

    HEBERGEMENT = "HEBERGEMENT"
    LOGEMENT_DE_TRANSITION = "LOGEMENT_DE_TRANSITION"
    """Transitional housing, or a logement-foyer."""


class MotifRetraitDaho(StrEnum):
    """Reason why the State withdraws the designation of a household to the SIAO."""

    AUTRE_SOLUTION = "AUTRE_SOLUTION"
    REFUS_DU_MENAGE = "REFUS_DU_MENAGE"
    SANS_NOUVELLES = "SANS_NOUVELLES"
    ERREUR = "ERREUR"


class EvenementDaho(Contrat):
    """Base of all messages about one household that the State has designated under the right to shelter (DAHO)."""

    DOMAINE = "orientation"
    NATURE: ClassVar[Nature] = Nature.DAHO
    SUJET: ClassVar[str] = "daho"

    daho: Annotated[UUID, Classe.C1]


class DahoDesigne(EvenementDaho):
    """Designation of a household to the SIAO by the State, after a decision of the commission de médiation."""

    NOM = "daho.designe"
    OBLIGATOIRES: ClassVar[tuple[str, ...]] = ("menage.personnes",)

    menage: Menage
    decision_le: Annotated[date, Classe.C1]
    """Day of the commission's decision, from which the SIAO's time to refer the household runs."""
    accueil: Annotated[AccueilDaho, Classe.C1] = AccueilDaho.HEBERGEMENT
    recours: Annotated[ReferenceActe | None, Classe.C1] = None
    """Number of the household's appeal to the commission."""


class DahoOriente(EvenementDaho):
    """Message that the SIAO has referred a household designated under the right to shelter (DAHO)."""

    NOM = "daho.oriente"

    orientation: Annotated[UUID | None, Classe.C1] = None
    """Id of the household's referral. The State may not read this field."""
    oriente_le: Annotated[date, Classe.C1]


class DahoAccueilli(EvenementDaho):
    """Message that a structure has received a household designated under the right to shelter (DAHO)."""

    NOM = "daho.accueilli"

    accueil_le: Annotated[date, Classe.C1]


class DahoAttribue(EvenementDaho, Protegeable):
    """Assignment of a designated household by the prefect to a body that provides shelter or housing, because
    the SIAO did not refer the household in time."""

    NOM = "daho.attribue"

    structure: Annotated[Etablissement | None, Classe.C0, PROTEGEABLE] = None
    """FINESS or SIRET of the shelter or housing body to which the household is assigned. Encrypted if the
    address of this body is secret."""
    attribue_le: Annotated[date, Classe.C1]


class DahoRetire(EvenementDaho):
    """Withdrawal of a designation by the State: the household need not be referred any more."""

    NOM = "daho.retire"

    motif: Annotated[MotifRetraitDaho, Classe.C1]


class DahoHorsDelai(EvenementDaho):
    """Message of the hub that the SIAO has not referred a designated household in time. The prefect now has to
    assign the household."""

    NOM = "daho.hors-delai"

    decision_le: Annotated[date, Classe.C1]
    avant_le: Annotated[date, Classe.C1]
    """Last day on which the SIAO could have referred the household in time."""


class DahoEcheance(EvenementDaho, EcheanceAtteinte):
    """Message about a stage of a deadline of a household that the State designated under DAHO: a reminder is
    due, or the time is over."""

    DOMAINE = "echeance"
    NOM = "daho.echeance"
