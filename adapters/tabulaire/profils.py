"""Load column profiles from TOML: those delivered with the hub (`adapters/profiles/*.toml`), or any text."""

import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files

from pydantic import ValidationError

from adapters.tabulaire.controle import faults
from adapters.tabulaire.profil import Profil
from contracts.errors import HubsOwnFault, Misconfigured

MOST_DOTS = 64
"""Limit on the dots in one line of TOML, because `tomllib` takes very long for many dots."""


def parse(text: str, source: str) -> Profil:
    """Parse the TOML text of a column profile. Raises Misconfigured for a faulty profile, with the place of the
    fault and the origin of the text (`source`)."""
    for number, line in enumerate(text.split("\n"), 1):
        if line.count(".") > MOST_DOTS:
            raise Misconfigured(
                f"profil {source}, ligne {number} : plus de {MOST_DOTS} points ; répartissez-la en plusieurs lignes"
            )
    try:
        page = Profil.model_validate(tomllib.loads(text))
        wrong = next(faults(page), None)
    except ValidationError as exc:
        first = exc.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "profil"
        raise Misconfigured(f"profil {source}, {where} : {first['msg']}") from exc
    except RecursionError as exc:
        raise Misconfigured(f"profil {source} : listes ou tables imbriquées à l'excès") from exc
    except ValueError as exc:  # also a number of more digits than Python reads
        raise Misconfigured(f"profil {source} : TOML illisible ({exc})") from exc
    if wrong is not None:
        raise Misconfigured(f"profil {source}, {wrong}")
    return page


@lru_cache(maxsize=64)
def brought(text: str) -> Profil:
    """Return the column profile that a registry entry contains as TOML. Raises HubsOwnFault for a faulty
    profile."""
    try:
        return parse(text, "du partenaire")
    except Misconfigured as exc:
        raise HubsOwnFault(str(exc)) from exc


@cache
def profils() -> Mapping[str, Profil]:
    """Return the column profiles delivered with the hub, by name."""
    folder = files("adapters").joinpath("profiles")
    sources = sorted((f for f in folder.iterdir() if f.name.endswith(".toml")), key=lambda file: file.name)
    return {file.name.removesuffix(".toml"): parse(file.read_text("utf-8"), file.name) for file in sources}


def profil(name: str) -> Profil:
    """Return a column profile delivered with the hub. Raises Misconfigured for an unknown name."""
    if name not in profils():
        raise Misconfigured(f"profil de colonnes inconnu ; profils livrés : {', '.join(profils())}")
    return profils()[name]
