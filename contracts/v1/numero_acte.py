"""Ids of agreements and derogations, derived from the number that their signatories write."""

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from contracts import uuids
from contracts.base import Contrat, Nature, Reference
from contracts.ids import with_ids
from contracts.reference.identifiants import reference_acte, reference_convention
from contracts.reference.territoires import departement_of

ACTES = (Nature.CONVENTION, Nature.DEROGATION)
"""Kinds of subject whose id is derived from the number of an agreement or derogation."""
ESPACE = UUID("5f1c2a64-0b5a-4d0e-9a41-6c7d3f8e2b10")
"""Namespace of ids derived from the number of an agreement or derogation."""

AILLEURS = ":"
"""Separator between a département and the number of an agreement in that département."""

C = TypeVar("C", bound=Contrat)


def act_called(nature: Nature, written: object) -> Reference:
    """Return a reference to the agreement or derogation (`nature`) whose number is `written`. If the number is
    missing or unreadable, the reference is empty, and is rejected later."""
    read = reference_convention if nature is Nature.CONVENTION else reference_acte
    try:
        return Reference(nature, read(str(written or "")))
    except ValueError:
        return Reference(nature, "")


def in_use(contrat: C, ou: str, *, ailleurs: bool) -> C:
    """Return the contract with the hub's ids in place of the numbers of agreements and derogations.

    The hub's id is computed from the number and the territory `ou`. If `ailleurs` is true, a number may begin
    with the code of a département. The id is then computed with this département instead of `ou`.
    """

    def id_of(ident: UUID) -> UUID:
        if not isinstance(ident, Reference) or ident.nature not in ACTES:
            return ident
        departement, _, numero = ident.valeur.rpartition(AILLEURS) if ailleurs else ("", "", ident.valeur)
        return uuids.named(ESPACE, f"{departement or ou}\n{ident.nature}\n{numero}")

    return with_ids(contrat, id_of)


def departement_written(numero: str | None, ou: str) -> str:
    """Return the département to which an agreement's number belongs; a number is unique only within one
    département. It is the département written at the beginning of `numero`. If there is none, it is `ou`,
    where the number was written."""
    return (numero or "").rpartition(AILLEURS)[0] or ou


def as_read_in(numero: str, ou: str, la_bas: str) -> str:
    """Return the number of an agreement as readers in the territory `la_bas` have to write it. `numero` was
    written in the territory `ou`. If the agreement is of another département than the readers', the number
    begins with that département's code."""
    here, there = (departement_of(each) or each for each in (ou, la_bas))
    departement = departement_written(numero, here)
    plain = numero.rpartition(AILLEURS)[2]
    return plain if departement == there else f"{departement}{AILLEURS}{plain}"


def citing(values: Any, numero: str, nature: Nature) -> Any:
    """Fill in the field `acte` of a message, if it is empty: with a reference to the agreement or derogation
    (`nature`) whose number stands in the field called `numero`. Return the message's values. If the message
    has no number, the values stay unchanged."""
    cites = isinstance(values, Mapping) and values.get(numero) and values.get("acte") is None
    return {**values, "acte": act_called(nature, values[numero])} if cites else values
