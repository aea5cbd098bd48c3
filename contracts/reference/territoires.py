"""Communes, départements and régions of the official geographic code (COG) of INSEE, the statistics office.

Tables are read on first use. The `zone` of a département or région is `metro` (mainland France and Corsica),
`drom` (overseas département) or `com` (overseas collectivity).
"""

from collections.abc import Mapping
from functools import cache, lru_cache
from types import MappingProxyType
from typing import NamedTuple

from contracts.reference.donnees import lignes


class Division(NamedTuple):
    """An arrondissement, or an EPCI (group of communes). Both are made of communes."""

    code: str
    nom: str
    liste: str
    """Codes of the communes, separated by spaces."""

    @property
    def communes(self) -> frozenset[str]:
        return frozenset(self.liste.split())


class Departement(NamedTuple):
    """Département. An overseas collectivity that belongs to no département is listed as a département."""

    code: str
    nom: str
    region: str
    zone: str


class Region(NamedTuple):
    """Région. An overseas collectivity that belongs to no région is listed as a région."""

    code: str
    nom: str
    zone: str


@cache
def departements() -> Mapping[str, Departement]:
    """Return all départements by code (`01`, `2A`, `974`)."""
    return MappingProxyType({row[0]: Departement(*row) for row in lignes("cog_departements.csv", ",")})


@lru_cache(maxsize=10_000)
def departement_of(territoire: str) -> str | None:
    """Return the code of the département with which the name of a territory begins (`59`, `974-sud`). Return
    None if the name does not begin with such a code."""
    return next((code for code in (territoire[:3], territoire[:2]) if code in departements()), None)


@cache
def regions() -> Mapping[str, Region]:
    """Return all régions by code (`11`, `04`)."""
    return MappingProxyType({row[0]: Region(*row) for row in lignes("cog_regions.csv", ",")})


@cache
def communes() -> Mapping[str, str]:
    """Return the département of every commune that exists today, by the code of the commune."""
    table: dict[str, str] = {}
    for departement, codes in lignes("cog_communes.csv"):
        table.update(dict.fromkeys(codes.split(), departement))
    return MappingProxyType(table)


@cache
def noms() -> Mapping[str, str]:
    """Return the name of every commune that exists today, by the code of the commune."""
    table: dict[str, str] = {}
    for (_, codes), (_, named) in zip(lignes("cog_communes.csv"), lignes("cog_noms.csv"), strict=True):
        table.update(zip(codes.split(), named.split("|"), strict=True))
    return MappingProxyType(table)


@cache
def arrondissements() -> Mapping[str, Division]:
    """Return all arrondissements by code (`011`, `9742`). Mayotte and the overseas collectivities have
    none."""
    return MappingProxyType({row[0]: Division(*row) for row in lignes("decoupage_arrondissements.csv")})


@cache
def intercommunalites() -> Mapping[str, Division]:
    """Return every EPCI (group of communes) that raises its own taxes, and every territory of Grand Paris
    (EPT), by SIREN."""
    return MappingProxyType({row[0]: Division(*row) for row in lignes("decoupage_intercommunalites.csv")})


@cache
def rattachements() -> Mapping[str, str]:
    """Return a table from former or smaller units to the communes of today, by their codes. The units are
    municipal arrondissements, communes déléguées and associées, and communes with old codes (Saint-Barthélemy
    and Saint-Martin)."""
    rows = (*lignes("cog_communes_rattachees.csv"), *lignes("cog_communes_anciennes.csv"))
    return MappingProxyType({code: commune for code, _, commune in rows})
