"""Column profiles: the names that one partner's software gives to columns, states and codes (TOML,
`docs/profils.md`).

A partner that sends tables needs nothing but a profile; `profils` reads it.
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
"""Targets of a column that are no fields of contracts: the state, a date whose field depends on the state,
the département of a commune in two columns, and the sender's structure, checked even if the contract has
none."""

Constante = str | int | bool


class _Partie(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Mot(_Partie):
    """Meaning of a word of the state column: an event, and constants that the word implies."""

    evenement: str
    constantes: Mapping[str, Constante] = {}

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, written: Any) -> Any:
        """Accept `"Libre" = "place.vacante"`, and `"Refus" = { evenement = "proposition.refusee", silence = false
        }`."""
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
    """One kind of table that a partner sends, recognised by its header."""

    titre: str = ""
    """Name of the table in messages; empty to use its name in the profile."""
    feuille: str | None = None
    """Name of the sheet that holds this table in a workbook; None if any sheet may."""
    colonnes: Mapping[str, str]
    """Column name → field of the contract (`menage.personnes.0.nom` where nested), or one of `PSEUDO_CHAMPS`."""
    synonymes: Mapping[str, str] = {}
    """Other names of columns → names in `colonnes`."""
    obligatoires: Annotated[tuple[str, ...], Field(min_length=1)]
    """Columns without which a file is not a table of this kind, or is useless."""
    etats: Mapping[str, Mot] = {}
    """Word of the `etat` column → event."""
    evenement: str | None = None
    """The event of every row, for a table without an `etat` column."""
    a_remplir: bool = False
    """Whether the partner fills in the answers in a file of the hub's. A row without an answer then says nothing, and
    is only counted."""
    dates: Mapping[str, str] = {}
    """Event → field that a `date` column feeds."""
    valeurs: Mapping[str, Mapping[str, str]] = {}
    """Codes for the words of the partner's software, by field. Columns of other fields hold codes."""
    constantes: Mapping[str, Constante] = {}
    """Fields without a column, because the partner's software knows only one value."""
    restes: Mapping[str, Annotated[tuple[str, ...], Field(min_length=2)]] = {}
    """For a field without a column: the total from which the field is computed, then the other parts of that
    total. A negative result is refused."""
    lecteurs: Mapping[str, Literal[tuple(EXPLICITES)]] = {}  # type: ignore[valid-type]
    """Reader of a field, if the field's type does not determine it."""

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
        if self.a_remplir and not self.etats:
            raise ValueError("« a_remplir » va avec « etats » : la réponse est dans la colonne « etat »")
        if self.evenement is not None:
            _known_event(self.evenement)
        return self

    @cached_property
    def noms(self) -> Vocabulaire:
        """Column names and synonyms in the partner's software, each with the name in `colonnes` that it
        means."""
        return Vocabulaire({**{name: name for name in self.colonnes}, **self.synonymes})

    @cached_property
    def mots_etat(self) -> Vocabulaire:
        """Words of the `etat` column. A word is recognised despite case, accents or punctuation, and means
        the word as the profile writes it."""
        return Vocabulaire({word: word for word in self.etats})

    @cached_property
    def mots_valeurs(self) -> Mapping[str, Vocabulaire]:
        """Words of the partner's software, for each field that has some."""
        return {path: Vocabulaire(words) for path, words in self.valeurs.items()}

    @property
    def mots(self) -> Mapping[str, Mot]:
        """The possible kinds of row, by the word of the state column; by "" for a table without that
        column."""
        return self.etats if self.evenement is None else {"": Mot(evenement=self.evenement)}

    @property
    def contrats(self) -> Mapping[str, type[Contrat]]:
        """The events of the table by their names."""
        return {mot.evenement: EVENEMENTS[mot.evenement] for mot in self.mots.values()}


class Sortie(_Partie):
    """File that a partner gets: its columns in order, each with the path of its value."""

    format: Literal["csv", "xlsx"] = "csv"
    fichier: Annotated[str, Field(pattern=r"^[a-z][a-z-]{0,30}$")]
    """First word of the file's name, and the sheet's name; never a personal value."""
    colonnes: Mapping[str, str]
    evenements: Mapping[str, str]
    """Event → the word of the partner's software for it."""
    valeurs: Mapping[str, Mapping[str, str]] = {}
    """Path → code → the word of the partner's software."""

    @field_validator("evenements")
    @classmethod
    def _exist(cls, words: Mapping[str, str]) -> Mapping[str, str]:
        for name in words:
            _known_event(name)
        return words


class Profil(_Partie):
    """Column profile: how one partner's software writes and reads its tables."""

    nom: str
    dialecte: Annotated[str, Field(pattern=r"^[a-z][a-z_]{1,40}$")]
    """The dialect of the profile, which partners' entries name."""
    defaut: bool = False
    """Whether the profile is used for an entry that names only the dialect. A dialect's only profile always
    is."""
    familles: Annotated[tuple[Famille, ...], Field(min_length=1)]
    reel: bool = False
    """Whether the profile was made from real files of the software; else it is supposed («profil
    supposé»)."""
    formats: tuple[Literal["csv", "xlsx", "ods"], ...] = ("csv",)
    """Formats that are read."""
    separateur: Annotated[str, Field(pattern=r"^([^\w\s\"]|\t)$")] = ";"
    encodage_lu: Literal["utf-16", "cp850", "iso-8859-15", "mac_roman"] | None = None
    """Encoding of the partner's CSV, unless it is UTF-8 or CP1252, which are told apart line by line."""
    lignes_avant_entete: Annotated[int, Field(ge=0, le=50)] = 0
    """Largest number of rows above the header: titles, dates, logos."""
    date: Literal["aaaa-mm-jj", "jj/mm/aaaa"] = "aaaa-mm-jj"
    """Form of dates written to the partner. Both forms are read."""
    encodage: Literal["utf-8", "utf-8-sig", "cp1252"] = "utf-8-sig"
    """Encoding of CSV written to the partner."""
    tables: Mapping[str, Tableau] = {}
    sortie: Sortie | None = None

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        if not self.tables and self.sortie is None:
            raise ValueError("un profil lit des « tables », écrit une « sortie », ou les deux")
        return self

    @property
    def format_date(self) -> str:
        """The form of dates for `strftime`."""
        return FORMATS_DATES[self.date]

    def titre(self, table: str) -> str:
        """Return the name of a table in messages."""
        return self.tables[table].titre or table


def _known_event(name: str) -> str:
    if name not in EVENEMENTS:
        raise ValueError(f"événement inconnu « {name} »")
    return name
