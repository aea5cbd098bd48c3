"""Ids of acts, derived from the number that all signatories write on them."""

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from contracts import uuids
from contracts.base import Contrat, Nature, Reference
from contracts.ids import with_ids
from contracts.reference.identifiants import reference_acte, reference_convention
from contracts.reference.territoires import departement_of

ACTES = (Nature.CONVENTION, Nature.DEROGATION)
"""Kinds of act."""
ESPACE = UUID("5f1c2a64-0b5a-4d0e-9a41-6c7d3f8e2b10")
"""Namespace of the ids that are derived from the number of an act."""

AILLEURS = ":"
"""Separator between a département and the number that an agreement has in that département."""

C = TypeVar("C", bound=Contrat)


def act_called(nature: Nature, written: object) -> Reference:
    """Return the reference of the act that bears this number. An absent or unreadable number gives an empty
    reference: the check of that field says what is wrong."""
    read = reference_convention if nature is Nature.CONVENTION else reference_acte
    try:
        return Reference(nature, read(str(written or "")))
    except ValueError:
        return Reference(nature, "")


def in_use(contrat: C, ou: str, *, ailleurs: bool) -> C:
    """Return the contract with the hub's ids in place of the acts that it cites by number.

    All signatories of an act write the same number, so its id is derived from that number and from where the act is
    in use: the département before the number if `ailleurs`, else `ou`, a département or a sandbox.
    """

    def id_of(ident: UUID) -> UUID:
        if not isinstance(ident, Reference) or ident.nature not in ACTES:
            return ident
        departement, _, numero = ident.valeur.rpartition(AILLEURS) if ailleurs else ("", "", ident.valeur)
        return uuids.named(ESPACE, f"{departement or ou}\n{ident.nature}\n{numero}")

    return with_ids(contrat, id_of)


def departement_written(numero: str | None, ou: str) -> str:
    """Return the département in which the number of an agreement counts: the one before it, else `ou`."""
    return (numero or "").rpartition(AILLEURS)[0] or ou


def as_read_in(numero: str, ou: str, la_bas: str) -> str:
    """Return the number of an agreement, written in the territory `ou`, as its readers in `la_bas` write it."""
    here, there = (departement_of(each) or each for each in (ou, la_bas))
    departement = departement_written(numero, here)
    plain = numero.rpartition(AILLEURS)[2]
    return plain if departement == there else f"{departement}{AILLEURS}{plain}"


def citing(values: Any, numero: str, nature: Nature) -> Any:
    """Return the values of a message with the reference (`acte`) of the act whose number stands in the field
    `numero`, if there is one."""
    cites = isinstance(values, Mapping) and values.get(numero) and values.get("acte") is None
    return {**values, "acte": act_called(nature, values[numero])} if cites else values
