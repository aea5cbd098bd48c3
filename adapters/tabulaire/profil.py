"""Column profiles: how one package names its columns, states and codes, as TOML (`docs/profils.md`).

A profile is all that a tabular partner needs; `profils` reads it.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from adapters.evenements import by_short_name
from adapters.tabulaire.lecteurs import EXPLICITES
from adapters.vocabulaire import Vocabulaire
from contracts.base import Contrat
from contracts.partner import Famille
from contracts.v1 import CONTRATS

FORMATS_DATES = {"aaaa-mm-jj": "%Y-%m-%d", "jj/mm/aaaa": "%d/%m/%Y"}
EVENEMENTS: Mapping[str, type[Contrat]] = by_short_name(*CONTRATS.values())
"""Every event by the name that profiles use."""

ETAT, DATE, DEPARTEMENT, STRUCTURE = "etat", "date", "departement", "structure"
PSEUDO_CHAMPS = frozenset({ETAT, DATE, DEPARTEMENT, STRUCTURE})
"""What a column may feed beside fields of its contracts: the state, a date whose meaning the state decides, the
département of a commune in two columns, and the sender's structure, checked also where the contract has none."""

Constante = str | int | bool


class _Partie(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Mot(_Partie):
    """What a word of the state column means: an event, and what the word alone says about it."""

    evenement: str
    constantes: Mapping[str, Constante] = {}

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, written: Any) -> Any:
        """`"Libre" = "place.vacante"`, or `"Refus" = { evenement = "proposition.refusee", silence = false }`."""
        if isinstance(written, str):
            return {"evenement": written}
        if isinstance(written, Mapping) and "constantes" not in written:
            rest = {name: value for name, value in written.items() if name != "evenement"}
            return {"evenement": written.get("evenement"), "constantes": rest}
        return written

    @field_validator("evenement")
    @classmethod
    def _exists(cls, name: str) -> str:
        return _known_event(name)


class Tableau(_Partie):
    """One kind of table that a partner sends, told from the others by its header."""

    titre: str = ""
    """What it is called in messages; its name in the profile where that needs no accent."""
    feuille: str | None = None
    """The sheet of a workbook in which it stands; any sheet where none is named."""
    colonnes: Mapping[str, str]
    """Column name → field of the contract (`menage.personnes.0.nom` where nested), or one of `PSEUDO_CHAMPS`."""
    synonymes: Mapping[str, str] = {}
    """Other names of columns → names in `colonnes`."""
    obligatoires: Annotated[tuple[str, ...], Field(min_length=1)]
    """Columns without which the file is not of this kind, or is useless."""
    etats: Mapping[str, Mot] = {}
    """What the `etat` column may say → event."""
    evenement: str | None = None
    """The event of every row, of a table without an `etat` column."""
    dates: Mapping[str, str] = {}
    """Event → field that a column `date` feeds."""
    valeurs: Mapping[str, Mapping[str, str]] = {}
    """Field → the package's words → codes; a field without a table carries the codes themselves."""
    constantes: Mapping[str, Constante] = {}
    """Fields that the package has no column for, because it knows only one value."""
    restes: Mapping[str, Annotated[tuple[str, ...], Field(min_length=2)]] = {}
    """Field that the package leaves to its reader → a total, then its other parts; none goes below zero."""
    mois: str | None = None
    """Field fed by the sheet's name where that is a month («octobre 2025», «10 25»): its last day."""
    lecteurs: Mapping[str, Literal[tuple(EXPLICITES)]] = {}  # type: ignore[valid-type]
    """Field → how it is read, where the type of the field does not say."""

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        if not set(self.obligatoires) <= set(self.colonnes):
            raise ValueError("une colonne obligatoire n'est pas dans « colonnes »")
        if not set(self.synonymes.values()) <= set(self.colonnes):
            raise ValueError("un synonyme ne mène pas à un nom de « colonnes »")
        if (self.evenement is None) == (not self.etats):
            raise ValueError("il faut « etats », ou « evenement » si toutes les lignes disent la même chose")
        if bool(self.etats) != (ETAT in self.colonnes.values()):
            raise ValueError("« etats » et une colonne « etat » vont ensemble")
        if self.evenement is not None:
            _known_event(self.evenement)
        return self

    @cached_property
    def noms(self) -> Vocabulaire:
        """The package's column names and their synonyms; each means a name in `colonnes`."""
        return Vocabulaire({**{name: name for name in self.colonnes}, **self.synonymes})

    @cached_property
    def mots_etat(self) -> Vocabulaire:
        """What the `etat` column may say; each word means itself."""
        return Vocabulaire({word: word for word in self.etats})

    @cached_property
    def mots_valeurs(self) -> Mapping[str, Vocabulaire]:
        """The package's words of each field that has some."""
        return {path: Vocabulaire(words) for path, words in self.valeurs.items()}

    @property
    def nom_du_mois(self) -> str:
        """What the sender fills in where the sheet's name is no month: a column, else the name itself."""
        return next((nom for nom, cible in self.colonnes.items() if cible == self.mois), "onglet")

    @property
    def mots(self) -> Mapping[str, Mot]:
        """What each row may be: a word of the state column, or "" where there is none."""
        return self.etats if self.evenement is None else {"": Mot(evenement=self.evenement)}

    @property
    def contrats(self) -> Mapping[str, type[Contrat]]:
        """The events of the table by their names."""
        return {mot.evenement: EVENEMENTS[mot.evenement] for mot in self.mots.values()}


class Sortie(_Partie):
    """The file that a partner gets: its columns in order, each with the path of what it shows."""

    format: Literal["csv", "xlsx"] = "csv"
    fichier: Annotated[str, Field(pattern=r"^[a-z][a-z-]{0,30}$")]
    """First word of the file's name, and the sheet's name; never a personal value."""
    colonnes: Mapping[str, str]
    evenements: Mapping[str, str]
    """Event → what the package calls it."""
    valeurs: Mapping[str, Mapping[str, str]] = {}
    """Path → code → the package's word."""

    @field_validator("evenements")
    @classmethod
    def _exist(cls, words: Mapping[str, str]) -> Mapping[str, str]:
        for name in words:
            _known_event(name)
        return words


class Profil(_Partie):
    """How one package writes and reads its tables."""

    nom: str
    dialecte: Annotated[str, Field(pattern=r"^[a-z][a-z_]{1,40}$")]
    """The dialect to which it belongs, by which partners' entries name it."""
    defaut: bool = False
    """Whether an entry that names the dialect alone means this profile; an only profile is meant anyway."""
    familles: Annotated[tuple[Famille, ...], Field(min_length=1)]
    reel: bool = False
    """Whether it was made from real files of the package; else it is a «profil supposé»."""
    formats: tuple[Literal["csv", "xlsx", "ods"], ...] = ("csv",)
    """What is read."""
    separateur: Annotated[str, Field(pattern=r"^([^\w\s\"]|\t)$")] = ";"
    encodage_lu: Literal["utf-16", "cp850", "iso-8859-15", "mac_roman"] | None = None
    """Encoding of the partner's CSV where it is neither UTF-8 nor CP1252, which are told apart line by line."""
    lignes_avant_entete: Annotated[int, Field(ge=0, le=50)] = 0
    """Rows that may stand above the header: titles, dates, logos."""
    date: Literal["aaaa-mm-jj", "jj/mm/aaaa"] = "aaaa-mm-jj"
    """How dates are written to the partner; both forms are read."""
    encodage: Literal["utf-8", "utf-8-sig", "cp1252"] = "utf-8-sig"
    """How CSV is written to the partner."""
    tables: Mapping[str, Tableau] = {}
    sortie: Sortie | None = None

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        if not self.tables and self.sortie is None:
            raise ValueError("un profil lit des « tables », écrit une « sortie », ou les deux")
        return self

    @property
    def format_date(self) -> str:
        """The date form for `strftime`."""
        return FORMATS_DATES[self.date]

    def titre(self, table: str) -> str:
        """What a table is called in messages."""
        return self.tables[table].titre or table


def _known_event(name: str) -> str:
    if name not in EVENEMENTS:
        raise ValueError(f"événement inconnu « {name} »")
    return name
