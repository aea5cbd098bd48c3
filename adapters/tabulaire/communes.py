"""Communes in two columns: some software keeps the département apart from the number."""

from collections.abc import Mapping
from typing import Any

from contracts.ports import Rejet
from contracts.reference.identifiants import departement_de_commune


def whole_commune(values: dict[str, Any], numero: int, noms: Mapping[str, str]) -> list[Rejet]:
    """Join `departement` and `commune` in `values`: 1 and 4 make 01004, 974 and 11 make 97411. Return the faults."""
    departement, commune = values.pop("departement", ""), values.get("commune")
    if not isinstance(commune, str):
        return []
    if not departement:
        return _departement_needed(values, numero, noms) if len(commune) < 5 else []
    if len(commune) <= 5 - len(departement):
        values["commune"] = departement + commune.zfill(5 - len(departement))
    elif _other_departement(commune, departement):
        message = "le département ne correspond pas à la commune : corrigez l'un des deux"
        return [Rejet("departement_incoherent", message, numero, noms["departement"])]
    return []


def _departement_needed(values: dict[str, Any], numero: int, noms: Mapping[str, str]) -> list[Rejet]:
    """Reject the number of a commune without its département: it means nothing alone."""
    del values["commune"]
    message = "numéro de commune sans département lisible : renseignez le département"
    return [Rejet("champ_absent", message, numero, noms["commune"])]


def _other_departement(commune: str, departement: str) -> bool:
    try:
        return departement_de_commune(commune) != departement
    except ValueError:
        return False  # the contract will say what is wrong with the commune
