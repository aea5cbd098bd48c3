"""Compute values that have no cell of their own: a part of a total, and a household's composition."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from adapters.tabulaire.membres import LISTE
from contracts.ports import Rejet
from contracts.reference.codes import Sexe
from contracts.v1.menage import compositions_of

COMPOSITION, ADULTES, ENFANTS = "menage.composition", "menage.adultes", "menage.enfants"
DEDUITE = "composition_deduite"
"""Code of the warning that the hub has deduced a household's composition, from its numbers of adults and
children and the sex of a single adult."""
FOLLOWS = "déduite des nombres d'adultes et d'enfants, et du sexe de l'adulte"


def remainders(
    values: dict[str, Any], restes: Mapping[str, Sequence[str]], numero: int, noms: Mapping[str, str]
) -> list[Rejet]:
    """Compute missing parts of totals, and add them to `values`. A missing part is the total minus all other
    parts; it is not computed if one of these is unknown. `restes` gives, for each field to compute, the field
    of the total, then the fields of the other parts. Return a rejection of the row `numero` for each negative
    result. `noms`: the sender's column names, by field."""
    rejets = []
    for field, (total, *parts) in restes.items():
        if field in values or not {total, *parts} <= values.keys():
            continue
        values[field] = values[total] - sum(values[part] for part in parts)
        if values[field] < 0:
            shown = ", ".join(f"« {noms[part]} »" for part in parts if part in noms)
            message = f"total plus petit que ce qu'il contient : corrigez-le, ou {shown}"
            rejets.append(Rejet("incoherence", message, numero, noms.get(total)))
    return rejets


def compose(values: dict[str, Any], nom: str, numero: int) -> list[Rejet]:
    """Add the household's composition to `values` if the other values allow only one composition. Return a
    list with a warning, on the column `nom` of the row `numero`, that the composition was deduced. Return an
    empty list if nothing was added."""
    possible = possible_compositions(values)
    if len(possible) != 1:
        return []
    (values[COMPOSITION],) = possible
    return [Rejet(DEDUITE, FOLLOWS, numero, nom)]


def possible_compositions(values: Mapping[str, Any]) -> list[str]:
    """Return the compositions that a row's household may have with its numbers of adults and children. If
    there is a single adult, the adult's sex counts too. Return an empty list if the number of adults is
    unknown."""
    adultes, enfants = values.get(ADULTES), values.get(ENFANTS)
    sexe = _sexe_of_adult(values) if adultes == 1 else None
    return compositions_of(adultes, enfants, sexe) if isinstance(adultes, int) else []


def _sexe_of_adult(values: Mapping[str, Any]) -> Sexe | None:
    persons: dict[str, dict[str, Any]] = {}
    for path, value in values.items():
        if path.startswith(LISTE):
            place, _, field = path.removeprefix(LISTE).partition(".")
            persons.setdefault(place, {})[field] = value
    described = [*persons.values()]
    if len(described) != 1 and not all("date_naissance" in each for each in described):
        return None
    adult = min(described, key=lambda each: each.get("date_naissance", date.max), default=None)
    return adult.get("sexe") if adult else None
