"""Messages about aide sociale, by which the State pays for a household's stay in a centre with CHRS status
(centre d'hébergement et de réinsertion sociale): request, receipt, answer, tacit acceptance (R345-4 and
L111-3-1 CASF)."""

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar, Self
from uuid import UUID

from pydantic import Field, model_validator

from contracts.base import Contrat, Incoherence, Nature, Selon
from contracts.privacy import PROTEGEABLE, Classe
from contracts.reference.codes import Piece, PieceDatee
from contracts.reference.identifiants import Etablissement
from contracts.v1.echeance import EcheanceAtteinte
from contracts.v1.menage import Menage
from contracts.v1.protection import Protegeable


class MotifProlongation(StrEnum):
    """Reason to prolong a stay, which the head of the centre must give (R345-4 CASF)."""

    LOGEMENT_ATTENDU = "LOGEMENT_ATTENDU"
    ACCOMPAGNEMENT_EN_COURS = "ACCOMPAGNEMENT_EN_COURS"
    EMPLOI_OU_FORMATION = "EMPLOI_OU_FORMATION"
    DEMARCHES_EN_COURS = "DEMARCHES_EN_COURS"


class MotifRefusAide(StrEnum):
    """Reason for which the State refuses aide sociale (social assistance that pays for a stay)."""

    SANS_STATUT_CHRS = "SANS_STATUT_CHRS"
    CONDITIONS_NON_REMPLIES = "CONDITIONS_NON_REMPLIES"
    DOSSIER_INCOMPLET = "DOSSIER_INCOMPLET"
    AUTRE_PRISE_EN_CHARGE = "AUTRE_PRISE_EN_CHARGE"
    SEJOUR_TERMINE = "SEJOUR_TERMINE"


class EvenementAideSociale(Contrat):
    """Base of all messages about one request for aide sociale (social assistance that pays for a stay)."""

    DOMAINE = "orientation"
    NATURE: ClassVar[Nature] = Nature.AIDE_SOCIALE
    SUJET: ClassVar[str] = "aide_sociale"

    aide_sociale: Annotated[UUID, Classe.C1]


class AideSocialeDemandee(EvenementAideSociale, Protegeable):
    """Message by which the head of a centre requests aide sociale, and informs the prefect of the household
    that the centre will receive."""

    NOM = "aide-sociale.demandee"
    OBLIGATOIRES: ClassVar[tuple[str, ...]] = ("orientation", "structure", "menage.personnes")

    orientation: Annotated[UUID | None, Classe.C1] = None
    """Referral or stay of the household in the centre. The State may not read it."""
    menage: Menage
    structure: Annotated[Etablissement | None, Classe.C0, PROTEGEABLE] = None
    chrs: Annotated[bool | None, Classe.C0] = None
    """Whether the place has CHRS status; None to leave this to its description or the registry entry."""
    accueil_du: Annotated[date, Classe.C1]
    jusqu_au: Annotated[date, Classe.C1]
    """Last day of the requested stay."""
    signee_le: Annotated[date, Classe.C1]
    """Day on which the person signed the request."""
    pieces: Annotated[tuple[PieceDatee, ...], Classe.C1, Field(max_length=20)] = ()

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.jusqu_au < self.accueil_du:
            raise Incoherence("l'accueil finit avant de commencer : corrigez l'une des dates", "jusqu_au")
        return self


class AideSocialeProlongationDemandee(EvenementAideSociale):
    """Message by which a centre requests that a stay be prolonged. The request must come at least one month
    before the stay ends (R345-4 CASF)."""

    NOM = "aide-sociale.prolongation-demandee"

    jusqu_au: Annotated[date, Classe.C1]
    motif: Annotated[MotifProlongation, Classe.C1]
    signee_le: Annotated[date, Classe.C1]
    pieces: Annotated[tuple[PieceDatee, ...], Classe.C1, Field(max_length=20)] = ()


class AideSocialeCompletee(EvenementAideSociale):
    """Message by which a centre completes its request for aide sociale. It sends documents that were missing
    (`pieces`), or says whether the place has CHRS status (`chrs`)."""

    NOM = "aide-sociale.completee"

    pieces: Annotated[tuple[PieceDatee, ...], Classe.C1, Field(max_length=20)] = ()
    chrs: Annotated[bool | None, Classe.C0] = None


class AideSocialeRecue(EvenementAideSociale):
    """Message by which the State says that it has received a request for aide sociale. A complete request must
    be answered within a month (R345-4 CASF)."""

    NOM = "aide-sociale.recue"

    recue_le: Annotated[date, Classe.C1]
    pieces_manquantes: Annotated[tuple[Piece, ...], Classe.C1, Field(max_length=len(Piece))] = ()
    """Kinds of document that the request lacks; empty if it is complete."""
    chrs: Annotated[bool | None, Classe.C0] = None
    """Whether the place has CHRS status; None if the State does not tell."""


class AideSocialeRepondue(EvenementAideSociale):
    """Message by which the State accepts or refuses a request for aide sociale. If the month is over and the
    request counts as accepted, a late answer still replaces this acceptance."""

    NOM = "aide-sociale.repondue"
    SELON: ClassVar[Selon] = {"motif": ("accordee", (False,))}

    accordee: Annotated[bool, Classe.C1]
    motif: Annotated[MotifRefusAide | None, Classe.C1] = None
    repondue_le: Annotated[date, Classe.C1]
    jusqu_au: Annotated[date | None, Classe.C1] = None
    """Last day of the granted stay; None for the whole requested stay."""

    @model_validator(mode="after")
    def _motivated(self) -> Self:
        if self.calls_for("motif") and self.motif is None:
            raise Incoherence("un refus est motivé : donnez son motif", "motif")
        return self


class AideSocialeReputeeAcceptee(EvenementAideSociale):
    """Message by which the hub says that a request for aide sociale counts as accepted, because the State has
    not answered within a month (R345-4 CASF)."""

    NOM = "aide-sociale.reputee-acceptee"

    recue_le: Annotated[date, Classe.C1]
    """Day on which the State received the complete request, as the State has reported it."""
    accuse: Annotated[str, Classe.C1, Field(pattern=r"^[0-9a-f-]{36}$")]
    """Id of the event by which the State reported that it had received the request."""
    jusqu_au: Annotated[date, Classe.C1]


class AideSocialeEcheance(EvenementAideSociale, EcheanceAtteinte):
    """Message by which the hub says that a deadline about a request for aide sociale has reached a stage: a
    reminder, or its end."""

    DOMAINE = "echeance"
    NOM = "aide-sociale.echeance"
