"""Acts between partners: agreements and derogations. An act is identified by the number that its signatories
write on it."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, ClassVar

from pydantic import model_validator

from contracts.base import Contrat
from contracts.privacy import Classe
from contracts.reference.identifiants import ReferenceActe
from contracts.v1.echeance import Echeance, EcheanceAtteinte, Etape
from contracts.v1.numero_acte import act_called


class EvenementActe(Contrat):
    """Any event of one agreement or derogation. Its number is C1, not C0 as facts about places are: a
    collector signs acts too, and reads nothing about places."""

    DOMAINE = "convention"
    OBLIGATOIRES: ClassVar[tuple[str, ...]] = ("numero",)

    numero: Annotated[ReferenceActe | None, Classe.C1] = None
    """Number of the act (such as `DER-2026-17`), the same for all its signatories in one département."""

    @model_validator(mode="before")
    @classmethod
    def _known_by_its_number(cls, values: Any) -> Any:
        if cls.NATURE is None or not isinstance(values, Mapping) or values.get(cls.SUJET) is not None:
            return values
        return {**values, cls.SUJET: act_called(cls.NATURE, values.get("numero"))}


class ActeDate(EvenementActe):
    """Event by which an act ends, or waits again for all its signatures, from a day on."""

    le: Annotated[date, Classe.C1]


class ActeEcheance(EvenementActe, EcheanceAtteinte):
    """The end of an act is near, or reached. Only the hub sends it, to all signatories."""

    echeance: Annotated[Echeance, Classe.C1]
    etape: Annotated[Etape, Classe.C1]
    commencee_le: Annotated[datetime, Classe.C1]
    fin_le: Annotated[date, Classe.C1]
    """Last day on which the act holds."""
