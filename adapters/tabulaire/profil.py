"""Column profiles: the names that one partner's software gives to columns, states and codes. They are written
in TOML (`docs/profils.md`)."""

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
"""Message types by the short names that column profiles use."""

ETAT, DATE, DEPARTEMENT, STRUCTURE = "etat", "date", "departement", "structure"
PSEUDO_CHAMPS = frozenset({ETAT, DATE, DEPARTEMENT, STRUCTURE})
"""Meanings that a column may have, other than a field of the contract."""

Constante = str | int | bool


class _Partie(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Mot(_Partie):
    """Meaning of a word in the state column: the event that the row reports, and values of fields that the
    word implies."""

    evenement: str
    constantes: Mapping[str, Constante] = {}

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, written: Any) -> Any:
        """Return the long form of a word's meaning, with `evenement` and `constantes`. The short form
        `"place.vacante"` gives `evenement` alone. In the short form
        `{ evenement = "proposition.refusee", silence = false }`, the keys other than `evenement` go into
        `constantes`. Any other value is returned unchanged."""
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
    """Name of the table in messages to the sender; if empty, its name in the profile serves."""
    feuille: str | None = None
    """Name of the sheet that holds this table; None if any sheet may hold it."""
    colonnes: Mapping[str, str]
    """Meaning of each column: a field of the contract (`menage.personnes.0.nom`), or one of
    `PSEUDO_CHAMPS`."""
    synonymes: Mapping[str, str] = {}
    """Further names of columns, each with the name that the column has in `colonnes`."""
    obligatoires: Annotated[tuple[str, ...], Field(min_length=1)]
    """Columns that a header of this table must name."""
    etats: Mapping[str, Mot] = {}
    """Meaning of each word of the `etat` (state) column."""
    evenement: str | None = None
    """Event of every row, in a file without a state column."""
    a_defaut: Mapping[str, str] = {}
    """Column that is read if a field's own column is absent or empty, by field. In an update, it is never
    read."""
    a_remplir: bool = False
    """Whether the hub sends this table to be filled in. Rows that come back without an answer are only
    counted."""
    dates: Mapping[str, str] = {}
    """Field that the `date` column fills, by the event that the row reports."""
    valeurs: Mapping[str, Mapping[str, str]] = {}
    """Contract's code for each word of the partner's software, by field. A field that is missing here holds
    the contract's own values."""
    constantes: Mapping[str, Constante] = {}
    restes: Mapping[str, Annotated[tuple[str, ...], Field(min_length=2)]] = {}
    """Fields that have no column because they are the rest of a total. Each is given with the field of the
    total, then the fields of its other parts. A negative rest is refused."""
    lecteurs: Mapping[str, Literal[tuple(EXPLICITES)]] = {}  # type: ignore[valid-type]
    """Name of the reader for each field whose type does not decide it."""

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
        """Return a vocabulary that gives the name of a column in `colonnes`, for this name and for its
        synonyms."""
        return Vocabulaire({**{name: name for name in self.colonnes}, **self.synonymes})

    @cached_property
    def mots_etat(self) -> Vocabulaire:
        """Return a vocabulary that gives, for any spelling of a word of the state column, the word as the
        profile spells it."""
        return Vocabulaire({word: word for word in self.etats})

    @cached_property
    def mots_valeurs(self) -> Mapping[str, Vocabulaire]:
        """Return, by field path, a vocabulary that gives the contract's code for each word that the partner
        writes. Fields for which the profile has no words are left out."""
        return {path: Vocabulaire(words) for path, words in self.valeurs.items()}

    def lecteur_de(self, path: str) -> str | None:
        """Return the name of the reader for the field at `path`:

        * the reader that the profile chooses for this field, if any;
        * for a commune in a table without a structure column, the reader for communes written by hand,
          because people probably type such a table;
        * otherwise None: the field's type decides.
        """
        by_hand = path == COMMUNE and STRUCTURE not in self.colonnes.values()
        return self.lecteurs.get(path) or (COMMUNE_ECRITE if by_hand else None)

    @property
    def seul(self) -> Mapping[str, Mot]:
        """Return what every row reports in a file without a state column. The result is a mapping like
        `etats`, whose only key is "". It is empty if the table requires a state column."""
        return {} if self.evenement is None else {"": Mot(evenement=self.evenement)}

    @property
    def mots(self) -> Mapping[str, Mot]:
        """Return the meaning of each word of the state column. If the table has no state column, return what
        every row reports, under the single key ""."""
        return self.etats or self.seul

    @property
    def numero(self) -> str | None:
        """Return the name of the column with the number of each row's subject. Return None if the table has
        no such column, or if it requires a state column: its rows may then be about several kinds of
        subjects."""
        sujet = EVENEMENTS[self.evenement].SUJET if self.evenement else None
        return next((nom for nom, cible in self.colonnes.items() if cible == sujet), None)

    @property
    def contrats(self) -> Mapping[str, type[Contrat]]:
        """Return the contracts of the events that rows may report, by short name."""
        return {mot.evenement: EVENEMENTS[mot.evenement] for mot in self.mots.values()}


class Sortie(_Partie):
    """Form of the files that a partner gets from the hub. `colonnes`: the columns, in order, each with the
    path of the field that it shows."""

    format: Literal["csv", "xlsx"] = "csv"
    fichier: Annotated[str, Field(pattern=r"^[a-z][a-z-]{0,30}$")]
    """First word of the file's name, and name of its sheet."""
    colonnes: Mapping[str, str]
    evenements: Mapping[str, str]
    """Word by which the partner's software calls each event."""
    valeurs: Mapping[str, Mapping[str, str]] = {}
    """Word by which the partner's software calls each code, by the field's path."""

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
    """Name of the dialect to which the profile belongs. Registry entries name this dialect."""
    defaut: bool = False
    """Whether the profile applies to partners whose registry entry names no profile."""
    familles: Annotated[tuple[Famille, ...], Field(min_length=1)]
    reel: bool = False
    """Whether the profile was made from real files. If not, it is assumed («profil supposé»)."""
    formats: tuple[Literal["csv", "xlsx", "ods"], ...] = ("csv",)
    separateur: Annotated[str, Field(pattern=r"^([^\w\s\"]|\t)$")] = ";"
    encodage_lu: Literal["utf-16", "cp850", "iso-8859-15", "mac_roman"] | None = None
    """Encoding of CSV files from the partner; None if it is UTF-8 or CP1252."""
    lignes_avant_entete: Annotated[int, Field(ge=0, le=50)] = 0
    """Limit on the rows above a table's header: titles, dates, logos."""
    date: Literal["aaaa-mm-jj", "jj/mm/aaaa"] = "aaaa-mm-jj"
    """Form of dates in files to the partner. In files from the partner, both forms are read."""
    encodage: Literal["utf-8", "utf-8-sig", "cp1252"] = "utf-8-sig"
    """Encoding of CSV to the partner."""
    tables: Mapping[str, Tableau] = {}
    sortie: Sortie | None = None

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        if not self.tables and self.sortie is None:
            raise ValueError("un profil lit des « tables », écrit une « sortie », ou les deux")
        return self

    @property
    def format_date(self) -> str:
        """Return the `strftime` format of dates in files to the partner."""
        return FORMATS_DATES[self.date]

    @cached_property
    def ecrit_a_la_main(self) -> bool:
        """Return whether at least one table of the profile has communes written by hand. In such a table, the
        hub refuses a number that is the INSEE code of one commune and the postcode of another."""
        return any(
            COMMUNE in tableau.colonnes.values() and tableau.lecteur_de(COMMUNE) == COMMUNE_ECRITE
            for tableau in self.tables.values()
        )

    def titre(self, table: str) -> str:
        """Return the name of a table for messages to the sender: its title or, without a title, its name in the
        profile."""
        return self.tables[table].titre or table


HOUSEHOLD = "menage.id"


class Actualisation(NamedTuple):
    """French advice to a sender that sent a known demand as a new one: write the word `mot` into the column
    `colonne`, and the sender's number for the household into the column `menage`."""

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
    """Return advice for a sender whose new demand exists already: how to send it as an update. The advice
    cites the column profile's word for updates, and the columns to fill in. `page`: the sender's column
    profile; `contrat`: the sender's message. Return None if the message is no new demand, or the profile has
    no word for updates."""
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
