"""Column profiles: the names that one partner's software gives to columns, states and codes (TOML,
`docs/profils.md`)."""

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from adapters.evenements import by_short_name
from adapters.tabulaire.lecteurs import COMMUNE, COMMUNE_ECRITE, EXPLICITES
from adapters.vocabulaire import Vocabulaire
from contracts.base import Contrat
from contracts.partner import Famille
from contracts.v1 import CONTRATS
from contracts.v1.demande import DemandeActualisee, DemandeRecue

FORMATS_DATES = {"aaaa-mm-jj": "%Y-%m-%d", "jj/mm/aaaa": "%d/%m/%Y"}
EVENEMENTS: Mapping[str, type[Contrat]] = by_short_name(*CONTRATS.values())
"""All message types, by the short names that column profiles use for events."""

ETAT, DATE, DEPARTEMENT, STRUCTURE = "etat", "date", "departement", "structure"
PSEUDO_CHAMPS = frozenset({ETAT, DATE, DEPARTEMENT, STRUCTURE})
"""What a column of a profile may mean besides a field of the contract: the state, a date, the département of
a commune (if it has a column of its own), or the sender's structure."""

Constante = str | int | bool


class _Partie(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Mot(_Partie):
    """Meaning of a word in the state column: an event, and values that the word implies."""

    evenement: str
    constantes: Mapping[str, Constante] = {}

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, written: Any) -> Any:
        """Translate the short forms in which a column profile may write the meaning of a word: `"Libre" =
        "place.vacante"`, or `"Refus" = { evenement = "proposition.refusee", silence = false }`."""
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
    """Kind of table that a partner sends, recognised by its header."""

    titre: str = ""
    """Name of the table in messages to the sender. If empty, the table's name in the profile is used."""
    feuille: str | None = None
    """Name of the sheet with this table; None for any sheet."""
    colonnes: Mapping[str, str]
    """Field of the contract for each column of the table, or one of `PSEUDO_CHAMPS`. A nested field has a
    path (`menage.personnes.0.nom`)."""
    synonymes: Mapping[str, str] = {}
    """Synonyms of column names. Each maps to the column's name in `colonnes`."""
    obligatoires: Annotated[tuple[str, ...], Field(min_length=1)]
    """Columns that a header must name to be recognised as a header of this table."""
    etats: Mapping[str, Mot] = {}
    """Event that each word of the `etat` (state) column means."""
    evenement: str | None = None
    """Event of every row, in a file without an `etat` (state) column."""
    a_defaut: Mapping[str, str] = {}
    """For each field: the name of another column, which is read if the field's own column is absent or empty.
    In an update of a known demand, the other column is never read, because the hub may know another value."""
    a_remplir: bool = False
    """Whether the hub sends this table to the partner to be filled in. Rows that come back without an answer
    are only counted."""
    dates: Mapping[str, str] = {}
    """Meaning of the `date` column: the contract's field that it fills. The key is the name of the event that
    the row reports."""
    valeurs: Mapping[str, Mapping[str, str]] = {}
    """Code for each word of the partner's software, by field and word. For a field that is not listed, cells
    hold the contract's own values."""
    constantes: Mapping[str, Constante] = {}
    """Fixed values of fields without a column."""
    restes: Mapping[str, Annotated[tuple[str, ...], Field(min_length=2)]] = {}
    """How to compute fields that have no column of their own from a total. For each such field: the field of
    the total, then the fields of all other parts of the total. The missing part is the total minus the other
    parts. A negative result is refused."""
    lecteurs: Mapping[str, Literal[tuple(EXPLICITES)]] = {}  # type: ignore[valid-type]
    """Names of the cell readers (functions that read a cell) that the profile chooses itself, by field. It
    chooses one for a field whose type does not decide how cells are read."""

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        if not set(self.obligatoires) <= set(self.colonnes):
            raise ValueError("une colonne obligatoire n'est pas dans « colonnes »")
        if not {*self.synonymes.values(), *self.a_defaut.values()} <= set(self.colonnes):
            raise ValueError(
                "un synonyme ne mène pas à un nom de « colonnes », ou « a_defaut » n'en nomme pas un"
            )
        if self.evenement is None and not self.etats:
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
        """Return the vocabulary by which the columns of a file are recognised. A column's name in `colonnes`
        and its synonyms all stand for this name."""
        return Vocabulaire({**{name: name for name in self.colonnes}, **self.synonymes})

    @cached_property
    def mots_etat(self) -> Vocabulaire:
        """Return the vocabulary of the `etat` (state) column, without regard to case, accents or punctuation."""
        return Vocabulaire({word: word for word in self.etats})

    @cached_property
    def mots_valeurs(self) -> Mapping[str, Vocabulaire]:
        """Return the words that a partner may write in a column, each with its meaning. The key is the
        field's path. Fields for which the profile defines no words are left out."""
        return {path: Vocabulaire(words) for path, words in self.valeurs.items()}

    def lecteur_de(self, path: str) -> str | None:
        """Return the name of the cell reader for a field; None if the field's type decides. Unless the profile
        names a reader, the commune in a table without structures counts as written by people."""
        by_hand = path == COMMUNE and STRUCTURE not in self.colonnes.values()
        return self.lecteurs.get(path) or (COMMUNE_ECRITE if by_hand else None)

    @property
    def seul(self) -> Mapping[str, Mot]:
        """Return the meaning of all rows of a file without a state column: they all report the same event.
        The only key is "". Return an empty mapping if this table must have a state column, in which each row
        says its event."""
        return {} if self.evenement is None else {"": Mot(evenement=self.evenement)}

    @property
    def mots(self) -> Mapping[str, Mot]:
        """Return what each word of the state column means: an event, and values that the word implies. A table
        without a state column has one meaning, under ""."""
        return self.etats or self.seul

    @property
    def numero(self) -> str | None:
        """Return the name of the column with the number of each row's subject (such as a place or referral).
        Return None if the table has no such column. Return None too if the table must have a state column,
        because the state then says what each row is about."""
        sujet = EVENEMENTS[self.evenement].SUJET if self.evenement else None
        return next((nom for nom, cible in self.colonnes.items() if cible == sujet), None)

    @property
    def contrats(self) -> Mapping[str, type[Contrat]]:
        """Return the message type of each event that the table's rows may become, by the event's name in
        column profiles."""
        return {mot.evenement: EVENEMENTS[mot.evenement] for mot in self.mots.values()}


class Sortie(_Partie):
    """File that a partner gets from the hub: its columns in order, each with the path of the
    contract's field that fills it."""

    format: Literal["csv", "xlsx"] = "csv"
    fichier: Annotated[str, Field(pattern=r"^[a-z][a-z-]{0,30}$")]
    """First word in the name of a file that the hub writes for the partner, and name of the file's sheet."""
    colonnes: Mapping[str, str]
    evenements: Mapping[str, str]
    """Word of the partner's software for each event in the file."""
    valeurs: Mapping[str, Mapping[str, str]] = {}
    """Word of the partner's software for each code, by the path of the contract's field, then by code."""

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
    """Name of the dialect to which the profile belongs. Partners' registry entries give this name."""
    defaut: bool = False
    """Whether the profile is used for a registry entry that names the dialect, but no profile."""
    familles: Annotated[tuple[Famille, ...], Field(min_length=1)]
    reel: bool = False
    """Whether the profile was made from real files; else its format is assumed («profil supposé»)."""
    formats: tuple[Literal["csv", "xlsx", "ods"], ...] = ("csv",)
    """Formats that are read with this profile."""
    separateur: Annotated[str, Field(pattern=r"^([^\w\s\"]|\t)$")] = ";"
    encodage_lu: Literal["utf-16", "cp850", "iso-8859-15", "mac_roman"] | None = None
    """Encoding of the partner's CSV files. It is needed only for files that are neither UTF-8 nor CP1252:
    these two are told apart line by line."""
    lignes_avant_entete: Annotated[int, Field(ge=0, le=50)] = 0
    """Largest number of rows above a table's header: titles, dates, logos."""
    date: Literal["aaaa-mm-jj", "jj/mm/aaaa"] = "aaaa-mm-jj"
    """Form of dates in files to the partner. In files from the partner, both forms are read."""
    encodage: Literal["utf-8", "utf-8-sig", "cp1252"] = "utf-8-sig"
    """Encoding of CSV files to the partner."""
    tables: Mapping[str, Tableau] = {}
    sortie: Sortie | None = None

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        if not self.tables and self.sortie is None:
            raise ValueError("un profil lit des « tables », écrit une « sortie », ou les deux")
        return self

    @property
    def format_date(self) -> str:
        """Return the form of dates in files to the partner, for `strftime`."""
        return FORMATS_DATES[self.date]

    def titre(self, table: str) -> str:
        """Return the name by which messages to the sender call a table of the profile."""
        return self.tables[table].titre or table


HOUSEHOLD = "menage.id"


class Actualisation(NamedTuple):
    """Advice in French for a sender whose demand already exists: write the word `mot` into the column
    `colonne` to send an update, and name the household in the column `menage`."""

    colonne: str
    mot: str
    menage: str

    def __str__(self) -> str:
        return (
            "cette demande existe déjà, et un autre ménage prend un autre numéro. Si c'est le même, mettez "
            f"« {self.mot} » dans « {self.colonne} », et donnez « {self.menage} » "
            "(s'il n'en avait pas, c'est le numéro de la demande)"
        )


def update_of(page: Profil, contrat: Contrat) -> Actualisation | None:
    """Return how to send an update instead of a new demand (`contrat`) in tables of this profile. Return None
    for another message type, or if no word of the profile means an update."""
    for tableau in page.tables.values() if isinstance(contrat, DemandeRecue) else ():
        words = [word for word, mot in tableau.etats.items() if mot.evenement == DemandeActualisee.NOM]
        if type(contrat) in tableau.contrats.values() and words:
            columns = {cible: nom for nom, cible in tableau.colonnes.items()}
            return Actualisation(columns[ETAT], words[0], columns[HOUSEHOLD])
    return None


def _known_event(name: str) -> str:
    if name not in EVENEMENTS:
        raise ValueError(f"événement inconnu « {name} »")
    return name
