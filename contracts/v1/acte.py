"""Base of the messages about agreements and derogations. Each message cites its agreement or derogation by
the number that is written on it."""

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
    """Base of all messages about one agreement or derogation."""

    DOMAINE = "convention"
    OBLIGATOIRES: ClassVar[tuple[str, ...]] = ("numero",)

    numero: Annotated[ReferenceActe | None, Classe.C1] = None
    """Number that the signatories use, such as `DER-2026-17`. It identifies nobody, and collectors may read
    it."""

    @model_validator(mode="before")
    @classmethod
    def _known_by_its_number(cls, values: Any) -> Any:
        if cls.NATURE is None or not isinstance(values, Mapping) or values.get(cls.SUJET) is not None:
            return values
        return {**values, cls.SUJET: act_called(cls.NATURE, values.get("numero"))}


class ActeDate(EvenementActe):
    """Base of messages about the day on which an agreement or derogation ends or is contested."""

    le: Annotated[date, Classe.C1]


class ActeEcheance(EvenementActe, EcheanceAtteinte):
    """Base of the messages by which the hub says that an agreement or derogation ends soon, or has reached
    its end."""

    echeance: Annotated[Echeance, Classe.C1]
    etape: Annotated[Etape, Classe.C1]
    commencee_le: Annotated[datetime, Classe.C1]
    fin_le: Annotated[date, Classe.C1]
    """Last day of the agreement or derogation."""
