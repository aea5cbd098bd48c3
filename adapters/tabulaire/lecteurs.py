"""Choose the reader of a column: the function that reads its cells. The column profile may name one;
otherwise, the contract's field that the column fills decides."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from typing import NamedTuple
from uuid import UUID

from adapters import valeurs
from adapters.encodage import clean
from adapters.rejets import Illisible, listed, unknown_code
from adapters.sejours import CITING, OPENING
from adapters.tabulaire.champs import Champ, champ, element, nature
from adapters.tabulaire.communes import commune_by_hand, commune_near
from adapters.tabulaire.moments import moment_near
from adapters.valeurs import Lire
from adapters.vocabulaire import Vocabulaire
from contracts.base import Contrat, Nature
from contracts.reference.regle import Regle
from contracts.v1.aide_sociale import AideSocialeDemandee, AideSocialeRecue, AideSocialeRepondue
from contracts.v1.attribution import CandidaturePresentee, CandidatureSurListe
from contracts.v1.daho import DahoDesigne
from contracts.v1.demande import DemandeRecue
from contracts.v1.examen import ExamenInscrit
from contracts.v1.orientation import OrientationProposee
from contracts.v1.pret_logement import ListeRepondue
from contracts.v1.suivi import SuiviDemande

REMEMBERED_CELLS = 1000
REMEMBERED_CHARACTERS = 64
"""Limit on the characters of a cell whose reading is cached."""

SUGGESTIONS = 1_000
"""Limit on the suggestions for misspelt words in one column, because each of them takes time."""
LEUR_ID, NOTRE_ID, TEXTE, CODE, COMMUNE, MOMENT = "leur_id", "notre_id", "texte", "code", "commune", "moment"
LEUR_OU_NOTRE_ID, OUVERT = "leur_ou_notre_id", "ouvert"
"""Names of two readers of the number that the sender gives a subject. `leur_ou_notre_id` reads the hub's id
too. In a column whose number creates a subject, `ouvert` takes its place, and refuses a UUID."""
TELEPHONE, NAISSANCE, COMMUNE_ECRITE = "telephone", "naissance", "commune_ecrite"
NUMERO, FICHE, SEJOUR, SEJOUR_OUVERT = "numero", "fiche", "sejour", "sejour_ouvert"
"""Names of readers of ids and numbers: `numero` for a candidacy, `fiche` for a household on the list of
households ready for housing, `sejour` for a stay, `sejour_ouvert` for a new stay. The last reads only the
sender's number; the others read the hub's id too."""
ALL_DIFFERENT = frozenset(
    {*(LEUR_ID, NOTRE_ID, LEUR_OU_NOTRE_ID, OUVERT), NUMERO, FICHE, SEJOUR, SEJOUR_OUVERT, TEXTE, TELEPHONE}
)
"""Names of readers without a cache, because the cells of their columns all differ."""

LIRE: Mapping[str, Lire] = {
    TEXTE: valeurs.text,
    TELEPHONE: valeurs.telephone,
    CODE: valeurs.code,
    NOTRE_ID: valeurs.our_id,
    NUMERO: valeurs.candidacy,
    FICHE: valeurs.listed_household,
    SEJOUR: valeurs.stay,
    SEJOUR_OUVERT: valeurs.own_stay,
    "entier": valeurs.whole_number,
    "euros": valeurs.rounded_euros,
    "oui_non": valeurs.tri_state,
    "jour": valeurs.day,
    NAISSANCE: valeurs.birth,
    "jour_ou_mois": valeurs.day_or_month,
    MOMENT: valeurs.moment,
    "etablissement": valeurs.etablissement,
    COMMUNE: valeurs.commune,
    "departement": valeurs.departement,
}
OF_PEOPLE: Mapping[str, str] = {"telephone": TELEPHONE, "date_naissance": NAISSANCE}
"""Name of the reader for a field that people type in many ways, by the name of the field."""
NEAR: Mapping[str, Callable[[Sequence[str]], Lire]] = {
    COMMUNE: commune_near,
    COMMUNE_ECRITE: commune_by_hand,
    MOMENT: moment_near,
}
"""Functions that make readers for a sender's territories, by the reader's name."""
BY_NATURE: Mapping[str, Callable[[Nature], Lire]] = {
    LEUR_ID: valeurs.their_id,
    LEUR_OU_NOTRE_ID: valeurs.cited,
    OUVERT: valeurs.opened,
}
"""Functions that make readers of ids for a kind of subject, by the reader's name."""
EXPLICITES = (*LIRE, *BY_NATURE)
"""Names of the readers that a column profile can choose."""

_BY_RULE = {
    "siret": "etablissement",
    "finess": "etablissement",
    "etablissement": "etablissement",
    "code_commune": COMMUNE,
    "code_departement": "departement",
}
_BY_TYPE = {int: "entier", bool: "oui_non", date: "jour", datetime: MOMENT}
_THEIRS = frozenset(
    {
        *(Nature.PLACE, Nature.GROUPE_PLACES, Nature.MENAGE, Nature.DEMANDE, Nature.SIGNALEMENT),
        *(Nature.LISTE, Nature.AIDE_SOCIALE, Nature.DAHO, Nature.EXAMEN),
    }
)
"""Kinds of subject to which partners give their own ids."""
_ANSWERS = (AideSocialeRecue, AideSocialeRepondue)
"""Messages by which the State answers a request for aide sociale. They cite the request by the hub's id."""

OPENED_ONCE = (
    *(DemandeRecue, OrientationProposee, CandidaturePresentee, CandidatureSurListe, DahoDesigne),
    *(AideSocialeDemandee, SuiviDemande, ExamenInscrit),
)
"""Messages that create a subject under a number of the sender. A second message with the same number is a
repetition."""


class Lecteur(NamedTuple):
    """Reader of a column's cells. Two readers of one column with the same key (`cle`) read every cell alike:
    one can replace the other."""

    cle: str
    lire: Lire


def lecteur(
    contrat: type[Contrat],
    chemin: str,
    explicite: str | None,
    mots: Vocabulaire | None,
    territoires: Sequence[str],
) -> Lecteur:
    """Return the reader for the column that fills the field at `chemin`. `mots`: the profile's words for the
    field, which prevail; `explicite`: the name of the reader that the profile chooses. If both are None, the
    field's name and type decide. `territoires`: the sender's territories, which tell communes with the same
    name apart and give the time zone."""
    found = champ(contrat, chemin)
    assert found is not None, chemin
    single = element(found)
    if mots is not None:
        cle, read = "mots", worded(mots, "code_inconnu")
    else:
        cle = explicite or OF_PEOPLE.get(chemin.rpartition(".")[2]) or kind(single or found, contrat, chemin)
        if cle == LEUR_OU_NOTRE_ID and contrat in OPENED_ONCE and chemin == contrat.SUJET:
            cle = OUVERT
        read = _read(cle, contrat, chemin, territoires)
    if single is not None:
        return Lecteur(f"liste de {cle}", remembered(valeurs.several(read)))
    return Lecteur(cle, read if cle in ALL_DIFFERENT or mots is not None else remembered(read))


def _read(cle: str, contrat: type[Contrat], chemin: str, territoires: Sequence[str]) -> Lire:
    if cle in BY_NATURE:
        return BY_NATURE[cle](nature(contrat, chemin))
    near = NEAR.get(cle)
    return LIRE[cle] if near is None else near(territoires)


def kind(found: Champ, contrat: type[Contrat], chemin: str) -> str:
    """Return the name of the reader for a field, such as `jour` or `texte`. The field's type and its path in
    the contract (`chemin`) decide."""
    if contrat is ListeRepondue and chemin == contrat.SUJET:
        return FICHE
    if found.type is UUID:
        named = nature(contrat, chemin)
        if named is Nature.ORIENTATION and contrat in (OPENING, *CITING):
            return SEJOUR_OUVERT if contrat is OPENING else SEJOUR
        if named is Nature.CANDIDATURE:
            return NUMERO
        return LEUR_ID if named in _THEIRS and contrat not in _ANSWERS else NOTRE_ID
    if found.type in _BY_TYPE:
        return _BY_TYPE[found.type]
    rule = next((marker.code for marker in found.marqueurs if isinstance(marker, Regle)), None)
    is_code = rule is not None or (isinstance(found.type, type) and issubclass(found.type, Enum))
    return _BY_RULE.get(rule or "", CODE if is_code else TEXTE)


def remembered(read: Lire) -> Lire:
    """Return a reader that calls `read`, and caches the values of short cells."""
    seen: dict[str, object] = {}

    def recall(cell: str) -> object:
        if cell in seen:
            return seen[cell]
        value = read(cell)
        if len(cell) <= REMEMBERED_CHARACTERS and len(seen) < REMEMBERED_CELLS:
            seen[cell] = value
        return value

    return recall


def worded(words: Vocabulaire, code: str) -> Lire:
    """Return a reader that reads a cell as one of `words`, the words that the column profile allows in the
    column, and gives the word's meaning. For an unknown word, the reader raises Illisible with the rejection
    code `code`. The first 1,000 of these errors propose the nearest known word; later ones do not, because
    the search takes time. For an empty cell, the reader raises Illisible with the code of a missing field."""
    allowed = listed(list(words.principaux))
    left = SUGGESTIONS

    def suggested(cell: str) -> str | None:
        nonlocal left
        left -= 1
        return words.nearest(cell) if left >= 0 else None

    def read(cell: str) -> str:
        found = words.meaning(cell)
        if found is not None:
            return found
        if not cell.strip():
            raise Illisible(
                "champ_absent", f"champ obligatoire absent : écrivez l'une de ces valeurs : {allowed}"
            )
        clean(cell)
        raise Illisible(code, unknown_code(allowed, suggested(cell), "mot inconnu"))

    return read
