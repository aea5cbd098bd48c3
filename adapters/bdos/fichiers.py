"""Dialect of the national base of social observation (BDOS) in sets of files: six data files and an end
marker.

Encodes, as lines of these files, the steps of households' pathways, and the daily figures of groups of
places. Decodes nothing, because the BDOS sends its published figures as JSON.

File names, columns, separator and codes are those of the real files of 2011; the hub assumes that they are
unchanged. A value above privacy class C1 is never written: its column is empty or left out. An age band
replaces the birth date.
"""

import string
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from adapters.declaration import JEU, MEDIA_TYPES, Declaration
from adapters.encodage import encodable
from adapters.evenements import by_short_name, carried
from contracts.base import Contrat
from contracts.envelope import Event
from contracts.errors import InvalidNative, Unroutable
from contracts.partner import Famille, Partner
from contracts.ports import Decoded, Native, View
from contracts.reference.codes import Dispositif, libelle
from contracts.reference.identifiants import OUTRE_MER_DES_MINISTERES
from contracts.reference.territoires import departement_of, departements, regions
from contracts.v1.observation import Etape, ObservationEnregistrement
from contracts.v1.occupation import OccupationReleve

SEPARATOR, END, ENCODING = "~", "\r", "iso-8859-1"
FILE, MARKER = "VPAXT", "CPAXT"
SITE = "HUB"
"""Beginning of every key that the hub writes into these files."""
KEY_DIGITS = string.digits + string.ascii_uppercase
KEY_LENGTH = 10
MAX_LINES = 10_000

COLLECTIVITES = {
    "975": "9E",
    "977": "9G",
    "978": "9H",
    "984": "9T",
    "986": "9W",
    "987": "9P",
    "988": "9N",
    "989": "9L",
}
"""Two-character codes, by INSEE code, of the overseas territories to which the ministries give no code. The
hub has chosen these codes."""
DEPARTEMENTS = COLLECTIVITES | {insee: ministere for ministere, insee in OUTRE_MER_DES_MINISTERES.items()}
"""Two-character codes of overseas départements and territories, by INSEE code."""
TYPES_DE_PLACE: Mapping[Dispositif | None, str] = {
    Dispositif.URGENCE: "Urgence",
    Dispositif.STABILISATION: "Stabilisation",
    Dispositif.INSERTION: "Insertion",
    Dispositif.LOGEMENT_ACCOMPAGNE: "Logement",
    Dispositif.LOGEMENT: "Logement",
    None: "",
}
REPONSES = frozenset({Etape.ACCEPTATION, Etape.REFUS_STRUCTURE, Etape.REFUS_PERSONNE})
ENTREES = frozenset({Etape.ENTREE, Etape.RELOGEMENT})

Cellule = str | int | bool | date | None


class Jeu(NamedTuple):
    """Département and territory to which all data in one set of files belong."""

    departement: str
    """INSEE code of the département."""
    territoire: str
    """Territory to which the data belong, as in the recipient's registry entry."""

    @property
    def dept(self) -> str:
        """Return the two-character code of the département. It is the INSEE code or, for an overseas
        département, the ministries' own code (`9D` for 974). If the ministries have none, it is the code that
        the hub has chosen."""
        return DEPARTEMENTS.get(self.departement, self.departement)

    @property
    def siao(self) -> str:
        """Return the code that stands for the département's SIAO in the files of this set."""
        return f"{SITE}{self.dept}115"

    def key(self, ident: UUID | None) -> str:
        """Return the key that stands for the id `ident` in the files of this set: 15 characters, always the
        same for the same id. Return "" for None."""
        return "" if ident is None else f"{SITE}{self.dept}{_in_digits(ident.int)}"


Colonne = Callable[[Any, Jeu], Cellule]


@dataclass(frozen=True, slots=True)
class Fichier:
    """Kind of data file in a set: its code and its columns. `holds` tells whether an event becomes a line of
    such a file."""

    code: str
    holds: Callable[[Contrat], bool]
    colonnes: Mapping[str, Colonne]


def _field(name: str) -> Colonne:
    return lambda data, jeu: getattr(data, name)


def _key(name: str) -> Colonne:
    return lambda data, jeu: jeu.key(getattr(data, name))


def _day(*etapes: Etape) -> Colonne:
    return lambda data, jeu: data.le if data.etape in etapes else None


def _answered(etape: Etape) -> Colonne:
    return lambda data, jeu: data.etape is etape if data.etape in REPONSES else None


def _places(name: str, *dispositifs: Dispositif) -> Colonne:
    return lambda data, jeu: getattr(data, name) if data.dispositif in dispositifs else 0


def _code_siao(data: object, jeu: Jeu) -> str:
    return jeu.siao


def _type_de_place(data: Any, jeu: Jeu) -> str:
    return TYPES_DE_PLACE[data.dispositif]


def _unknown(data: object, jeu: Jeu) -> None:
    """Return None, which leaves the cell empty: the hub does not know the value of this column."""


_D = Dispositif
_LOGEMENT = (_D.LOGEMENT, _D.LOGEMENT_ACCOMPAGNE)
SIA: Mapping[str, Colonne] = {
    "CODE_SIAO": _code_siao,
    "DATE_CREATION": _unknown,
    "DATE_MODIFICATION": _unknown,
    "NOM_SIAO": lambda _, jeu: f"SIAO {departements()[jeu.departement].nom}",
    "CODE_POSTAL": _unknown,
    "CODE_INSEE": _unknown,
    "VILLE": _unknown,
    "CODE_TERRITOIRE": lambda _, jeu: jeu.territoire,
    "LIBELLE_TERRITOIRE": _unknown,
    "CODE_DEPARTEMENT": lambda _, jeu: jeu.departement,
    "LIBELLE_DEPARTEMENT": lambda _, jeu: departements()[jeu.departement].nom,
    "CODE_REGION": lambda _, jeu: departements()[jeu.departement].region,
    "LIBELLE_REGION": lambda _, jeu: regions()[departements()[jeu.departement].region].nom,
}
FICHIERS: Sequence[Fichier] = (
    Fichier(
        "DMR",
        lambda data: isinstance(data, ObservationEnregistrement) and data.composition is not None,
        {
            "CODE_DEMANDEUR": _key("pseudonyme"),
            "CODE_SIAO": _code_siao,
            "DATE_CREATION": _day(Etape.DEMANDE),
            "DATE_MODIFICATION": _field("le"),
            "TRANCHE_AGE": _field("tranche_age"),
            "SEXE": _unknown,
            "TYPE_DE_MENAGE": lambda data, _: libelle("compositions", data.composition),
        },
    ),
    Fichier(
        "DME",
        lambda data: isinstance(data, ObservationEnregistrement) and data.etape is Etape.DEMANDE,
        {
            "CODE_DEMANDE": _key("code_demande"),
            "CODE_DEMANDEUR": _key("pseudonyme"),
            "CODE_GROUPE": _key("pseudonyme"),
            "CODE_SIAO": _code_siao,
            "DATE_CREATION_DEMANDE": _field("le"),
            "DATE_MODIFICATION_DEMANDE": _unknown,
            "DATE_TRANSMISSION_DEMANDE": _field("le"),
            "TYPE_DE_DEMANDE": lambda data, _: "Urgence" if data.dispositif is _D.URGENCE else "Insertion",
            "FLAG_ADMISSION_DIRECTE": _field("admission_directe"),
            "TYPE_DE_PLACE_PRECONISEE": _type_de_place,
            "FLAG_SOUHAIT": _unknown,
        },
    ),
    Fichier(
        "ORI",
        lambda data: (
            isinstance(data, ObservationEnregistrement) and data.etape in (Etape.ORIENTATION, *REPONSES)
        ),
        {
            "CODE_ORIENTATION": _key("code_orientation"),
            "CODE_DEMANDE": _key("code_demande"),
            "CODE_DEMANDEUR": _key("pseudonyme"),
            "CODE_SIAO": _code_siao,
            "DATE_ORIENTATION": _day(Etape.ORIENTATION),
            "DATE_REPONSE_STRUCTURE": _day(*REPONSES),
            "FLAG_DEMANDE_ACCEPTEE": _answered(Etape.ACCEPTATION),
            "FLAG_ORIENTATION_CORRESPOND": _unknown,
            "FLAG_REFERENT_ORIENTATION": _unknown,
            "FLAG_REFUS_PAR_STRUCTURE": _answered(Etape.REFUS_STRUCTURE),
            "FLAG_REFUS_PAR_DEMANDEUR": _answered(Etape.REFUS_PERSONNE),
            "TYPE_DE_PLACE": _type_de_place,
            "FLAG_ADMISSION_DIRECTE": _field("admission_directe"),
        },
    ),
    Fichier(
        "PRC",
        lambda data: isinstance(data, ObservationEnregistrement) and data.etape in (Etape.SORTIE, *ENTREES),
        {
            "CODE_PARCOURS": lambda data, jeu: jeu.key(data.code_orientation or data.observation),
            "CODE_DEMANDE": _key("code_demande"),
            "CODE_DEMANDEUR": _key("pseudonyme"),
            "CODE_ORIENTATION": _key("code_orientation"),
            "CODE_SIAO": _code_siao,
            "DATE_ENTREE": _day(*ENTREES),
            "DATE_SORTIE": _day(Etape.SORTIE),
            "TYPE_DE_PLACE": _type_de_place,
            "FLAG_ADMISSION_DIRECTE": _field("admission_directe"),
        },
    ),
    Fichier(
        "OFF",
        lambda data: isinstance(data, OccupationReleve) and data.structure is not None,
        {
            "CLE": _key("groupe"),
            "CODE_STRUCTURE": _field("structure"),
            "NOM_STRUCTURE": _unknown,
            "CODE_SIAO": _code_siao,
            "DATE_CREATION_STRUCTURE": _unknown,
            "NB_PLACE_DISPO_URGENCE": _places("vacantes", _D.URGENCE),
            "NB_PLACE_DISPO_INSERTION": _places("vacantes", _D.INSERTION),
            "NB_PLACE_DISPO_STABILISATION": _places("vacantes", _D.STABILISATION),
            "NB_PLACE_DISPO_LOGEMENT": _places("vacantes", *_LOGEMENT),
            "NB_PLACE_OCCUPEES_URGENCE": _places("occupees", _D.URGENCE),
            "NB_PLACE_ OCCUPEES_INSERTION": _places("occupees", _D.INSERTION),
            "NB_PLACE_ OCCUPEES_STABILISATION": _places("occupees", _D.STABILISATION),
            "NB_PLACE_ OCCUPEES_LOGEMENT": _places("occupees", *_LOGEMENT),
        },
    ),
)
"""Data files whose lines are made from events. The sixth data file, SIA, has one line about the SIAO. Some
column names contain a space, as the BDOS writes them."""

SORTANTS = by_short_name(ObservationEnregistrement, OccupationReleve)
DECLARATION = Declaration(
    nom="bdos_fichiers",
    familles=(Famille.BDOS,),
    lit=(),
    ecrit=tuple(SORTANTS.values()),
    formats_lus=(),
    formats_ecrits=(JEU,),
    lit_plusieurs=False,
    ecrit_au_plus=MAX_LINES,
)


def decode(native: Native, partner: Partner) -> Decoded:
    """Raise InvalidNative, because the hub only writes this dialect."""
    raise InvalidNative("le hub écrit ces fichiers et ne les lit pas : envoyez vos chiffres en bdos_json")


def encode(events: Sequence[Event], view: View) -> Native:
    """Write events as one set of seven files. Raises ValueError for no event, or for more than 10,000
    (`MAX_LINES`). Raises Unroutable in three cases:

    * the dialect does not write a message type;
    * the recipient's territory does not begin with a département;
    * the events, or the recipient's territories, belong to several départements.
    """
    if not 0 < len(events) <= MAX_LINES:
        raise ValueError(f"from 1 to {MAX_LINES} events make a file")
    for event in events:
        carried(event, SORTANTS)
    departement = departement_of(view.partner.territoire)
    if departement is None:
        raise Unroutable(
            "le territoire de l'entrée ne commence pas par un département : corrigez-le au registre"
        )
    jeu, payloads = Jeu(departement, view.partner.territoire), [event.contrat for event in events]
    if {departement} != set(_departements(view.partner, payloads)):
        raise Unroutable("un jeu est d'un seul département : donnez à chacun son entrée au registre")
    file = partial(_file, jeu, _when(events, view))
    files = [file(f"{FILE}SIA", _lines(SIA, [None], jeu))]
    for one in FICHIERS:
        rows = [data for data in payloads if one.holds(data)]
        files.append(file(FILE + one.code, _lines(one.colonnes, rows, jeu)))
    return file(MARKER, [""], avant=tuple(files))


def _departements(partner: Partner, payloads: Iterable[Contrat]) -> Iterator[str | None]:
    yield from map(departement_of, partner.territoires)
    yield from (data.departement for data in payloads if isinstance(data, ObservationEnregistrement))


def _when(events: Sequence[Event], view: View) -> str:
    newest = max(event.attributes.time for event in events)
    return f"{newest:%Y%m%d}_{view.lot or events[0].attributes.id}"


def _file(jeu: Jeu, when: str, name: str, lines: Iterable[str], avant: tuple[Native, ...] = ()) -> Native:
    body = "".join(f"{line}{END}" for line in lines).encode(ENCODING)
    return Native(body, f"{MEDIA_TYPES[JEU]}; charset={ENCODING}", f"{name}{jeu.dept}{when}", avant=avant)


def _lines(colonnes: Mapping[str, Colonne], rows: Iterable[object], jeu: Jeu) -> Iterator[str]:
    yield SEPARATOR.join(colonnes)
    for row in rows:
        yield SEPARATOR.join(_cell(colonne(row, jeu)) for colonne in colonnes.values())


def _cell(value: Cellule) -> str:
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, date):
        return f"{value:%Y-%m-%d} 00:00:00"
    text = "" if value is None else str(value)
    return encodable(text.translate(_NO_SEPARATOR), ENCODING)


_NO_SEPARATOR = str.maketrans(dict.fromkeys(f"{SEPARATOR}{END}\n", " "))


def _in_digits(number: int) -> str:
    """Return the id `number` in base 36, cut to its last ten digits. In practice, ten digits are enough to
    tell the ids of one territory apart."""
    digits = []
    for _ in range(KEY_LENGTH):
        number, rest = divmod(number, len(KEY_DIGITS))
        digits.append(KEY_DIGITS[rest])
    return "".join(reversed(digits))
