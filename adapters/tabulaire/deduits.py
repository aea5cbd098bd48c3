"""A part of a total without a column of its own: the total minus the other parts."""

from collections.abc import Mapping, Sequence
from typing import Any

from contracts.ports import Rejet


def remainders(
    values: dict[str, Any], restes: Mapping[str, Sequence[str]], numero: int, noms: Mapping[str, str]
) -> list[Rejet]:
    """Add to `values` each field in `restes`: a total minus its other parts. Return a rejection for each
    negative result.

    A field that the row fills in itself, or whose total or parts are missing, is not computed.
    """
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
