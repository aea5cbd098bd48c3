"""An act between partners, agreement or derogation: known by the number that its signatories write on it."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, ClassVar, TypeVar
from uuid import UUID

from pydantic import model_validator

from contracts import uuids
from contracts.base import Contrat, Nature, Reference
from contracts.ids import with_ids
from contracts.privacy import Classe
from contracts.reference.identifiants import ReferenceActe, reference_acte
from contracts.v1.echeance import Echeance, EcheanceAtteinte, Etape

ACTES = (Nature.CONVENTION, Nature.DEROGATION)
"""Kinds of act."""
ESPACE = UUID("5f1c2a64-0b5a-4d0e-9a41-6c7d3f8e2b10")
"""Namespace of the ids that are made of the number of an act."""

C = TypeVar("C", bound=Contrat)


def act_called(nature: Nature, written: object) -> Reference:
    """Return the reference of an act by its number. One that is absent or unreadable names no act: the field of the
    number says why."""
    try:
        return Reference(nature, reference_acte(str(written or "")))
    except ValueError:
        return Reference(nature, "")


def in_use(contrat: C, ou: str) -> C:
    """Return the contract with the ids of the acts that it names by their number.

    All signatories of an act write one number, so its id is made of that number and of `ou`, where the act is in
    use: a département, or a sandbox.
    """

    def id_of(ident: UUID) -> UUID:
        if not isinstance(ident, Reference) or ident.nature not in ACTES:
            return ident
        return uuids.named(ESPACE, f"{ou}\n{ident.nature}\n{ident.valeur}")

    return with_ids(contrat, id_of)


class EvenementActe(Contrat):
    """Any event of one act. Nothing of it is of the offer (C0): a collector that reads no offer signs too."""

    DOMAINE = "convention"
    OBLIGATOIRES: ClassVar[tuple[str, ...]] = ("numero",)

    numero: Annotated[ReferenceActe | None, Classe.C1] = None
    """Number of the act (`DER-2026-17`), the same for all its signatories in one département."""

    @model_validator(mode="before")
    @classmethod
    def _known_by_its_number(cls, values: Any) -> Any:
        if cls.NATURE is None or not isinstance(values, Mapping) or values.get(cls.SUJET) is not None:
            return values
        return {**values, cls.SUJET: act_called(cls.NATURE, values.get("numero"))}


class ActeDate(EvenementActe):
    """Any event that ends an act or opens it again on a day."""

    le: Annotated[date, Classe.C1]


class ActeEcheance(EvenementActe, EcheanceAtteinte):
    """The end of an act comes near, or is reached. The hub alone says it, to all signatories."""

    echeance: Annotated[Echeance, Classe.C1]
    etape: Annotated[Etape, Classe.C1]
    commencee_le: Annotated[datetime, Classe.C1]
    fin_le: Annotated[date, Classe.C1]
    """Last day on which the act holds."""
