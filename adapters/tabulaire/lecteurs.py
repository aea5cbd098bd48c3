"""How a cell is read: what the contract's field says, unless the profile says otherwise."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from typing import NamedTuple
from uuid import UUID

from adapters import valeurs
from adapters.encodage import clean
from adapters.rejets import Illisible, listed, unknown_code
from adapters.tabulaire.champs import Champ, champ, element, nature
from adapters.valeurs import Lire
from adapters.vocabulaire import Vocabulaire
from contracts.base import Contrat, Nature
from contracts.reference.regle import Regle

REMEMBERED_CELLS = 1000
REMEMBERED_CHARACTERS = 64
"""A longer cell is not remembered: 1,000 cells of 128 KiB would be 128 MiB a column."""

SUGGESTIONS = 1_000
"""Of a column: to look for the nearest word of each of a million would take minutes."""
LEUR_ID, NOTRE_ID, TEXTE, CODE = "leur_id", "notre_id", "texte", "code"
ALL_DIFFERENT = frozenset({LEUR_ID, NOTRE_ID, TEXTE})
"""Cells that say something else in every row are not worth remembering."""

LIRE: Mapping[str, Lire] = {
    TEXTE: valeurs.text,
    CODE: valeurs.code,
    NOTRE_ID: valeurs.our_id,
    "entier": valeurs.whole_number,
    "euros": valeurs.rounded_euros,
    "oui_non": valeurs.tri_state,
    "jour": valeurs.day,
    "jour_ou_mois": valeurs.day_or_month,
    "moment": valeurs.moment,
    "etablissement": valeurs.etablissement,
    "commune": valeurs.commune,
    "departement": valeurs.departement,
    "centre_dna": valeurs.centre_dna,
}
EXPLICITES = (*LIRE, LEUR_ID)
"""What a profile may name."""

_BY_RULE = {
    "siret": "etablissement",
    "finess": "etablissement",
    "etablissement": "etablissement",
    "code_commune": "commune",
    "code_departement": "departement",
}
_BY_TYPE = {int: "entier", bool: "oui_non", date: "jour", datetime: "moment"}
_THEIRS = frozenset({Nature.PLACE, Nature.GROUPE_PLACES, Nature.MENAGE, Nature.DEMANDE, Nature.SIGNALEMENT})
"""What partners number themselves; referrals and candidacies come from the hub with its own ids."""


class Lecteur(NamedTuple):
    """A reader of cells. Two columns' readers of the same `cle` read alike."""

    cle: str
    lire: Lire


def lecteur(contrat: type[Contrat], chemin: str, explicite: str | None, mots: Vocabulaire | None) -> Lecteur:
    """How the cells of a column are read that feeds a field of a contract."""
    found = champ(contrat, chemin)
    assert found is not None, chemin
    single = element(found)
    if mots is not None:
        cle, read = "mots", worded(mots, "code_inconnu")
    else:
        cle = explicite or kind(single or found, contrat, chemin)
        read = valeurs.their_id(nature(contrat, chemin)) if cle == LEUR_ID else LIRE[cle]
    if single is not None:
        return Lecteur(f"liste de {cle}", remembered(valeurs.several(read)))
    return Lecteur(cle, read if cle in ALL_DIFFERENT or mots is not None else remembered(read))


def kind(found: Champ, contrat: type[Contrat], chemin: str) -> str:
    """How a single value is read that feeds a field, as its type says: a name in `LIRE`, or `LEUR_ID`."""
    if found.type is UUID:
        return LEUR_ID if nature(contrat, chemin) in _THEIRS else NOTRE_ID
    if found.type in _BY_TYPE:
        return _BY_TYPE[found.type]
    rule = next((marker.code for marker in found.marqueurs if isinstance(marker, Regle)), None)
    is_code = rule is not None or (isinstance(found.type, type) and issubclass(found.type, Enum))
    return _BY_RULE.get(rule or "", CODE if is_code else TEXTE)


def remembered(read: Lire) -> Lire:
    """The same reader for a column that says few things again and again."""
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
    """A reader of the package's own words. Suggests one for the first `SUGGESTIONS` that are none."""
    allowed = listed(list(words.mots))
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
        raise Illisible(code, unknown_code(allowed, suggested(cell)))

    return read
