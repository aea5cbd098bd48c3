"""Column profiles of the tabular dialects: what a package calls its columns, states and codes, as TOML.

They are data of the package (`adapters/profiles/*.toml`); a partner's entry names one.
"""

import tomllib
from collections.abc import Mapping
from functools import cache, cached_property
from importlib.resources import files
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from adapters.vocabulaire import Vocabulaire
from contracts.errors import Misconfigured

DEFAUT = "hebergement_standard"
FORMATS_DATES = {"aaaa-mm-jj": "%Y-%m-%d", "jj/mm/aaaa": "%d/%m/%Y"}


class _Partie(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Tableau(_Partie):
    """One kind of file that a partner sends."""

    colonnes: Mapping[str, str]
    """Column name → field of the contract, or `etat`, `date`, `departement`."""
    obligatoires: tuple[str, ...]
    """Columns without which the file is not of this kind, or is useless."""
    etats: Mapping[str, str]
    """What the `etat` column may say → event."""
    valeurs: Mapping[str, Mapping[str, str]] = {}
    """Field → the package's words → codes; a field without a table carries the codes themselves."""
    constantes: Mapping[str, str] = {}
    """Fields that the package has no column for, because it knows only one value."""

    @model_validator(mode="after")
    def _columns_exist(self) -> Self:
        if not set(self.obligatoires) <= set(self.colonnes):
            raise ValueError("une colonne obligatoire n'est pas dans « colonnes »")
        return self

    @cached_property
    def noms(self) -> Vocabulaire:
        """The package's column names; each means itself."""
        return Vocabulaire({name: name for name in self.colonnes})

    @cached_property
    def mots_etat(self) -> Vocabulaire:
        """What the `etat` column may say."""
        return Vocabulaire(self.etats)

    def colonne(self, champ: str) -> str | None:
        """The column that feeds a field."""
        return next((name for name, target in self.colonnes.items() if target == champ), None)


class Sortie(_Partie):
    """The file that a partner gets: its columns in order, each with the path of what it shows."""

    colonnes: Mapping[str, str]
    evenements: Mapping[str, str]
    """Event → what the package calls it."""
    valeurs: Mapping[str, Mapping[str, str]] = {}
    """Path → code → the package's word."""


class Profil(_Partie):
    """How one package writes and reads its files."""

    nom: str
    separateur: Annotated[str, Field(pattern=r"^[;,|\t]$")] = ";"
    date: Literal["aaaa-mm-jj", "jj/mm/aaaa"] = "aaaa-mm-jj"
    """How dates are written to the partner; both forms are read."""
    encodage: Literal["utf-8", "utf-8-sig", "cp1252"] = "utf-8-sig"
    """How files are written to the partner; all of them are read."""
    places: Tableau
    decisions: Tableau
    orientations: Sortie

    @property
    def format_date(self) -> str:
        """The date form for `strftime`."""
        return FORMATS_DATES[self.date]


@cache
def profil(name: str | None) -> Profil:
    """A profile of the package. Raises Misconfigured for one that it does not have."""
    known = {
        file.name.removesuffix(".toml"): file for file in files("adapters").joinpath("profiles").iterdir()
    }
    wanted = name or DEFAUT
    if wanted not in known:
        raise Misconfigured(f"profil de colonnes inconnu ; profils livrés : {', '.join(sorted(known))}")
    return Profil.model_validate(tomllib.loads(known[wanted].read_text("utf-8")))
