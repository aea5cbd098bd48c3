"""What a reader sees of a household, by path, beside the fields in clear."""

from typing import Any

from contracts.base import classe_of, is_sealed
from contracts.v1.menage import Menage, Personne


def seen(menage: Menage) -> dict[str, Any]:
    """Return the sealed fields of a household that have a value. Fields of members get the value of the first
    member who has one."""
    values = {name: getattr(menage, name) for name in Menage.model_fields if _sealed(Menage, name)}
    for name in (n for n in Personne.model_fields if _sealed(Personne, n)):
        values[f"personnes.{name}"] = next(
            (value for p in menage.personnes if (value := getattr(p, name)) is not None), None
        )
    return {path: value for path, value in values.items() if value is not None}


def _sealed(model: type[Menage] | type[Personne], name: str) -> bool:
    classe = classe_of(model, name)
    return classe is not None and is_sealed(classe)
