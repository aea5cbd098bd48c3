"""Derive the ids of agreements and derogations from their numbers."""

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from contracts import uuids
from contracts.base import Contrat, Nature, Reference
from contracts.ids import with_ids
from contracts.reference.identifiants import reference_acte, reference_convention
from contracts.reference.territoires import departement_of

ACTES = (Nature.CONVENTION, Nature.DEROGATION)
"""Kinds of subject whose ids are derived from their numbers."""
ESPACE = UUID("5f1c2a64-0b5a-4d0e-9a41-6c7d3f8e2b10")
"""Namespace of the ids that are derived from the numbers of agreements and derogations."""

AILLEURS = ":"
"""Separator between the code of a département and the number of an agreement in that département."""

C = TypeVar("C", bound=Contrat)


def act_called(nature: Nature, written: object) -> Reference:
    """Return a reference to the agreement or derogation numbered `written`. For a missing or unreadable number,
    the reference is empty, and the row is rejected later."""
    read = reference_convention if nature is Nature.CONVENTION else reference_acte
    try:
        return Reference(nature, read(str(written or "")))
    except ValueError:
        return Reference(nature, "")


def in_use(contrat: C, ou: str, *, ailleurs: bool) -> C:
    """Return the contract with the hub's ids in place of the numbers of agreements and derogations. `ou` says
    whose numbers they are. It is normally the code of the sender's département: a number then names an
    agreement or derogation of this département. For a sender in a sandbox, `ou` is the sender's id: a number
    then names one of this sender alone.

    If `ailleurs` is True, a number that begins with a département's code (`69:2026/4`) names an agreement or
    derogation of that département instead.
    """

    def id_of(ident: UUID) -> UUID:
        if not isinstance(ident, Reference) or ident.nature not in ACTES:
            return ident
        departement, _, numero = ident.valeur.rpartition(AILLEURS) if ailleurs else ("", "", ident.valeur)
        return uuids.named(ESPACE, f"{departement or ou}\n{ident.nature}\n{numero}")

    return with_ids(contrat, id_of)


def departement_written(numero: str | None, ou: str) -> str:
    """Return the code of the département with which an agreement's number begins. Return `ou` if the number
    begins with no such code, or if there is no number."""
    return (numero or "").rpartition(AILLEURS)[0] or ou


def as_read_in(numero: str, ou: str, la_bas: str) -> str:
    """Return an agreement's number as partners of the territory `la_bas` write it, given the `numero` that
    partners of the territory `ou` write. If `la_bas` lies outside the agreement's département, the result
    begins with the code of this département (`69:2026/4`)."""
    here, there = (departement_of(each) or each for each in (ou, la_bas))
    departement = departement_written(numero, here)
    plain = numero.rpartition(AILLEURS)[2]
    return plain if departement == there else f"{departement}{AILLEURS}{plain}"


def citing(values: Any, numero: str, nature: Nature) -> Any:
    """Return `values`, the fields of a message, with a reference to an act in the field `acte`. `nature`:
    kind of the act (agreement or derogation); `numero`: name of the field in `values` that holds the act's
    number. If this number is missing, or if `acte` is already filled in, return `values` unchanged."""
    cites = isinstance(values, Mapping) and values.get(numero) and values.get("acte") is None
    return {**values, "acte": act_called(nature, values[numero])} if cites else values
